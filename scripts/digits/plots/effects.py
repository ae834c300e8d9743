"""The effects of the factors: means of levels and cells, and differences of all pairs of cells."""

from itertools import combinations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from digits.analysis.conclusions import factor_sentence, failure_sentence, interaction_sentence
from digits.analysis.estimate import ALPHA
from digits.analysis.phrases import chance, names_of
from digits.analysis.selection import deciding_test
from digits.analysis.vocabulary import MARGINAL
from digits.core.design import CELL, model_label
from digits.plots.intervals import BARS, known_cells, layer_styles, reach
from digits.plots.style import (
    BLUE,
    INK,
    PAPER,
    VERMILLION,
    fix_ticks,
    new_figure,
    say_none,
    show_percent,
    text_colour,
    use_style,
)

LABELS = {"layers": "hidden layers", "nodes": "nodes per layer"}
WRITTEN = 14
"""Up to this many cells the differences are written into the matrix; above, it has colours only."""

DIVERGING = LinearSegmentedColormap.from_list("diverging", [VERMILLION, PAPER, BLUE]).with_extremes(
    bad="white"
)


@use_style()
def effects(cells: pd.DataFrame, table: pd.DataFrame) -> Figure:
    """Draw mean accuracy by the levels of each factor, and of all cells, with 95% intervals.

    Parameters
    ----------
    cells : the table of cells
    table : the table of effects
    """
    known = known_cells(cells)
    figure = new_figure(8.2, 3.5, describe_effects(cells, table))
    panels = figure.subplots(1, 3, sharey=True, width_ratios=[1, 0.8, 1.2])
    for axes, factor in zip(panels, CELL, strict=False):
        draw_marginals(axes, table[(table["kind"] == MARGINAL) & (table["term"] == factor)], factor)
    draw_cells(panels[2], known, layer_styles(cells))
    panels[0].set_ylabel("validation accuracy")
    panels[0].set_title("Layers, over all nodes")
    panels[1].set_title("Nodes, over all layers")
    panels[2].set_title("Every cell")
    return figure


def describe_effects(cells: pd.DataFrame, table: pd.DataFrame) -> str:
    """Describe the plot of effects for screen readers."""
    known = known_cells(cells)
    if known.empty:
        return "Effects of layers and nodes: no cell has a result"
    single = bool((known["trials"] == 1).all())
    means = table[table["kind"] == MARGINAL]
    listed = "; ".join(
        f"by {LABELS[factor]} "
        + ", ".join(f"{row.level}: {row.estimate:.2%}" for row in rows.itertuples())
        for factor, rows in means.groupby("term", sort=False)
    )
    parts = [f"Mean validation accuracy {listed}." if listed else ""]
    parts += [factor_sentence(table, single=single), interaction_sentence(known, table)]
    parts += [failure_sentence(cells)]
    return " ".join(part for part in parts if part)


def draw_marginals(axes: Axes, rows: pd.DataFrame, factor: str) -> None:
    """Draw the mean of each level of a factor, joined, with its interval if known."""
    axes.errorbar(
        range(len(rows)),
        rows["estimate"],
        yerr=reach(rows, "estimate"),
        color=INK,
        marker="o",
        **BARS,
    )
    fix_ticks(axes.xaxis, list(range(len(rows))), [str(level) for level in rows["level"]])
    axes.set(xlabel=LABELS[factor], xlim=(-0.5, max(len(rows), 1) - 0.5))
    show_percent(axes)
    if rows.empty:
        say_none(axes)


