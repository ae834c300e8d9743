"""Summaries of cells for plots and the page: means over trials, and which cells are shown."""

from collections.abc import Mapping, Sequence

import numpy as np

from digits.core.design import Cell, Design
from digits.core.frames import pd
from digits.core.tables import by_cell, by_design

LEADING = 24
"""Up to this many cells are shown one by one."""


def cell_statistics(results: pd.DataFrame, columns: Sequence[str], design: Design) -> pd.DataFrame:
    """Return mean and standard deviation over the trials of each cell.

    Parameters
    ----------
    results : a row per cell and trial; trials without a val_accuracy have failed and are left out
    columns : what to average

    Returns
    -------
    A row per cell with a result, in the order of the design: the factors, trials, and for each
    column ``x`` of ``columns`` its mean ``x`` and standard deviation ``x_sd`` (n - 1 in the
    denominator; NaN for a single trial)
    """
    cells = results.dropna(subset="val_accuracy").groupby(design.cell_columns)
    means, deviations = cells[list(columns)].mean(), cells[list(columns)].std()
    table = means.join(deviations.add_suffix("_sd")).join(cells.size().rename("trials"))
    return by_design(table.reset_index(), design)


def cell_means(results: pd.DataFrame, column: str, design: Design) -> dict[Cell, float]:
    """Return the mean of a column over the trials of each cell, NaN where all have failed."""
    return {cell: float(rows[column].mean()) for cell, rows in by_cell(results, design)}


def failed_cells(results: pd.DataFrame, design: Design) -> list[Cell]:
    """Return the cells without a result in any trial, in the order of the design."""
    return [cell for cell, rows in by_cell(results, design) if rows["val_accuracy"].isna().all()]


def but_failed(failed: list[Cell], design: Design) -> str:
    """Write the failed cells at the end of a description; empty if there are none."""
    return f"; failed: {'; '.join(map(design.cell_label, failed))}" if failed else ""


def accuracies(table: pd.DataFrame, design: Design) -> dict[Cell, float]:
    """Return the accuracy of each cell of a table that has a row per model, NaN if it failed."""
    cells = table[table["model"].isin(design.models)]
    return {design.parse_model(row.model): float(row.accuracy) for row in cells.itertuples()}


def shown_cells(accuracy: Mapping[Cell, float], design: Design) -> list[Cell]:
    """Return the cells to show one by one.

    In the order of the design, if it varies one or two factors and has few cells; else by
    accuracy, the best first, of which only the leading ones are shown.

    Parameters
    ----------
    accuracy : of each cell, NaN where it has no result
    """
    if len(design.varied) <= 2 and len(accuracy) <= LEADING:
        return sorted(accuracy, key=design.rank)
    return ranked(accuracy, design)[:LEADING]


def ranked(accuracy: Mapping[Cell, float], design: Design) -> list[Cell]:
    """Return cells by accuracy, the best first, those without a result last."""
    filled = {cell: -np.inf if np.isnan(share) else share for cell, share in accuracy.items()}
    return sorted(filled, key=lambda cell: (-filled[cell], design.rank(cell)))


def leading(shown: Sequence[Cell], of: int) -> str:
    """Write that only the leading cells are shown, to follow a title; empty if all are."""
    return f": the {len(shown)} most accurate of {of} cells" if len(shown) < of else ""
