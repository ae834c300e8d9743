"""The learning curves of all cells of the design, side by side."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from digits.core.design import CELL, TRIAL, cell_label
from digits.core.tables import rows_of
from digits.plots.cells import BEST, THEIRS, draw_curves, mark_best, scale_accuracy, scale_epochs
from digits.plots.style import BLANK, MUTED, VERMILLION, new_figure, use_style
from digits.plots.summary import but_failed, failed_cells

WIDTH, HEIGHT = 2.6, 1.8  # of a panel, in inches
OTHERS = {"color": BLANK, "linewidth": 0.9}


@use_style()
def learning(
    results: pd.DataFrame, history: pd.DataFrame, published: pd.DataFrame | None = None
) -> Figure:
    """Draw validation accuracy over the epochs of every cell: rows are layers, columns nodes.

    Parameters
    ----------
    results : a row per cell and trial, with val_accuracy; trials without one have failed and are
        not drawn
    history : a row per trial and epoch, with val_accuracy and val_loss
    published : the published history (layers, nodes, epoch, val_accuracy), drawn dashed
    """
    curves = history.merge(results.dropna(subset="val_accuracy")[TRIAL], on=TRIAL)
    layers, nodes = sorted(results["layers"].unique()), sorted(results["nodes"].unique())
    theirs = curves.iloc[:0] if published is None else published
    figure = new_figure(
        max(WIDTH * len(nodes) + 0.4, 5.6),
        HEIGHT * len(layers) + 1.1,
        f"Validation accuracy over the epochs, a panel per cell: {describe(curves, theirs)}"
        f"{but_failed(failed_cells(results))}",
    )
    panels = figure.subplots(len(layers), len(nodes), squeeze=False, sharex=True, sharey=True)
    for row, level in zip(panels, layers, strict=True):
        for axes, count in zip(row, nodes, strict=True):
            cell = (level, count)
            draw_others(axes, curves)
            draw_cell(axes, rows_of(curves, cell), rows_of(theirs, cell))
            scale_epochs(axes)
            scale_accuracy(axes)
            axes.set_title(cell_label(cell), fontsize=8.5, pad=4)
            axes.label_outer()
        row[0].set_ylabel("validation accuracy")
    several = len(curves[TRIAL].drop_duplicates()) > len(curves[CELL].drop_duplicates())
    add_legend(figure, several=several, published=len(theirs) > 0)
    figure.suptitle("Learning curves (accuracy on a log scale of errors)", x=0.01, ha="left")
    return figure


def last(curves: pd.DataFrame) -> float:
    """Return the mean accuracy of trials at their last epochs; there must be at least one."""
    ends = curves.sort_values("epoch").groupby([name for name in TRIAL if name in curves]).tail(1)
    return float(ends["val_accuracy"].mean())


def beside(ours: pd.DataFrame, theirs: pd.DataFrame, between: str = "\n") -> str:
    """Write the accuracy of a cell at the last epoch, and the published one if there is one."""
    published = f"{between}published {last(theirs):.2%}" if len(theirs) else ""
    return f"{last(ours):.2%}{published}"


def describe(curves: pd.DataFrame, theirs: pd.DataFrame) -> str:
    """Describe the final accuracies for screen readers."""
    return "; ".join(
        f"{cell_label(cell)} {beside(ours, rows_of(theirs, cell), ', ')}"
        for cell, ours in curves.groupby(CELL)
    )


def draw_others(axes: Axes, curves: pd.DataFrame) -> None:
    """Draw pale mean curves of all cells, to compare one cell with."""
    for _, means in curves.groupby([*CELL, "epoch"])["val_accuracy"].mean().groupby(CELL):
        axes.plot(means.index.get_level_values("epoch"), means, **OTHERS)


def draw_cell(axes: Axes, ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """Draw the curves of a cell's trials and the published one; text only if all failed."""
    place = {"x": 0.97, "y": 0.06, "ha": "right", "fontsize": 7.5, "transform": axes.transAxes}
    if ours.empty:
        axes.text(**place, s="failed")
        return
    axes.plot(theirs["epoch"], theirs["val_accuracy"], color=MUTED, **THEIRS)
    trials = [trial.sort_values("epoch") for _, trial in ours.groupby(TRIAL)]
    draw_curves(axes, trials, "val_accuracy", VERMILLION)
    mark_best(axes, trials, "val_accuracy")
    axes.text(**place, s=beside(ours, theirs))


def add_legend(figure: Figure, *, several: bool, published: bool) -> None:
    """Add a legend of the lines below the panels."""
    entries = {
        f"the cell{', mean of its trials' if several else ''}": Line2D(
            [], [], color=VERMILLION, marker="o", markersize=3
        ),
        "best epoch (lowest validation loss)": Line2D([], [], **BEST),
        "the other cells": Line2D([], [], **OTHERS),
    }
    if several:
        entries["single trials"] = Line2D([], [], color=VERMILLION, linewidth=0.7, alpha=0.45)
    if published:
        entries["published"] = Line2D([], [], color=MUTED, **THEIRS)
    figure.legend(entries.values(), entries.keys(), loc="outside lower center", ncols=2)
