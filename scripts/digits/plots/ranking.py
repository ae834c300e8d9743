"""Cells in rank order, a row each, beside the levels of their factors."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from digits.core.design import ENSEMBLE, Cell, Design, factor_label, spell
from digits.plots.intervals import BARS, known_cells, reach
from digits.plots.style import (
    BLUE,
    INK,
    MUTED,
    fix_ticks,
    level_styles,
    new_figure,
    say_none,
    use_style,
)
from digits.plots.summary import LEADING, accuracies, leading, ranked

ROW, HEAD = 0.22, 1.25  # height of a row and of all that is above and below them, in inches
GAP, LETTER = 9, 4.9  # between columns of levels, and of a character of them, in points
SWATCH = "\N{BLACK SQUARE}"
PICKED = {"marker": "o", "markersize": 11, "markerfacecolor": "none", "markeredgecolor": INK}
TOGETHER = {"color": MUTED, "linewidth": 1, "linestyle": (0, (1, 1.5))}


@use_style()
def ranking(cells: pd.DataFrame, design: Design) -> Figure:
    """Draw the accuracy of cells with its 95% interval, the most accurate first.

    At most ``LEADING`` cells are drawn. Beside each are its levels, with their colours.

    Parameters
    ----------
    cells : the table of cells
    """
    known = known_cells(cells)
    order = ranked(accuracies(known, design), design)[:LEADING]
    rows = known.set_index("model").loc[[design.model_name(cell) for cell in order]]
    title = f"Accuracy in rank order{leading(order, len(design.cells))}"
    figure = new_figure(7.6, HEAD + ROW * max(len(order), 3), describe(order, rows, title, design))
    axes = figure.subplots()
    places = list(range(len(order)))
    bars = BARS | {"capsize": 0, "linestyle": "none"}
    axes.errorbar(
        rows["accuracy"], places, xerr=reach(rows, "accuracy"), color=BLUE, marker="o", **bars
    )
    entries = {"with its 95% interval": Line2D([], [], color=BLUE, marker="o", linewidth=0.9)}
    picked = rows["pick"].astype(bool).to_numpy()
    if picked.any():
        at = [place for place in places if picked[place]]
        axes.plot(rows["accuracy"][picked], at, linestyle="none", **PICKED)
        entries["the cell to pick"] = Line2D([], [], linestyle="none", **PICKED)
    ensemble = cells[(cells["model"] == ENSEMBLE) & cells["accuracy"].notna()]
    if len(ensemble):
        axes.axvline(ensemble["accuracy"].iloc[0], **TOGETHER)
        entries["ensemble of all cells"] = Line2D([], [], **TOGETHER)
    label_rows(axes, order, design)
    axes.set(xlabel="validation accuracy")
    axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:g}%")
    if order:
        figure.legend(entries.values(), entries.keys(), loc="outside lower center", ncols=3)
    else:
        say_none(axes)
    figure.suptitle(title, x=0.01, ha="left")
    return figure


def describe(order: Sequence[Cell], rows: pd.DataFrame, title: str, design: Design) -> str:
    """Describe the plot for screen readers."""
    if not order:
        return f"{title}: no cell has a result"
    shares = zip(order, rows["accuracy"], strict=True)
    return f"{title}, in rank order: " + "; ".join(
        f"{design.cell_label(cell)} {share:.2%}" for cell, share in shares
    )


def label_rows(axes: Axes, order: Sequence[Cell], design: Design) -> None:
    """Write the levels of each cell beside its row, a column per factor, from the top down."""
    factors = design.varied or design.cell_columns
    fix_ticks(axes.yaxis, [])
    axes.set_ylim(max(len(order), 1) - 0.4, -0.6)
    axes.xaxis.grid(True)
    axes.spines["left"].set_visible(False)
    for place in range(0, len(order), 2):
        axes.axhspan(place - 0.5, place + 0.5, color="#f6f6f3", linewidth=0, zorder=0)
    offset = GAP
    for factor in reversed(factors):
        column = list(design.factors).index(factor)
        styles = level_styles(design.factors[factor])
        texts = [(spell(cell[column]), styles[cell[column]]["color"]) for cell in order]
        for place, (text, colour) in enumerate(texts):
            beside(axes, SWATCH, place, offset, colour, fontsize=6)
            beside(axes, text, place, offset + LETTER * 1.6, INK)
        head = factor_label(factor).replace(" ", "\n")
        beside(axes, head, -0.6, offset, MUTED, va="bottom", fontsize=7.5)
        longest = max(map(len, [*head.split("\n"), *(text for text, _ in texts)]))
        offset += GAP + LETTER * (1.6 + longest)


def beside(
    axes: Axes, text: str, place: float, offset: float, colour: str, **style: object
) -> Text:
    """Write a text at the left of a row, right-aligned ``offset`` points from the axes."""
    return axes.annotate(
        text,
        (0, place),
        xycoords=("axes fraction", "data"),
        xytext=(-offset, 0),
        textcoords="offset points",
        annotation_clip=False,
        **{"ha": "right", "va": "center", "fontsize": 8, "color": colour} | style,
    )
