"""Summaries of cells for plots: means over trials, and failed cells."""

from collections.abc import Sequence

import pandas as pd

from digits.core.design import CELL, Cell, cell_label, cell_of


def cell_statistics(results: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return mean and standard deviation over the trials of each cell.

    Parameters
    ----------
    results : a row per cell and trial; trials without a val_accuracy have failed and are left out
    columns : what to average

    Returns
    -------
    A row per cell with a result, in order of the levels: the factors, trials, and for each column
    ``x`` of ``columns`` its mean ``x`` and standard deviation ``x_sd`` (n - 1 in the denominator;
    NaN for a single trial)
    """
    cells = results.dropna(subset="val_accuracy").groupby(CELL)
    means, deviations = cells[list(columns)].mean(), cells[list(columns)].std()
    table = means.join(deviations.add_suffix("_sd")).join(cells.size().rename("trials"))
    return table.reset_index()


def failed_cells(results: pd.DataFrame) -> list[Cell]:
    """Return the cells without a result in any trial, in order of their levels."""
    known = results["val_accuracy"].notna().groupby([results[name] for name in CELL]).any()
    failed = known[~known].reset_index()
    return [cell_of(cell) for cell in failed.to_dict("records")]


def but_failed(failed: list[Cell]) -> str:
    """Write the failed cells at the end of a description; empty if there are none."""
    return f"; failed: {', '.join(cell_label(cell) for cell in failed)}" if failed else ""
