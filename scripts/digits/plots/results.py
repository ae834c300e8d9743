"""The accuracy of every cell of the design, as a heat map and an interaction plot."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from digits.plots.style import (
    MUTED,
    fix_ticks,
    level_styles,
    new_figure,
    say_none,
    show_percent,
    text_colour,
    use_style,
)
from digits.plots.summary import but_failed, cell_statistics, failed_cells

BARS = {"capsize": 2, "elinewidth": 0.9, "capthick": 0.9}
THEIRS = {"markersize": 7, "markerfacecolor": "none", "markeredgewidth": 1.1, "linestyle": "none"}


@use_style()
def accuracy(results: pd.DataFrame, published: pd.DataFrame | None = None) -> Figure:
    """Draw validation accuracy by layers and nodes: a heat map and an interaction plot.

    Parameters
    ----------
    results : a row per cell and trial, with layers, nodes and val_accuracy; means are drawn, with
        bars of one standard deviation where a cell has several trials; a cell is marked as failed
        if none of its trials has a val_accuracy
    published : published figures with the same columns, drawn as hollow marks
    """
    cells = cell_statistics(results, ["val_accuracy"])
    failed = failed_cells(results)
    layers, nodes = sorted(results["layers"].unique()), sorted(results["nodes"].unique())
    trials = int(cells["trials"].max()) if len(cells) else 0
    width = 1.5 + max(0.75 * len(nodes), 1.2)
    figure = new_figure(
        width + 4.1,
        max(3.4, 1.6 + 0.5 * len(layers)),
        f"Validation accuracy of {len(cells)} cells by number of layers and nodes per layer, "
        f"as a heat map and as a line per number of layers{but_failed(failed)}",
    )
    left, right = figure.subplots(1, 2, width_ratios=[width, 4.1])
    heat_map(left, cells, layers, nodes)
    mark_failed(left, [(layers.index(level), nodes.index(count)) for level, count in failed])
    interaction(right, cells, layers, nodes)
    if published is not None:
        add_published(right, published, layers, nodes)
    add_interaction_legend(right, layers, trials, published is not None)
    left.set_title("Accuracy (%)")
    right.set_title("Interaction of layers and nodes")
    return figure


def heat_map(axes: Axes, cells: pd.DataFrame, layers: list[int], nodes: list[int]) -> None:
    """Draw mean accuracies in percent, rows are layers; cells without a result stay blank."""
    import seaborn as sns

    grid = {"index": layers, "columns": nodes}
    percent, spread = (
        100 * cells.pivot(index="layers", columns="nodes", values=name).reindex(**grid)
        for name in ("val_accuracy", "val_accuracy_sd")
    )
    texts = [
        [
            f"{mean:.2f}" if np.isnan(sd) else f"{mean:.2f}\n± {sd:.2f}"
            for mean, sd in zip(*row, strict=True)
        ]
        for row in zip(percent.to_numpy(), spread.to_numpy(), strict=True)
    ]
    sns.heatmap(
        percent,
        annot=np.array(texts),
        fmt="",
        cmap="crest",
        cbar=len(cells) > 0,
        vmin=None if len(cells) else 0,  # Seaborn computes them otherwise
        vmax=None if len(cells) else 100,
        square=True,
        linewidths=1.5,
        linecolor="white",
        annot_kws={"fontsize": 9},
        cbar_kws={"shrink": 0.75, "pad": 0.04, "aspect": 16},
        ax=axes,
    )
    for text, colour in zip(axes.texts, known_colours(axes), strict=True):
        text.set_color(text_colour(colour))
    if len(cells):
        axes.figure.axes[-1].yaxis.set_major_locator(MaxNLocator(4))
    axes.tick_params(length=0, rotation=0)
    axes.set(xlabel="nodes per layer", ylabel="hidden layers")


def mark_failed(axes: Axes, places: list[tuple[int, int]]) -> None:
    """Frame and label the fields of failed cells, given by row and column of the heat map."""
    for row, column in places:
        frame = Rectangle((column + 0.04, row + 0.04), 0.92, 0.92, fill=False, edgecolor=MUTED)
        frame.set(linewidth=0.8, linestyle=(0, (4, 3)))
        axes.add_patch(frame)
        axes.text(column + 0.5, row + 0.5, "failed", fontsize=9, ha="center", va="center")


def known_colours(axes: Axes) -> np.ndarray:
    """Return the colours (RGBA) of a heat map's known fields, in the order of their texts."""
    fields = axes.collections[0]
    known = ~np.ma.getmaskarray(fields.get_array()).ravel()
    return fields.to_rgba(fields.get_array()).reshape(-1, 4)[known]


def interaction(axes: Axes, cells: pd.DataFrame, layers: list[int], nodes: list[int]) -> None:
    """Draw accuracy against nodes, a line per number of layers, slightly offset."""
    for level, style in level_styles(layers).items():
        line = cells[cells["layers"] == level]
        if line.empty:
            continue
        sd = line["val_accuracy_sd"]
        axes.errorbar(
            positions(line["nodes"], level, nodes, layers),
            line["val_accuracy"],
            yerr=None if sd.isna().all() else sd.fillna(0),
            markersize=5,
            **style,
            **BARS,
        )
    fix_ticks(axes.xaxis, list(range(len(nodes))), [str(level) for level in nodes])
    axes.set(xlabel="nodes per layer", ylabel="validation accuracy")
    axes.set_xlim(-0.4, len(nodes) - 0.6)
    show_percent(axes)
    if cells.empty:
        say_none(axes)


def positions(values: pd.Series, level: int, nodes: list[int], layers: list[int]) -> list[float]:
    """Return the positions on the axis of nodes of the marks of one number of layers."""
    offset = 0.05 * (layers.index(level) - (len(layers) - 1) / 2)
    return [nodes.index(value) + offset for value in values]


def add_published(axes: Axes, published: pd.DataFrame, layers: list[int], nodes: list[int]) -> None:
    """Add published accuracies of the cells that are drawn, as hollow marks."""
    known = published[published["layers"].isin(layers) & published["nodes"].isin(nodes)]
    for level, style in level_styles(layers).items():
        line = known[known["layers"] == level]
        axes.plot(
            positions(line["nodes"], level, nodes, layers),
            line["val_accuracy"],
            **style,
            **THEIRS,
        )


def add_interaction_legend(axes: Axes, layers: list[int], trials: int, published: bool) -> None:
    """Add a legend of lines, bars and hollow marks beside the axes, most layers first."""
    entries = {
        f"{level} layers" if level != 1 else "1 layer": Line2D([], [], markersize=5, **style)
        for level, style in reversed(level_styles(layers).items())
    }
    if published:
        entries["published"] = Line2D([], [], color=MUTED, marker="o", **THEIRS)
    if trials > 1:
        entries[f"± 1 standard\ndeviation of\n{trials} trials"] = Line2D(
            [], [], color=MUTED, marker="|", markersize=9, linestyle="none"
        )
    axes.legend(entries.values(), entries.keys(), loc="center left", bbox_to_anchor=(1, 0.5))
