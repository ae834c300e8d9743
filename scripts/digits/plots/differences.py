"""Differences in accuracy between cells: of all pairs, or of each with the best cell."""

from itertools import combinations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from digits.analysis.cell_summaries import LEADING, accuracies, leading, ranked
from digits.analysis.estimate import ALPHA
from digits.analysis.phrases import chance, names_of
from digits.analysis.recommendation import difference
from digits.analysis.selection import best_cell, deciding_test
from digits.core.design import ENSEMBLE, Design
from digits.plots.intervals import BARS, PICKED, TOGETHER, known_cells, reach
from digits.plots.rows import HEAD, ROW, draw_accuracies, draw_rows, label_rows
from digits.plots.style import (
    BLUE,
    INK,
    MUTED,
    PAPER,
    VERMILLION,
    fix_ticks,
    new_figure,
    text_colour,
    use_style,
    wrapped,
)

MOST = 8
"""Up to this many cells all pairs are compared, see :mod:`digits.analysis.comparisons`."""

LETTERS = 11  # in a line of a cell's label beside the matrix
PALE = 0.3  # opacity of a difference that is not significant
DIVERGING = LinearSegmentedColormap.from_list("diverging", [VERMILLION, PAPER, BLUE]).with_extremes(
    bad="white"
)
BOUND = {"color": INK, "marker": "|", "markersize": 8, "markeredgewidth": 1.1, "linestyle": "none"}
LIMIT = {"color": VERMILLION, "linewidth": 1, "linestyle": (0, (4, 3))}


@use_style()
def differences(cells: pd.DataFrame, comparisons: pd.DataFrame, design: Design) -> Figure:
    """Draw differences in accuracy: of all pairs of up to ``MOST`` cells, else from the best one.

    Parameters
    ----------
    cells : the table of cells
    comparisons : the table of comparisons
    """
    known = known_cells(cells)
    if len(known) > MOST:
        return from_best(cells, comparisons, design)
    order = ranked(accuracies(known, design), design)
    return all_pairs([design.model_name(cell) for cell in order], comparisons, design)


def all_pairs(models: list[str], comparisons: pd.DataFrame, design: Design) -> Figure:
    """Draw the differences of all pairs of cells, row minus column, as a matrix.

    The best cell comes first. A pair that differs significantly, by
    :func:`digits.analysis.selection.deciding_test`, is framed and bold; the others are pale.
    """
    gains, p_values = pair_matrices(models, comparisons)
    side = max(1.2, 0.66 * (len(models) - 1))
    text = describe_pairs(models, gains, p_values, design)
    figure = new_figure(max(side + 2.2, 4.2), side + 1.5, text)
    axes = figure.subplots()
    figure.suptitle("Row minus column (percentage points)", x=0.01, ha="left")
    if np.isnan(gains).all():
        axes.text(0.5, 0.5, "fewer than two cells to compare", ha="center", va="center")
        axes.set_axis_off()
        return figure
    # Each pair once: the first column and the last row would be empty.
    gains, p_values = gains[:-1, 1:], p_values[:-1, 1:]
    furthest = max(np.nanmax(np.abs(gains), initial=0.0), 1e-6)
    opacity = np.where(p_values < ALPHA, 1.0, PALE)
    norm = TwoSlopeNorm(0, -furthest, furthest)
    image = axes.imshow(gains, cmap=DIVERGING, norm=norm, alpha=opacity)
    names = [wrapped(design.model_label(model), LETTERS) for model in models]
    fix_ticks(axes.xaxis, list(range(len(gains))), names[1:])
    fix_ticks(axes.yaxis, list(range(len(gains))), names[:-1])
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    colours = opacity[..., None] * image.to_rgba(gains)[..., :3] + 1 - opacity[..., None]
    write_pairs(axes, gains, p_values, colours)
    return figure


