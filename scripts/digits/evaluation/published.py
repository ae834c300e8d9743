"""Reading published figures: a folder with ``results.csv`` and ``history.csv``.

They are of networks by their size alone, and stand beside every cell of that size.
"""

from pathlib import Path

from digits.core.design import SIZES, Design
from digits.core.errors import DataError
from digits.core.frames import pd
from digits.core.tables import read_numbers

SIZE = list(SIZES)
CURVES = ("epoch", "accuracy", "loss", "val_accuracy", "val_loss")


def read_shares(folder: Path, design: Design) -> pd.DataFrame:
    """Read published accuracies: a row per cell of the design that has any, its factors in front.

    Raises
    ------
    DataError
        See :func:`check_shares`.
    """
    return _of_cells(check_shares(folder), design)


def read_curves(folder: Path, design: Design) -> pd.DataFrame:
    """Read published learning curves: a row per epoch of each cell of the design that has any.

    Raises
    ------
    DataError
        See :func:`check_curves`.
    """
    return _of_cells(check_curves(folder), design)


def _of_cells(published: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Repeat the rows of a size for every cell of that size, in the order of the design."""
    figures = [name for name in published if name not in SIZE]
    if not design.factors.keys() >= SIZES.keys():
        return pd.DataFrame(columns=[*design.cell_columns, *figures])
    cells = pd.DataFrame(design.cells, columns=design.cell_columns)
    return cells.merge(published, on=SIZE)[[*design.cell_columns, *figures]]


def check_shares(folder: Path) -> pd.DataFrame:
    """Read all published accuracies, one row per size of network.

    Raises
    ------
    DataError
        If the file cannot be used (see :func:`digits.core.tables.read_numbers`), a size has two
        rows, or an accuracy is missing or not from 0 to 1.
    """
    path = folder / "results.csv"
    published = read_numbers(path, SIZE, filled=SIZE)
    twice = published[published.duplicated(SIZE)]
    if len(twice):
        size = ", ".join(f"{name} {twice.iloc[0][name]:g}" for name in SIZE)
        raise DataError(f"{path}: {size} has two rows; expected one")
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


def check_curves(folder: Path) -> pd.DataFrame:
    """Read all published learning curves, one row per epoch of each size of network.

    Raises
    ------
    DataError
        If the file cannot be used, see :func:`digits.core.tables.read_numbers`.
    """
    return read_numbers(folder / "history.csv", (*SIZE, *CURVES), filled=SIZE)
