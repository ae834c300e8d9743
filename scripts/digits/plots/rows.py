"""Cells in rows: the levels of their factors, and their accuracy with its interval."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from digits.core.design import Cell, Design, factor_label, spell
from digits.plots.intervals import BARS, PICKED, TOGETHER, reach
from digits.plots.style import BLUE, INK, MUTED, fix_ticks, level_styles

ROW, HEAD = 0.22, 1.25  # height of a row and of all that is above and below them, in inches
GAP, LETTER = 9, 4.9  # between columns of levels, and of a character of them, in points
SWATCH = "\N{BLACK SQUARE}"
STRIPE = "#f6f6f3"


def draw_rows(axes: Axes, count: int) -> None:
    """Prepare an axes for a number of rows, at 0, 1, … from the top down."""
    fix_ticks(axes.yaxis, [])
    axes.set_ylim(max(count, 1) - 0.4, -0.6)
    axes.xaxis.grid(True)
    axes.spines["left"].set_visible(False)
    for place in range(0, count, 2):
        axes.axhspan(place - 0.5, place + 0.5, color=STRIPE, linewidth=0, zorder=0)


def label_rows(axes: Axes, order: Sequence[Cell], design: Design) -> None:
    """Write the levels of cells at the left of their rows, a column per factor that varies."""
    offset = GAP
    for factor in reversed(design.varied):
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


def draw_accuracies(axes: Axes, rows: pd.DataFrame, ensemble: pd.DataFrame) -> None:
    """Draw the accuracy of cells with its interval, the cell to pick, and that of the ensemble.

    Parameters
    ----------
    rows : those of the table of cells, in order from the top down
    ensemble : its row of that table, if there is one
    """
    at = range(len(rows))
    bars = BARS | {"capsize": 0, "linestyle": "none", "color": BLUE, "marker": "o"}
    axes.errorbar(rows["accuracy"], at, xerr=reach(rows, "accuracy"), **bars)
    picked = rows["pick"].astype(bool).to_numpy()
    axes.plot(rows["accuracy"][picked], np.flatnonzero(picked), **PICKED)
    for share in ensemble["accuracy"].dropna():
        axes.axvline(share, **TOGETHER)
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.6g}%")
    axes.set_xlabel("validation accuracy")
