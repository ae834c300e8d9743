"""Reading published figures: a folder with ``results.csv`` and ``history.csv``."""

from pathlib import Path

import pandas as pd

from digits.core.design import CELL
from digits.core.errors import DataError
from digits.core.tables import read_numbers

CURVES = ("epoch", "accuracy", "loss", "val_accuracy", "val_loss")


def read_shares(folder: Path) -> pd.DataFrame:
    """Read published accuracies, one row per cell.

    Raises
    ------
    DataError
        As :func:`read_published`, or if an accuracy is missing or not from 0 to 1.
    """
    published = read_published(folder)
    path = folder / "results.csv"
    if "val_accuracy" not in published:
        raise DataError(f"{path}: no column 'val_accuracy'; expected layers, nodes, val_accuracy")
    shares = published["val_accuracy"]
    wrong = (~shares.between(0, 1) & shares.notna()).to_numpy().nonzero()[0]
    if len(wrong):
        raise DataError(
            f"{path}, row {wrong[0] + 2}, column val_accuracy: expected a share from 0 to 1,"
            f" found {shares.iloc[wrong[0]]:g}"
        )
    return published


def read_curves(folder: Path) -> pd.DataFrame:
    """Read published learning curves, one row per epoch of each cell."""
    return read_numbers(folder / "history.csv", (*CELL, *CURVES))


def read_published(folder: Path) -> pd.DataFrame:
    """Read the published results, one row per cell, from the ``results.csv`` of a folder.

    Raises
    ------
    DataError
        If the file cannot be used (see :func:`digits.core.tables.read_numbers`) or a cell has two
        rows.
    """
    path = folder / "results.csv"
    published = read_numbers(path, CELL)
    twice = published[published.duplicated(CELL)]
    if len(twice):
        layers, nodes = twice.iloc[0][CELL]
        raise DataError(f"{path}: layers {layers:g}, nodes {nodes:g} has two rows; expected one")
    return published
