"""The accuracy of every cell by one or two factors: along one, or as a map and as lines."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from digits.analysis.cell_summaries import but_failed, cell_statistics, failed_cells
from digits.core.design import Design, Level, axis_label, factor_label, spell
from digits.core.formatting import listing
from digits.core.imports import withheld
from digits.plots.levels import positions, scale_levels
from digits.plots.style import (
    INK,
    MUTED,
    fix_ticks,
    level_styles,
    new_figure,
    say_none,
    show_percent,
    text_colour,
    use_style,
)

BARS = {"capsize": 2, "elinewidth": 0.9, "capthick": 0.9}
THEIRS = {"markersize": 7, "markerfacecolor": "none", "markeredgewidth": 1.1, "linestyle": "none"}


@use_style()
def accuracy(
    results: pd.DataFrame, design: Design, published: pd.DataFrame | None = None
) -> Figure:
    """Draw the validation accuracy of every cell of a design that varies at most two factors.

    Of one factor along its levels; of two as a heat map and an interaction plot. Of more factors,
    see :func:`digits.plots.rank_order.accuracy`.

    Parameters
    ----------
    results : a row per cell and trial, with the factors and val_accuracy; means are drawn, with
        bars of one standard deviation where a cell has several trials; a cell is marked as failed
        if none of its trials has a val_accuracy
    published : published figures with the factors and val_accuracy, drawn as hollow marks
    """
    if len(design.varied) == 2:
        return crossed(results, design, published)
    return along(results, design, published)


def along(results: pd.DataFrame, design: Design, published: pd.DataFrame | None) -> Figure:
    """Draw accuracy along the levels of the only factor that varies."""
    cells = cell_statistics(results, ["val_accuracy"], design)
    failed = failed_cells(results, design)
    factor = (design.varied or design.cell_columns)[0]
    places = positions(design.factors[factor])
    text = f"Validation accuracy of {len(cells)} cells by {axis_label(factor)}"
    figure = new_figure(5.6, 3.4, f"{text}{but_failed(failed, design)}")
    axes = figure.subplots()
    style = BARS | {"color": INK, "marker": "o", "markersize": 5}
    style |= {"linestyle": "none"} if design.kinds[factor] is str else {}
    axes.errorbar(cells[factor].map(places), cells["val_accuracy"], yerr=spread(cells), **style)
    for cell in failed:
        at = places[cell[design.cell_columns.index(factor)]]
        axes.text(at, 0.04, "failed", transform=axes.get_xaxis_transform(), ha="center")
    if published is not None:
        at = published[factor].map(places)
        axes.plot(at, published["val_accuracy"], color=INK, marker="o", **THEIRS)
    scale_levels(axes, factor, design.factors[factor])
    axes.set(ylabel="validation accuracy")
    axes.set_title(f"Accuracy by {factor_label(factor)}")
    show_percent(axes)
    if cells.empty:
        say_none(axes)
    add_legend(axes, {}, most_trials(cells), published is not None)
    return figure


def crossed(results: pd.DataFrame, design: Design, published: pd.DataFrame | None) -> Figure:
    """Draw accuracy by the two factors that vary: a heat map and an interaction plot."""
    cells = cell_statistics(results, ["val_accuracy"], design)
    failed = failed_cells(results, design)
    rows, columns = design.varied
    down, across = (list(design.factors[name]) for name in design.varied)
    width = 1.5 + max(0.75 * len(across), 1.2)
    figure = new_figure(
        width + 4.1,
        max(3.4, 1.6 + 0.5 * len(down)),
        f"Validation accuracy of {len(cells)} cells by {axis_label(rows)} and"
        f" {axis_label(columns)}, as a heat map and as a line per level of {factor_label(rows)}"
        f"{but_failed(failed, design)}",
    )
    left, right = figure.subplots(1, 2, width_ratios=[width, 4.1])
    heat_map(left, cells, design)
    levels = [dict(zip(design.factors, cell, strict=True)) for cell in failed]
    mark_failed(left, [(down.index(cell[rows]), across.index(cell[columns])) for cell in levels])
    interaction(right, cells, design)
    if published is not None:
        add_published(right, published, design)
    names = {design.level_label(rows, level): style for level, style in level_styles(down).items()}
    add_legend(right, names, most_trials(cells), published is not None)
    left.set_title("Accuracy (%)")
    right.set_title(f"Interaction of {listing([factor_label(name) for name in design.varied])}")
    return figure


def most_trials(cells: pd.DataFrame) -> int:
    """Return the largest number of trials of a cell with a result, 0 if there is none."""
    return int(cells["trials"].max()) if len(cells) else 0


def spread(cells: pd.DataFrame) -> pd.Series | None:
    """Return the lengths of bars of one standard deviation; None if no cell has several trials."""
    sd = cells["val_accuracy_sd"]
    return None if sd.isna().all() else sd.fillna(0)


def heat_map(axes: Axes, cells: pd.DataFrame, design: Design) -> None:
    """Draw mean accuracies in percent by the two varied factors, the first one down.

    Cells without a result stay blank.
    """
    with withheld("scipy"):  # most of the import, and only for density estimates
        import seaborn as sns

    rows, columns = design.varied
    grid = {"index": design.factors[rows], "columns": design.factors[columns]}
    percent, spreads = (
        100 * cells.pivot(index=rows, columns=columns, values=name).reindex(**grid)
        for name in ("val_accuracy", "val_accuracy_sd")
    )
    texts = [
        [
            f"{mean:.2f}" if np.isnan(sd) else f"{mean:.2f}\n± {sd:.2f}"
            for mean, sd in zip(*row, strict=True)
        ]
        for row in zip(percent.to_numpy(), spreads.to_numpy(), strict=True)
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
        xticklabels=list(map(spell, grid["columns"])),
        yticklabels=list(map(spell, grid["index"])),
        ax=axes,
    )
    for text, colour in zip(axes.texts, known_colours(axes), strict=True):
        text.set_color(text_colour(colour))
    if len(cells):
        axes.figure.axes[-1].yaxis.set_major_locator(MaxNLocator(4))
    axes.tick_params(length=0, rotation=0)
    axes.set(xlabel=axis_label(columns), ylabel=axis_label(rows))


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


def interaction(axes: Axes, cells: pd.DataFrame, design: Design) -> None:
    """Draw accuracy against the second varied factor, a line per level of the first one."""
    rows, columns = design.varied
    across = design.factors[columns]
    for level, style in level_styles(design.factors[rows]).items():
        line = cells[cells[rows] == level]
        if line.empty:
            continue
        axes.errorbar(
            offset_places(line, level, design),
            line["val_accuracy"],
            yerr=spread(line),
            markersize=5,
            **style,
            **BARS,
        )
    fix_ticks(axes.xaxis, list(range(len(across))), list(map(spell, across)))
    axes.set(xlabel=axis_label(columns), ylabel="validation accuracy")
    axes.set_xlim(-0.4, len(across) - 0.6)
    show_percent(axes)
    if cells.empty:
        say_none(axes)


def offset_places(line: pd.DataFrame, level: Level, design: Design) -> list[float]:
    """Return where the marks of a level of the first factor are along the second one.

    Equally spaced and slightly offset, so that lines of equal accuracy do not hide each other.
    """
    down, across = (design.factors[name] for name in design.varied)
    offset = 0.05 * (down.index(level) - (len(down) - 1) / 2)
    return [across.index(value) + offset for value in line[design.varied[1]]]


def add_published(axes: Axes, published: pd.DataFrame, design: Design) -> None:
    """Add published accuracies as hollow marks."""
    rows = design.varied[0]
    for level, style in level_styles(design.factors[rows]).items():
        line = published[published[rows] == level]
        at = offset_places(line, level, design)
        axes.plot(at, line["val_accuracy"], **style, **THEIRS)


def add_legend(axes: Axes, lines: dict[str, dict[str, str]], trials: int, published: bool) -> None:
    """Add a legend of lines, bars and hollow marks beside the axes, the last level first."""
    entries = {
        name: Line2D([], [], markersize=5, **style) for name, style in reversed(lines.items())
    }
    if published:
        entries["published"] = Line2D([], [], color=MUTED, marker="o", **THEIRS)
    if trials > 1:
        entries[f"± 1 standard\ndeviation of\n{trials} trials"] = Line2D(
            [], [], color=MUTED, marker="|", markersize=9, linestyle="none"
        )
    if entries:
        axes.legend(entries.values(), entries.keys(), loc="center left", bbox_to_anchor=(1, 0.5))
