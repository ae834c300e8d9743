"""The learning curves of all cells of the design, side by side."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from digits.analysis.cell_summaries import (
    but_failed,
    cell_means,
    failed_cells,
    leading,
    shown_cells,
)
from digits.core.design import REPEATS, Cell, Design
from digits.core.tables import rows_of
from digits.plots.cells import BEST, THEIRS, draw_curves, mark_best, scale_accuracy, scale_epochs
from digits.plots.style import BLANK, MUTED, VERMILLION, new_figure, use_style, wrapped

WIDTH, HEIGHT, LINE = 2.6, 1.8, 0.14  # of a panel and of a further line of its title, in inches
WIDEST = 6
"""Up to this many levels of the second of two factors, the panels are a table of both factors."""
COLUMNS = 4
LETTERS = 36  # in a line of a panel's title
OTHERS = {"color": BLANK, "linewidth": 0.9}


@dataclass(frozen=True)
class Grid:
    """The panels of cells in rows.

    Attributes
    ----------
    cells : those shown, in reading order; None where a cell is excluded from the design
    columns : panels in a row
    """

    cells: list[Cell | None]
    columns: int

    @property
    def rows(self) -> int:
        """Number of rows; the last one may not be full."""
        return math.ceil(len(self.cells) / self.columns)


def grid_of(shown: Sequence[Cell], design: Design) -> Grid:
    """Return how the panels of cells are laid out: by two factors, the first one down, or in order.

    Parameters
    ----------
    shown : see :func:`digits.analysis.cell_summaries.shown_cells`
    """
    if len(design.varied) == 2 and len(shown) == len(design.cells):
        columns = len(design.factors[design.varied[1]])
        if columns <= WIDEST:
            crossed = Design(design.factors).cells
            return Grid([cell if cell in shown else None for cell in crossed], columns)
    return Grid(list(shown), min(COLUMNS, len(shown)))


@use_style()
def learning(
    results: pd.DataFrame,
    history: pd.DataFrame,
    design: Design,
    published: pd.DataFrame | None = None,
) -> Figure:
    """Draw validation accuracy over the epochs of every cell, or of the leading ones.

    Parameters
    ----------
    results : a row per cell and trial, with val_accuracy; trials without one have failed and are
        not drawn
    history : a row per trial and epoch, with val_accuracy and val_loss
    published : the published history (the factors, epoch, val_accuracy), drawn dashed
    """
    ended = results.dropna(subset="val_accuracy")[design.trial_columns]
    curves = history.merge(ended, on=design.trial_columns)
    theirs = curves.iloc[:0] if published is None else published
    shown = shown_cells(cell_means(results, "val_accuracy", design), design)
    grid = grid_of(shown, design)
    titles = {cell: wrapped(design.cell_label(cell), LETTERS) for cell in shown}
    high = HEIGHT + LINE * max(title.count("\n") for title in titles.values())
    title = f"Learning curves{leading(shown, len(design.cells))}"
    figure = new_figure(
        max(WIDTH * grid.columns + 0.4, 5.6),
        high * grid.rows + 1.1,
        f"{title}. Validation accuracy over the epochs, a panel per cell, and at the last epoch: "
        f"{describe(curves, theirs, shown, design)}"
        f"{but_failed([cell for cell in failed_cells(results, design) if cell in shown], design)}",
    )
    panels = figure.subplots(grid.rows, grid.columns, squeeze=False, sharex=True, sharey=True)
    others = mean_curves(curves, shown, design)
    for place, axes in enumerate(panels.ravel()):
        cell = grid.cells[place] if place < len(grid.cells) else None
        if cell is None:
            axes.set_axis_off()
            continue
        axes.plot(*others.T, **OTHERS)
        draw_cell(axes, rows_of(curves, cell, design), rows_of(theirs, cell, design))
        scale_epochs(axes)
        scale_accuracy(axes)
        axes.set_title(titles[cell], fontsize=8.5, pad=4)
        label_outer(axes, place, grid)
    several = len(curves) > len(curves[[*design.cell_columns, "epoch"]].drop_duplicates())
    add_legend(figure, others=len(shown) > 1, several=several, published=len(theirs) > 0)
    figure.suptitle(f"{title} (accuracy on a log scale of errors)", x=0.01, ha="left")
    return figure


def label_outer(axes: Axes, place: int, grid: Grid) -> None:
    """Label the axes of a panel where no other panel is at its left, or below it."""
    below = place + grid.columns
    lowest = below >= len(grid.cells) or grid.cells[below] is None
    first = place % grid.columns == 0 or grid.cells[place - 1] is None
    axes.set(xlabel="epoch" if lowest else "", ylabel="validation accuracy" if first else "")
    axes.tick_params(labelbottom=lowest, labelleft=first)


def last(curves: pd.DataFrame) -> float:
    """Return the mean accuracy of trials at their last epochs; there must be at least one."""
    trial = [name for name in REPEATS if name in curves]
    ordered = curves.sort_values("epoch")
    ends = ordered.groupby(trial).tail(1) if trial else ordered.tail(1)
    return float(ends["val_accuracy"].mean())


def beside(ours: pd.DataFrame, theirs: pd.DataFrame, between: str = "\n") -> str:
    """Write the accuracy of a cell at the last epoch, and the published one if there is one."""
    published = f"{between}published {last(theirs):.2%}" if len(theirs) else ""
    return f"{last(ours):.2%}{published}"


def describe(
    curves: pd.DataFrame, theirs: pd.DataFrame, shown: Sequence[Cell], design: Design
) -> str:
    """Describe the final accuracies for screen readers."""
    ours = {cell: rows_of(curves, cell, design) for cell in shown}
    return "; ".join(
        f"{design.cell_label(cell)} {beside(rows, rows_of(theirs, cell, design), ', ')}"
        for cell, rows in ours.items()
        if len(rows)
    )


def mean_curves(curves: pd.DataFrame, shown: Sequence[Cell], design: Design) -> np.ndarray:
    """Return epochs and mean accuracies of cells one after the other, of shape (n, 2).

    A row of NaN ends each cell's, so that all are one line with gaps.
    """
    gap = np.full((1, 2), np.nan)
    parts = [np.empty((0, 2))]
    for cell in shown:
        means = rows_of(curves, cell, design).groupby("epoch")["val_accuracy"].mean()
        parts += [np.column_stack([means.index, means]), gap]
    return np.concatenate(parts).astype(float)


def draw_cell(axes: Axes, ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """Draw the curves of a cell's trials and the published one; text only if all failed."""
    place = {"x": 0.97, "y": 0.06, "ha": "right", "fontsize": 7.5, "transform": axes.transAxes}
    if ours.empty:
        axes.text(**place, s="failed")
        return
    axes.plot(theirs["epoch"], theirs["val_accuracy"], color=MUTED, **THEIRS)
    trials = [trial.sort_values("epoch") for _, trial in ours.groupby(REPEATS)]
    draw_curves(axes, trials, "val_accuracy", VERMILLION)
    mark_best(axes, trials, "val_accuracy")
    axes.text(**place, s=f"last epoch {beside(ours, theirs)}")


def add_legend(figure: Figure, *, others: bool, several: bool, published: bool) -> None:
    """Add a legend of the lines below the panels."""
    entries = {
        f"the cell{', mean of its trials' if several else ''}": Line2D(
            [], [], color=VERMILLION, marker="o", markersize=3
        ),
        "kept epoch (lowest validation loss)": Line2D([], [], **BEST),
    }
    if others:
        entries["the other cells"] = Line2D([], [], **OTHERS)
    if several:
        entries["single trials"] = Line2D([], [], color=VERMILLION, linewidth=0.7, alpha=0.45)
    if published:
        entries["published"] = Line2D([], [], color=MUTED, **THEIRS)
    figure.legend(entries.values(), entries.keys(), loc="outside lower center", ncols=2)
