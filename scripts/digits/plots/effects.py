"""The effects of the factors: means of levels, differences between levels, and interactions."""

from collections.abc import Sequence
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from digits.analysis.conclusions import factor_sentence, failure_sentence, interaction_sentence
from digits.analysis.phrases import chance
from digits.analysis.selection import strongest_pairs
from digits.analysis.vocabulary import ANOVA, MAIN, MARGINAL
from digits.core.design import TIMES, Design, Level, axis_label, factor_label, spell
from digits.plots.intervals import BARS, known_cells, reach
from digits.plots.levels import NARROW, WIDE, positions, scale_levels
from digits.plots.style import (
    BLUE,
    INK,
    MUTED,
    fix_ticks,
    level_styles,
    new_figure,
    say_none,
    text_only,
    use_style,
)

FACTORS, PAIRS = 3, 6
"""Of more factors than this, only this many pairs are drawn, those that interact most."""

COLUMNS = 3
WIDTH, MEANS, LINES = 2.9, 2.3, 2.9  # of a panel, and heights of the kinds of panels, in inches
ROW, HEAD = 0.2, 0.75  # height of a difference, and of what is above and below them, in inches
ALL_PAIRS = 4
"""Up to this many levels, the differences of all pairs are drawn."""
KEY, LETTERS = 11.5, 44  # height of a line of a legend, in points, and characters in it


@use_style()
def effects(cells: pd.DataFrame, table: pd.DataFrame, design: Design) -> Figure:
    """Draw the mean accuracy and the differences by level of each factor, and pairs of factors.

    Parameters
    ----------
    cells : the table of cells
    table : the table of effects
    """
    known = known_cells(cells)
    if not design.varied:
        return text_only("Effects of the factors", "the design has only one cell, and no effects")
    factors, pairs = design.varied, pairs_of(table, design)
    bands = in_rows(factors, len(factors) if len(factors) == 4 else COLUMNS)
    heights = [MEANS + HEAD + ROW * room_of(table, band, design) for band in bands]
    beside = len(pairs) == 1  # the interaction of two factors stands at their right
    blocks = [] if beside else in_rows(pairs, COLUMNS)
    width = max(WIDTH * min(COLUMNS, len(factors) + beside), 4.2)
    heights += [LINES] * len(blocks)
    figure = new_figure(width, sum(heights) + 0.3, describe(cells, table, design))
    parts = np.atleast_1d(figure.subfigures(len(heights), 1, height_ratios=heights))
    right = None
    if beside:
        parts[0], right = parts[0].subfigures(1, 2, width_ratios=[len(factors), 1.05])
    draw_factors(parts[: len(bands)], table, bands, design)
    if right:
        draw_pair(right.subplots(), known, table, pairs[0], design)
    for part, block in zip(parts[len(bands) :], blocks, strict=True):
        panels = part.subplots(1, COLUMNS, sharey=True, squeeze=False)[0]
        for axes, pair in zip(panels, block, strict=False):
            draw_pair(axes, known, table, pair, design)
            axes.set_ylabel("" if axes is not panels[0] else axes.get_ylabel())
        for axes in panels[len(block) :]:
            axes.set_axis_off()
    return figure


def in_rows(items: Sequence[Any], columns: int) -> list[Sequence[Any]]:
    """Split items into rows of as many columns; the last row may be shorter."""
    return [items[start : start + columns] for start in range(0, len(items), columns)]


def pairs_of(table: pd.DataFrame, design: Design) -> list[tuple[str, str]]:
    """Return the pairs of factors whose interaction is drawn."""
    if len(design.varied) <= FACTORS:
        return list(combinations(design.varied, 2))
    return strongest_pairs(table, PAIRS)


def describe(cells: pd.DataFrame, table: pd.DataFrame, design: Design) -> str:
    """Describe the plot of effects for screen readers."""
    known = known_cells(cells)
    if known.empty:
        factors = ", ".join(map(factor_label, design.varied))
        return f"Effects of {factors}: no cell has a result"
    single = bool((known["trials"] == 1).all())
    means = table[table["kind"] == MARGINAL]
    listed = "; ".join(
        f"by {axis_label(factor)} "
        + ", ".join(f"{row.level}: {row.estimate:.2%}" for row in rows.itertuples())
        for factor, rows in means.groupby("term", sort=False)
    )
    parts = [f"Mean validation accuracy {listed}." if listed else ""]
    parts += [factor_sentence(table, single=single), interaction_sentence(known, table)]
    parts += [failure_sentence(cells, design)]
    return " ".join(part for part in parts if part)


