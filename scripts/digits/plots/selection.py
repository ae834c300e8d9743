"""Accuracy against cost, with the Pareto front and the cell to pick."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from digits.analysis.conclusions import failure_sentence
from digits.analysis.recommendation import pick_sentence
from digits.analysis.selection import cost_measure, front
from digits.core.design import ENSEMBLE, model_label
from digits.core.formatting import listing
from digits.plots.intervals import BARS, known_cells, layer_styles, reach
from digits.plots.labels import place_labels
from digits.plots.style import INK, MUTED, new_figure, say_none, show_percent, use_style

UNITS = ((3600.0, "h"), (60.0, "min"), (1.0, "s"))
TIMES = {"cpu_seconds": "processor time", "training_seconds": "wall time"}
PICKED = {"marker": "o", "markersize": 11, "markerfacecolor": "none", "markeredgecolor": INK}


@use_style()
def cost(cells: pd.DataFrame, comparisons: pd.DataFrame) -> Figure:
    """Draw accuracy with its 95% interval against time and against parameters.

    A line joins the Pareto front; the cell to pick is ringed; the ensemble is a star.

    Parameters
    ----------
    cells : the table of cells
    comparisons : the table of comparisons, for the text
    """
    known = cells[cells["accuracy"].notna()]
    measure = cost_measure(known)
    seconds, unit = unit_of(known[measure])
    known = known.assign(time=known[measure] / seconds, size=known["parameters"] / 1000)
    text = f"{describe_cost(known, comparisons)} {failure_sentence(cells)}".strip()
    figure = new_figure(7.6, max(3.7, 0.2 * len(known)), text)
    styles = layer_styles(cells)
    left, right = figure.subplots(1, 2, sharey=True)
    for axes, column in ((left, "time"), (right, "size")):
        draw_front(axes, known, column)
        draw_models(axes, known, column, styles)
    left.set(xlabel=f"{TIMES[measure]} of a training ({unit})", ylabel="validation accuracy")
    right.set(xlabel="parameters (thousands)")
    left.set_title("Accuracy against time")
    right.set_title("Accuracy against size")
    if len(known):
        add_legend(figure, known, styles)
    figure.draw_without_rendering()  # the positions of labels depend on the layout
    for axes, column in ((left, "time"), (right, "size")):
        points = known[[column, "accuracy"]].to_numpy(dtype=float)
        bars = np.full_like(points, np.nan)
        bars[:, 1] = (known["high"] - known["low"]) / 2
        names = [model_label(model) for model in known["model"]]
        place_labels(axes, points, names, bars, front_line(known, column))
    return figure


def unit_of(seconds: pd.Series) -> tuple[float, str]:
    """Return the unit in which to give times: its length in seconds, and its name."""
    longest = seconds.max()
    return next((s, u) for s, u in UNITS if longest >= 2 * s or s == 1)


def describe_cost(known: pd.DataFrame, comparisons: pd.DataFrame) -> str:
    """Describe the plot of costs for screen readers."""
    if known.empty:
        return "Validation accuracy against cost: no cell has a result"
    best = listing([model_label(model) for model in known[known["pareto"].astype(bool)]["model"]])
    text = (
        f"Validation accuracy of {len(known)} models against the time of a training and against"
        f" parameters. On the Pareto front of accuracy and time: {best}."
    )
    return f"{text} {pick_sentence(known_cells(known), comparisons)}".strip()


def draw_front(axes: Axes, known: pd.DataFrame, column: str) -> None:
    """Join the models on the Pareto front of accuracy and cost."""
    corners = front_line(known, column)
    axes.plot(*corners.T, color=MUTED, linewidth=1, linestyle=(0, (4, 2)))


def front_line(known: pd.DataFrame, column: str) -> np.ndarray:
    """Return cost and accuracy of the models on the Pareto front, of shape (n, 2)."""
    ahead = known[front(known[column], known["accuracy"])].sort_values(column)
    return ahead[[column, "accuracy"]].to_numpy(dtype=float)


def draw_models(
    axes: Axes, known: pd.DataFrame, column: str, styles: dict[int, dict[str, str]]
) -> None:
    """Draw a mark per model with its interval, and a ring around the cell to pick."""
    cells = known_cells(known)
    for level, rows in cells.groupby("layers"):
        bars = BARS | {"markersize": 6, "capsize": 0, "ecolor": "#b9bcc0", "linestyle": "none"}
        axes.errorbar(
            rows[column].astype(float),
            rows["accuracy"],
            yerr=reach(rows, "accuracy"),
            **styles[int(level)],
            **bars,
        )
    together = known[known["model"] == ENSEMBLE]
    axes.plot(
        together[column].astype(float), together["accuracy"], "*", color=INK, markersize=9, zorder=3
    )
    picked = known[known["pick"].astype(bool)]
    axes.plot(picked[column].astype(float), picked["accuracy"], linestyle="none", **PICKED)
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


def add_legend(figure: Figure, known: pd.DataFrame, styles: dict[int, dict[str, str]]) -> None:
    """Add a legend of marks and lines below both panels."""
    layers = sorted({int(level) for level in known_cells(known)["layers"]})
    entries = {
        "1 layer" if level == 1 else f"{level} layers": Line2D(
            [], [], markersize=6, linestyle="none", **styles[level]
        )
        for level in layers
    }
    if (known["model"] == ENSEMBLE).any():
        star = {"marker": "*", "markersize": 9, "linestyle": "none"}
        entries["ensemble of all"] = Line2D([], [], color=INK, **star)
    entries["Pareto front"] = Line2D([], [], color=MUTED, linewidth=1, linestyle=(0, (4, 2)))
    entries["the cell to pick"] = Line2D([], [], linestyle="none", **PICKED)
    figure.legend(entries.values(), entries.keys(), loc="outside lower center", ncols=6)