def draw_cells(axes: Axes, known: pd.DataFrame, styles: dict[int, dict[str, str]]) -> None:
    """Draw the accuracy of each cell by nodes, a line per number of layers, slightly offset."""
    layers = sorted({int(level) for level in known["layers"]})
    nodes = sorted({int(level) for level in known["nodes"]})
    for place, level in enumerate(layers):
        line = known[known["layers"] == level].sort_values("nodes")
        shift = 0.07 * (place - (len(layers) - 1) / 2)
        at = [nodes.index(int(count)) + shift for count in line["nodes"]]
        axes.errorbar(at, line["accuracy"], yerr=reach(line, "accuracy"), **styles[level], **BARS)
    fix_ticks(axes.xaxis, list(range(len(nodes))), [str(level) for level in nodes])
    axes.set(xlabel=LABELS["nodes"], xlim=(-0.5, max(len(nodes), 1) - 0.5))
    show_percent(axes)
    if known.empty:
        say_none(axes)
        return
    lines = [Line2D([], [], markersize=5, **styles[level]) for level in reversed(layers)]
    names = ["1 layer" if level == 1 else f"{level} layers" for level in reversed(layers)]
    axes.legend(lines, names, loc="center left", bbox_to_anchor=(1, 0.5))


@use_style()
def differences(cells: pd.DataFrame, comparisons: pd.DataFrame) -> Figure:
    """Draw the differences of all pairs of cells, row minus column, as a matrix.

    The best cell comes first. A pair that differs significantly, by
    :func:`digits.analysis.selection.deciding_test`, is framed and bold.

    Parameters
    ----------
    cells : the table of cells
    comparisons : the table of comparisons
    """
    known = known_cells(cells).sort_values("accuracy", ascending=False, kind="stable")
    models = list(known["model"])
    gains, p_values = pair_matrices(models, comparisons)
    side = max(1.2, 0.62 * (min(len(models), WRITTEN) - 1))
    size = (max(side + 1.9, 3.8), side + 1.3)
    figure = new_figure(*size, describe_differences(models, gains, p_values))
    axes = figure.subplots()
    figure.suptitle("Row minus column (percentage points)", x=0.01, ha="left")
    if np.isnan(gains).all():
        axes.text(0.5, 0.5, "fewer than two cells to compare", ha="center", va="center")
        axes.set_axis_off()
        return figure
    furthest = max(np.nanmax(np.abs(gains), initial=0.0), 1e-6)
    # Each pair once: the first column and the last row would be empty.
    gains, p_values = gains[:-1, 1:], p_values[:-1, 1:]
    image = axes.imshow(gains, cmap=DIVERGING, norm=TwoSlopeNorm(0, -furthest, furthest))
    names = [model_label(model) for model in models]
    fix_ticks(axes.xaxis, list(range(len(gains))), names[1:])
    fix_ticks(axes.yaxis, list(range(len(gains))), names[:-1])
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.tick_params(axis="x", rotation=0 if len(models) <= WRITTEN else 90)
    axes.spines[:].set_visible(False)
    write_pairs(axes, gains, p_values, image.to_rgba(gains))
    if len(gains) >= WRITTEN:
        figure.colorbar(image, ax=axes, shrink=0.7, aspect=20)
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
            p_values[place] = row["p_holm"]
    return gains, p_values


def describe_differences(models: list[str], gains: np.ndarray, p_values: np.ndarray) -> str:
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
        f" adjusted for all pairs. The largest is that of {names_of([models[first]])} over"
        f" {names_of([models[second]])}, {abs(gains[one, other]):.2f} points{tested}."
    )


def write_pairs(axes: Axes, gains: np.ndarray, p_values: np.ndarray, colours: np.ndarray) -> None:
    """Write each difference into its field, and frame the significant ones."""
    for row, column in zip(*np.nonzero(~np.isnan(gains)), strict=True):
        significant = p_values[row, column] < ALPHA
        if significant:
            frame = Rectangle((column - 0.46, row - 0.46), 0.92, 0.92, fill=False, edgecolor=INK)
            axes.add_patch(frame)
        if len(gains) < WRITTEN:
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
    if (p_values < ALPHA).any():
        handles = [Rectangle((0, 0), 1, 1, fill=False, edgecolor=INK)]
        note = ["significant at 5%, adjusted for all pairs"]
        axes.figure.legend(handles, note, loc="outside lower left")