def pair_matrices(models: list[str], comparisons: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return differences in percentage points, row minus column, and their adjusted p-values.

    Only above the diagonal, where the row comes before the column; NaN elsewhere and for pairs
    without a test.
    """
    gains = np.full((len(models), len(models)), np.nan)
    p_values = gains.copy()
    for place in combinations(range(len(models)), 2):
        one, other = (models[index] for index in place)
        row = deciding_test(comparisons, one, other)
        if row is not None:
            sign = 1 if row["first"] == one else -1
            gains[place] = 100 * sign * row["difference"]
            p_values[place] = row["p_adjusted"]
    return gains, p_values


def describe_pairs(
    models: list[str], gains: np.ndarray, p_values: np.ndarray, design: Design
) -> str:
    """Describe the matrix of differences for screen readers."""
    count = int((~np.isnan(gains)).sum())
    if count == 0:
        return "Differences between cells: fewer than two cells to compare"
    significant = int((p_values < ALPHA).sum())
    one, other = np.unravel_index(np.nanargmax(np.abs(gains)), gains.shape)
    first, second = (one, other) if gains[one, other] >= 0 else (other, one)
    tested = "" if np.isnan(p_values[one, other]) else f" ({chance(p_values[one, other])})"
    pairs = "the only pair" if count == 1 else f"all {count} pairs"
    verb = "is" if significant == 1 else "are"
    return (
        f"Differences in accuracy of {pairs} of cells: {significant} {verb} significant at 5%,"
        f" adjusted for all pairs. The largest is that of {names_of([models[first]], design)} over"
        f" {names_of([models[second]], design)}, {abs(gains[one, other]):.2f} points{tested}."
    )


def write_pairs(axes: Axes, gains: np.ndarray, p_values: np.ndarray, colours: np.ndarray) -> None:
    """Write each difference into its field, and frame the significant ones; state if none is."""
    for row, column in zip(*np.nonzero(~np.isnan(gains)), strict=True):
        significant = p_values[row, column] < ALPHA
        if significant:
            frame = Rectangle((column - 0.46, row - 0.46), 0.92, 0.92, fill=False, edgecolor=INK)
            axes.add_patch(frame)
        axes.text(
            column,
            row,
            f"{gains[row, column]:+.2f}".replace("-", "\N{MINUS SIGN}"),
            ha="center",
            va="center",
            fontsize=8,
            fontweight="bold" if significant else "normal",
            color=text_colour(colours[row, column]),
        )
    adjusted = "significant at 5%, adjusted for all pairs"
    if (p_values < ALPHA).any():
        handles = [Rectangle((0, 0), 1, 1, fill=False, edgecolor=INK)]
        axes.figure.legend(handles, [adjusted], loc="outside lower left")
    else:
        note = f"No pair is {adjusted}." if len(gains) > 1 else "Not significant at 5%."
        axes.figure.supxlabel(note, x=0.01, ha="left", fontsize=8)


def from_best(cells: pd.DataFrame, comparisons: pd.DataFrame, design: Design) -> Figure:
    """Draw cells in rank order: their accuracy, and their difference from the best one.

    Only the ``LEADING`` ones, if there are more.
    """
    known = known_cells(cells).set_index("model", drop=False)
    order = ranked(accuracies(known, design), design)[:LEADING]
    models = [design.model_name(cell) for cell in order]
    rows = losses(models, best_cell(known), comparisons)
    title = f"Cells in rank order{leading(order, len(design.cells))}"
    text = describe_rows(title, known.loc[models, "accuracy"], rows, design)
    figure = new_figure(9, HEAD + 0.2 + ROW * len(order), text)
    left, right = figure.subplots(1, 2, width_ratios=[1, 1.2])
    for axes in (left, right):
        draw_rows(axes, len(order))
    label_rows(left, order, design)
    draw_accuracies(left, known.loc[models], cells[cells["model"] == ENSEMBLE])
    draw_losses(right, rows, known.loc[models])
    left.set_title("Accuracy, with its 95% interval", fontsize=8.5)
    right.set_title("Difference from the best", fontsize=8.5)
    add_legend(figure, float(known["margin"].iloc[0]))
    figure.suptitle(title, x=0.01, ha="left")
    return figure


def losses(models: list[str], best: str, comparisons: pd.DataFrame) -> pd.DataFrame:
    """Return the comparisons of models with the best one, by model; NaN where there is none."""
    found = [difference(model, best, comparisons) if model != best else None for model in models]
    empty = dict.fromkeys(("difference", "low", "high", "p_adjusted"), np.nan)
    rows = [empty if row is None else row[list(empty)] for row in found]
    return pd.DataFrame(rows, index=models).astype(float)


def draw_losses(axes: Axes, rows: pd.DataFrame, cells: pd.DataFrame) -> None:
    """Draw differences from the best cell with their intervals, their bounds and the margin.

    Parameters
    ----------
    rows : see :func:`losses`
    cells : the rows of the table of cells, in the same order
    """
    axes.axvline(0, color=MUTED, linewidth=0.9)
    axes.axvline(-100 * cells["margin"].iloc[0], **LIMIT)
    significant = (rows["p_adjusted"] < ALPHA).to_numpy()
    compared = rows["difference"].notna().to_numpy()
    for which, face in ((significant, BLUE), (compared & ~significant, "white")):
        part = 100 * rows[which]
        if len(part):
            axes.errorbar(
                part["difference"],
                np.flatnonzero(which),
                xerr=reach(part, "difference"),
                color=BLUE,
                marker="o",
                markerfacecolor=face,
                linestyle="none",
                **BARS | {"capsize": 0},
            )
    axes.plot(-100 * cells["worst_loss"].astype(float), range(len(cells)), **BOUND)
    axes.set_xlabel("percentage points")


def describe_rows(title: str, shares: pd.Series, rows: pd.DataFrame, design: Design) -> str:
    """Describe cells in rank order for screen readers."""
    significant = int((rows["p_adjusted"] < ALPHA).sum())
    listed = "; ".join(
        f"{design.model_label(model)} {share:.2%}" for model, share in shares.items()
    )
    verb = "differs" if significant == 1 else "differ"
    return (
        f"{title}, with their difference from the best one: {listed}. {significant} of"
        f" {rows['difference'].count()} {verb} significantly from the best at 5%, adjusted for all"
        " comparisons."
    )


def add_legend(figure: Figure, margin: float) -> None:
    """Add a legend of marks and lines below the cells in rank order."""
    dot = {"color": BLUE, "marker": "o", "linewidth": 0.9, "markersize": 5}
    entries = {
        "the cell to pick": Line2D([], [], **PICKED),
        "ensemble of all cells": Line2D([], [], **TOGETHER),
        "significant difference (95% interval for all comparisons)": Line2D([], [], **dot),
        "not significant": Line2D([], [], markerfacecolor="white", **dot),
        "one-sided 95% bound, which decides the pick": Line2D([], [], **BOUND),
        f"margin: {100 * margin:g} points": Line2D([], [], **LIMIT),
    }
    figure.legend(entries.values(), entries.keys(), loc="outside lower center", ncols=3)