def room_of(table: pd.DataFrame, factors: Sequence[str], design: Design) -> int:
    """Return how many differences are drawn of the factor that has most of them, at least 1."""
    return max(1, *(len(differences_of(table, factor, design)) for factor in factors))


def draw_factors(
    parts: Sequence[SubFigure], table: pd.DataFrame, bands: Sequence[Sequence[str]], design: Design
) -> None:
    """Draw the means of the levels of factors, and below them the differences between levels.

    Parameters
    ----------
    parts : where each band of factors is drawn, on the same scales
    """
    first = None
    for part, band in zip(parts, bands, strict=True):
        room = room_of(table, band, design)
        grid = part.add_gridspec(2, len(bands[0]), height_ratios=[MEANS, HEAD + ROW * room])
        panels = grid.subplots(squeeze=False)
        for (above, below), factor in zip(panels.T, band, strict=False):
            if first is None:
                first = above, below
            else:
                above.sharey(first[0])
                below.sharex(first[1])
            draw_means(above, table, factor, design, narrow=len(bands[0]) > COLUMNS)
            draw_differences(below, differences_of(table, factor, design), room)
            above.tick_params(labelleft=above is panels[0, 0])
        panels[0, 0].set_ylabel("mean validation accuracy")
        for axes in panels[:, len(band) :].ravel():
            axes.set_axis_off()


def sentence_case(text: str) -> str:
    """Write a text with a capital first letter."""
    return text[:1].upper() + text[1:]


def draw_means(
    axes: Axes, table: pd.DataFrame, factor: str, design: Design, *, narrow: bool
) -> None:
    """Draw the mean of each level of a factor, joined if the levels are numbers."""
    rows = table[(table["kind"] == MARGINAL) & (table["term"] == factor)]
    places = {spell(level): place for level, place in positions(design.factors[factor]).items()}
    style = {"linestyle": "none"} if design.kinds[factor] is str else {}
    axes.plot(
        rows["level"].map(places), rows["estimate"], color=INK, marker="o", markersize=5, **style
    )
    scale_levels(axes, factor, design.factors[factor], NARROW if narrow else WIDE)
    axes.set_title(sentence_case(factor_label(factor)))
    show_shares(axes)
    if rows.empty:
        axes.text(0.5, 0.5, "no levels to compare", transform=axes.transAxes, ha="center")


def show_shares(axes: Axes) -> None:
    """Label the y axis in percent at few round values, with a light grid."""
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.6g}%")
    axes.yaxis.grid(True)


def differences_of(table: pd.DataFrame, factor: str, design: Design) -> pd.DataFrame:
    """Return the differences between levels of a factor that are drawn, a row each.

    Of all pairs of up to ``ALL_PAIRS`` levels; else of neighbouring numbers, or of each text with
    the one that has the highest mean.
    """
    rows = table[(table["kind"] == MAIN) & (table["term"] == factor)]
    means = table[(table["kind"] == MARGINAL) & (table["term"] == factor)]
    levels = list(means["level"])
    if len(levels) <= ALL_PAIRS:
        return rows
    if design.kinds[factor] is str:
        best = means.set_index("level")["estimate"].idxmax()
        kept = [f"{b} - {a}" for a, b in combinations(levels, 2) if best in (a, b)]
    else:
        kept = [f"{b} - {a}" for a, b in pairwise(levels)]
    return rows[rows["level"].isin(kept)]


