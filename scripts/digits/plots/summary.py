"""The cells of a design summed up for plots: means over trials, and which cells failed."""

from collections.abc import Sequence

import pandas as pd

from digits.core.design import CELL, cell_label


def cell_statistics(results: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return mean and standard deviation over the trials of each cell.

    Parameters
    ----------
    results : a row per cell and trial; trials without a val_accuracy have failed and do not count
    columns : what to average

    Returns
    -------
    A row per cell with a result, sorted by layers and nodes: layers, nodes, trials, and for each
    column ``x`` of ``columns`` its mean ``x`` and standard deviation ``x_sd`` (n - 1 in the
    denominator; NaN for a single trial)
    """
    cells = results.dropna(subset="val_accuracy").groupby(CELL)
    means, deviations = cells[list(columns)].mean(), cells[list(columns)].std()
    table = means.join(deviations.add_suffix("_sd")).join(cells.size().rename("trials"))
    return table.reset_index()


def failed_cells(results: pd.DataFrame) -> list[tuple[int, int]]:
    """Return layers and nodes of the cells none of whose trials has a result, in order."""
    known = results["val_accuracy"].notna().groupby([results[name] for name in CELL]).any()
    return [(int(layers), int(nodes)) for layers, nodes in known.index[~known]]


def but_failed(failed: list[tuple[int, int]]) -> str:
    """Return what a description says of the cells that failed; nothing if there are none."""
    return f"; failed: {', '.join(cell_label(*cell) for cell in failed)}" if failed else ""
