"""The tables of an experiment as CSV files."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from digits.core.atomic_files import replacing
from digits.core.class_labels import named
from digits.core.design import CELL, ENSEMBLE, MODEL, TRIAL, Cell
from digits.core.intermediate_files import ContentError, reading
from digits.core.json_records import LARGEST

LABELS = ("label", "predicted", "ensemble")
"""Columns of class labels, which are read as text even where they look like numbers."""

TEXTS = {
    *("device", "interval", "kind", "level", "model", "part", "rule", "term"),
    *("test", "first", "second", "label", "predicted", "ensemble"),
}
"""Columns that need not be numeric: names and labels."""


FILLED = (
    *("images", "mean", "median", "ink", "rule", "jobs", "seconds"),
    *("precision", "recall", "f1", "support", "count"),
)
"""Columns that are never empty."""

FORMS: dict[str, tuple[str, Callable[[pd.Series], pd.Series]]] = {
    "part": ("train or test", lambda cells: cells.isin({"train", "test"})),
    "model": (
        "a cell, such as 5L200N, ensemble or all",
        lambda cells: cells.astype(str).str.fullmatch(f"{MODEL.pattern}|{ENSEMBLE}|all"),
    ),
    **dict.fromkeys(FILLED, ("a value", pd.Series.notna)),
}
"""What a column's cells must be, in words and as a function that says of each whether it is."""

NAMES = [*TRIAL, "epoch", "row"]
"""Integer key columns; empty only where ``model`` is not a cell."""


def read_table(path: Path, columns: Sequence[str], *, empty: bool = False) -> pd.DataFrame:
    """Read a CSV file with at least ``columns`` and one row, or none if ``empty``.

    Raises
    ------
    DataError
        If the file is missing, is no CSV, lacks a column, has no rows, has a column that is not of
        its form in ``FORMS``, or anything but a finite number or nothing in one that is not among
        ``TEXTS``: names the row, as an editor counts, and the column.
    """
    with reading(path):
        table = _read_csv(path, columns)
        if table.empty and not empty:
            raise ContentError("no rows")
        for column in table.columns:
            if column not in TEXTS:
                table[column] = _numbers(table, column)
        for column, (expected, fits) in FORMS.items():
            if column in table.columns:
                refuse(table, column, ~fits(table[column]), expected)
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            if file.read() != b"\n":
                raise ContentError("cut short, no line end at its end")
    return table


def _read_csv(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    table = pd.read_csv(path)
    labels = [name for name in LABELS if name in table]
    if labels:
        table[labels] = pd.read_csv(path, usecols=labels, dtype=str, na_filter=False)[labels]
    if not isinstance(table.index, pd.RangeIndex):
        raise ContentError("row 2 has more values than there are columns")
    for column in columns:
        if column not in table.columns:
            raise ContentError(f"no column {column!r}; expected {', '.join(columns)}")
    return table


def _numbers(table: pd.DataFrame, column: str) -> pd.Series:
    """Return a column as finite numbers or NaN; as integers where it is among ``NAMES``."""
    cells = table[column]
    numbers = _to_numbers(cells)
    fine, expected = np.isfinite(numbers.astype(float)) | cells.isna(), "a number"
    if column in NAMES:
        fine, expected = (numbers % 1 == 0) & numbers.between(0, LARGEST), "a whole number from 0"
        if "model" in table.columns:
            fine |= cells.isna() & ~table["model"].astype(str).str.fullmatch(MODEL.pattern)
    refuse(table, column, ~fine, expected)
    return numbers


def _to_numbers(cells: pd.Series) -> pd.Series:
    """Return a column as numbers, NaN where it has none; an integer above all floats is inf."""
    try:
        return pd.to_numeric(cells, errors="coerce")
    except OverflowError:
        return pd.to_numeric(cells.astype(str), errors="coerce")


def refuse(table: pd.DataFrame, column: str, wrong: pd.Series, expected: str) -> None:
    """Raise an error for the first invalid cell of a column, if there is one.

    Raises
    ------
    ContentError
        If any is: names the row, as an editor counts, the column and what was ``expected``.
    """
    rows = np.flatnonzero(wrong)
    if len(rows):
        found = str(table[column].iloc[rows[0]])[:40]
        place = f"row {rows[0] + 2}, column {column}"
        raise ContentError(f"expected {expected}, found {found!r}", place)


def read_numbers(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Read a user's CSV file of numbers, with at least ``columns`` and one row; cells may be empty.

    Raises
    ------
    DataError
        If the file cannot be read, lacks a column or has no rows, or holds anything but numbers:
        names the row, as an editor counts, and the column.
    """
    with reading(path, given=True):
        table = _read_csv(path, columns)
        if table.empty:
            raise ContentError("no rows")
        for column in table.columns:
            numbers = _to_numbers(table[column]).replace([np.inf, -np.inf], np.nan)
            empty = table[column].isna() & (column not in CELL)
            refuse(table, column, numbers.isna() & ~empty, "a number")
            table[column] = numbers
    return table


def rows_of(table: pd.DataFrame, cell: Cell) -> pd.DataFrame:
    """Return the rows of one cell of the design; there may be none."""
    return table[(table[CELL] == list(cell)).all(axis=1)]


def read_cell(
    path: Path, columns: Sequence[str], cell: Cell, *, empty: bool = False
) -> pd.DataFrame:
    """Read the rows of one cell from a CSV file with the columns of its factors and ``columns``.

    There may be none of them where that is said by ``empty``.

    Raises
    ------
    DataError
        If the file cannot be used (see :func:`read_table`) or has no row of the cell.
    """
    rows = rows_of(read_table(path, (*CELL, *columns), empty=empty), cell)
    with reading(path):
        if rows.empty and not empty:
            levels = " and ".join(f"{name} {level}" for name, level in zip(CELL, cell, strict=True))
            raise ContentError(f"no row with {levels}")
    return rows


def label_classes(table: pd.DataFrame, classes: Sequence[str]) -> pd.DataFrame:
    """Replace class numbers by labels, in the columns of labels."""
    columns = [name for name in LABELS if name in table]
    return table.assign(**{name: named(table[name].to_numpy(), classes) for name in columns})


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table atomically as CSV, numbers in their shortest exact form."""
    with replacing(path) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")


def known(number: Any) -> Any:
    """Return a plain Python number, or None for NaN."""
    return None if pd.isna(number) else getattr(number, "item", lambda: number)()


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as dictionaries of plain numbers and strings, None for NaN."""
    return [{name: known(cell) for name, cell in row.items()} for row in frame.to_dict("records")]