def draw_differences(axes: Axes, rows: pd.DataFrame, room: int) -> None:
    """Draw differences between levels with their paired intervals, in percentage points."""
    axes.axvline(0, color=MUTED, linewidth=0.9)
    clear = ((rows["low"] > 0) | (rows["high"] < 0)).to_numpy()
    for which, colour, face in ((clear, BLUE, BLUE), (~clear, MUTED, "white")):
        part = rows[which]
        if len(part):
            axes.errorbar(
                100 * part["estimate"],
                np.flatnonzero(which),
                xerr=None if reach(part, "estimate") is None else 100 * reach(part, "estimate"),
                color=colour,
                marker="o",
                markerfacecolor=face,
                linestyle="none",
                **BARS,
            )
    names = [level.replace(" - ", " \N{MINUS SIGN} ") for level in rows["level"]]
    fix_ticks(axes.yaxis, list(range(len(rows))), names)
    axes.set(ylim=(room - 0.4, -0.6), xlabel="difference (points)")
    axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.xaxis.grid(True)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def lines_and_axis(pair: tuple[str, str], design: Design) -> tuple[str, str]:
    """Return which of two factors has a line per level, and which is along the axis.

    The first one has the lines, unless only the second one is of texts.
    """
    first, second = pair
    if design.kinds[second] is str and design.kinds[first] is not str:
        return second, first
    return first, second


def pair_means(known: pd.DataFrame, pair: tuple[str, str], design: Design) -> pd.Series:
    """Return the mean accuracy by the levels of two factors, over the levels of all others.

    Only over those at which no pair of levels lacks a result, so that all pairs are compared within
    the same levels; where there are none such, over all.

    Parameters
    ----------
    known : the rows of the table of cells that are cells with a result
    """
    others = [name for name in design.cell_columns if name not in pair]
    keys = known.groupby(others, sort=False).ngroup() if others else 0
    grid = known.assign(others=keys).pivot_table(
        index="others", columns=list(pair), values="accuracy", sort=False
    )
    complete = grid.dropna()
    return (complete if len(complete) else grid).mean()


def draw_pair(
    axes: Axes, known: pd.DataFrame, table: pd.DataFrame, pair: tuple[str, str], design: Design
) -> None:
    """Draw mean accuracy along one factor, a line per level of the other."""
    lines, along = lines_and_axis(pair, design)
    styles = level_styles(design.factors[lines])
    places = positions(design.factors[along])
    means = pair_means(known, (lines, along), design) if len(known) else {}
    for level, style in styles.items():
        at = [each for each in places if (level, each) in means]
        shares = [means[level, each] for each in at]
        axes.plot([places[each] for each in at], shares, markersize=5, linewidth=1.4, **style)
    scale_levels(axes, along, design.factors[along])
    axes.set_ylabel("mean validation accuracy")
    show_shares(axes)
    tested = table[(table["kind"] == ANOVA) & (table["term"] == ":".join(pair))]["p"].dropna()
    names = f" {TIMES} ".join(factor_label(name) for name in pair)
    height = add_key(axes, lines, styles)
    if len(tested):
        above = {"xycoords": "axes fraction", "textcoords": "offset points", "fontsize": 7.5}
        text = f"interaction: {chance(tested.iloc[0])}"
        axes.annotate(text, (0, 1), xytext=(0, 8 + KEY * height), **above)
    pad = 8 + KEY * (height + (len(tested) > 0))
    axes.set_title(sentence_case(names), pad=pad, fontsize=9)
    if known.empty:
        say_none(axes)


def add_key(axes: Axes, factor: str, styles: dict[Level, dict[str, str]]) -> int:
    """Add a legend of lines between the panel and its title; return its number of lines."""
    nothing = Line2D([], [], linestyle="none")
    entries = [(nothing, f"{factor_label(factor)}:")]
    entries += [(Line2D([], [], markersize=4, **styles[one]), spell(one)) for one in styles]
    lines = -(-sum(len(name) + 4 for _, name in entries) // LETTERS)
    columns = -(-len(entries) // lines)
    entries += [(nothing, "")] * (lines * columns - len(entries))
    entries = [
        entries[place] for first in range(columns) for place in range(first, len(entries), columns)
    ]
    legend = axes.legend(
        *zip(*entries, strict=True),
        loc="lower left",
        bbox_to_anchor=(-0.04, 0.97),
        ncols=columns,
        fontsize=7.5,
        handlelength=1.4,
        columnspacing=0.9,
        handletextpad=0.4,
        borderpad=0.2,
        labelspacing=0.2,
    )
    legend.set_in_layout(False)
    return lines
