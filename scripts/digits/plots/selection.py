"""Accuracy against cost, with the Pareto front and the cell to pick."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from digits.analysis.cell_summaries import LEADING
from digits.analysis.conclusions import failure_sentence
from digits.analysis.phrases import names_of
from digits.analysis.recommendation import pick_sentence
from digits.analysis.selection import best_cell, cost_measure, front
from digits.core.design import ENSEMBLE, Design, Level
from digits.plots.intervals import BARS, PICKED, TOGETHER, known_cells, reach
from digits.plots.labels import place_labels
from digits.plots.style import (
    INK,
    MUTED,
    level_styles,
    new_figure,
    say_none,
    show_percent,
    use_style,
    wrapped,
)

NAMED = 12
"""Of more models, only the best cell, the one to pick and the ensemble are named."""

FAR = 10
"""An ensemble that costs more than this many times any cell is drawn as a line, not as a mark."""

LETTERS = 16  # in a line of a model's name
STAR = {"marker": "*", "markersize": 9, "linestyle": "none", "color": INK}
TIMES = {"cpu_seconds": "processor time", "training_seconds": "wall time"}


Styles = dict[Level, dict[str, str]]


@use_style()
def cost(cells: pd.DataFrame, comparisons: pd.DataFrame, design: Design) -> Figure:
    """Draw accuracy with its 95% interval against time and against parameters.

    The time is that of a training in seconds, the mean over the trainings of a cell. A line joins
    the Pareto front; the cell to pick is ringed; the ensemble is a star. Marks show the levels of
    the first factor that varies.

    Parameters
    ----------
    cells : the table of cells
    comparisons : the table of comparisons, for the text
    """
    known = cells[cells["accuracy"].notna()]
    measure = cost_measure(known)
    known = known.assign(time=known[measure], size=known["parameters"] / 1000)
    apart = far(known)
    drawn = known[~apart]
    text = f"{describe_cost(known, comparisons, design)} {failure_sentence(cells, design)}".strip()
    figure = new_figure(8.4, 4.2, text)
    factor = (design.varied or design.cell_columns)[0]
    styles = level_styles(design.factors[factor])
    left, right = figure.subplots(1, 2, sharey=True)
    for axes, column in ((left, "time"), (right, "size")):
        draw_front(axes, drawn, column)
        draw_models(axes, drawn, column, factor, styles)
        for share in known["accuracy"][apart]:
            axes.axhline(share, **TOGETHER)
    left.set(xlabel=f"{TIMES[measure]} of one training (s)", ylabel="validation accuracy")
    right.set(xlabel="parameters (thousands)")
    left.set_title("Accuracy against time")
    right.set_title("Accuracy against size")
    if len(known):
        add_legend(
            figure, known, {design.level_label(factor, level): styles[level] for level in styles}
        )
    figure.draw_without_rendering()  # the positions of labels depend on the layout
    for axes, column in ((left, "time"), (right, "size")):
        name_models(axes, drawn, column, design)
    return figure


def far(known: pd.DataFrame) -> pd.Series:
    """Return which model is an ensemble whose cost would push all cells together, at most one."""
    cells = known_cells(known)
    together = known["model"] == ENSEMBLE
    return together & (known[["time", "size"]] > FAR * cells[["time", "size"]].max()).any(axis=1)


def describe_cost(known: pd.DataFrame, comparisons: pd.DataFrame, design: Design) -> str:
    """Describe the plot of costs for screen readers."""
    if known.empty:
        return "Validation accuracy against cost: no cell has a result"
    ahead = known[known["pareto"].astype(bool)]["model"]
    text = (
        f"Validation accuracy of {len(known)} models against the time of a training and against"
        f" parameters. On the Pareto front of accuracy and time: {names_of(ahead, design)}."
    )
    return f"{text} {pick_sentence(known_cells(known), comparisons, design)}".strip()


def name_models(axes: Axes, known: pd.DataFrame, column: str, design: Design) -> None:
    """Write the names of the models beside their marks, or of those that matter if many."""
    named = np.ones(len(known), dtype=bool)
    if len(known) > NAMED:
        matter = known["model"].isin([best_cell(known), ENSEMBLE]) | known["pick"].astype(bool)
        named = matter.to_numpy()
    points = known[[column, "accuracy"]].to_numpy(dtype=float)
    bars = np.full_like(points, np.nan)
    bars[:, 1] = (known["high"] - known["low"]) / 2
    names = [wrapped(design.model_label(model), LETTERS) for model in known["model"][named]]
    order = np.concatenate([np.flatnonzero(named), np.flatnonzero(~named)])
    place_labels(axes, points[order], names, bars[order], front_line(known, column))


def draw_front(axes: Axes, known: pd.DataFrame, column: str) -> None:
    """Join the models on the Pareto front of accuracy and cost."""
    corners = front_line(known, column)
    axes.plot(*corners.T, color=MUTED, linewidth=1, linestyle=(0, (4, 2)))


def front_line(known: pd.DataFrame, column: str) -> np.ndarray:
    """Return cost and accuracy of the models on the Pareto front, of shape (n, 2)."""
    ahead = known[front(known[column], known["accuracy"])].sort_values(column)
    return ahead[[column, "accuracy"]].to_numpy(dtype=float)


def draw_models(axes: Axes, known: pd.DataFrame, column: str, factor: str, styles: Styles) -> None:
    """Draw a mark per model, a ring around the cell to pick, and intervals if there are few."""
    cells = known_cells(known)
    bars = BARS | {"markersize": 6, "capsize": 0, "ecolor": "#b9bcc0", "linestyle": "none"}
    for level, style in styles.items():
        rows = cells[cells[factor] == level]
        if len(rows):
            ends = reach(rows, "accuracy") if len(cells) <= LEADING else None
            at = rows[column].astype(float)
            axes.errorbar(at, rows["accuracy"], yerr=ends, **style, **bars)
    together = known[known["model"] == ENSEMBLE]
    at = together[column].astype(float)
    axes.plot(at, together["accuracy"], **STAR, zorder=3)
    picked = known[known["pick"].astype(bool)]
    axes.plot(picked[column].astype(float), picked["accuracy"], **PICKED)
    if known[column].max() > 10 * known[column].min():
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter(NullFormatter())
    axes.margins(0.14)
    axes.xaxis.grid(True)
    show_percent(axes)
    if known.empty:
        say_none(axes)
        axes.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])


def add_legend(figure: Figure, known: pd.DataFrame, levels: dict[str, dict[str, str]]) -> None:
    """Add a legend of marks and lines below both panels."""
    entries = {
        name: Line2D([], [], markersize=6, linestyle="none", **style)
        for name, style in levels.items()
    }
    if (known["model"] == ENSEMBLE).any():
        entries["ensemble of all"] = Line2D([], [], **(TOGETHER if far(known).any() else STAR))
    entries["Pareto front"] = Line2D([], [], color=MUTED, linewidth=1, linestyle=(0, (4, 2)))
    if known["pick"].astype(bool).any():
        entries["the cell to pick"] = Line2D([], [], **PICKED)
    figure.legend(entries.values(), entries.keys(), loc="outside lower center", ncols=6)
