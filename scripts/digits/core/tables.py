"""The tables of an experiment as CSV files."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from digits.core.atomic_files import replacing
from digits.core.class_labels import named
from digits.core.design import ENSEMBLE, REPEATS, Cell, Design, spell
from digits.core.frames import pd
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
    **dict.fromkeys(FILLED, ("a value", pd.Series.notna)),
}
"""What a column's cells must be, in words and as a function that says of each whether it is."""

NAMES = [*REPEATS, "epoch", "row"]
"""Integer key columns; empty only where ``model`` is not a cell."""

NO_CELLS = (ENSEMBLE, "all")
"""Models that are not cells: their rows have no levels."""


def read_table(
    path: Path,
    columns: Sequence[str],
    design: Design | None = None,
    *,
    empty: bool = False,
) -> pd.DataFrame:
    """Read a CSV file with at least ``columns`` and one row, or none if ``empty``.

    Parameters
    ----------
    design : of the experiment, if the table may have columns of its factors or of its models

    Raises
    ------
    DataError
        If the file is missing, is no CSV, lacks a column, has no rows, has a column that is not of
        its form in ``FORMS``, a level or a model that is not in the design, or anything but a
        finite number or nothing in a column that is not among ``TEXTS``: names the row, as an
        editor counts, and the column.
    """
    with reading(path):
        table = _read_csv(path, columns, design)
        if table.empty and not empty:
            raise ContentError("no rows")
        for column in table.columns:
            if column not in TEXTS and not (design and column in design.factors):
                numbers = _numbers(table, column)
                if numbers.dtype != table[column].dtype:
                    table[column] = numbers
        for column, (expected, fits) in FORMS.items():
            if column in table.columns:
                refuse(table, column, ~fits(table[column]), expected)
        if design:
            _check_levels(table, design)
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            if file.read() != b"\n":
                raise ContentError("cut short, no line end at its end")
    return table


def _check_levels(table: pd.DataFrame, design: Design) -> None:
    """Check models and levels, and turn levels into the types of their factors, in place."""
    absent = pd.Series(False, table.index)
    if "model" in table:
        absent = table["model"].isin(NO_CELLS)
        known = absent | table["model"].isin(design.models)
        refuse(table, "model", ~known, f"a cell, such as {next(iter(design.models))}")
    for factor, levels in design.factors.items():
        if factor in table:
            cells = table[factor] if isinstance(levels[0], str) else _to_numbers(table[factor])
            empty = table[factor].isna() | (table[factor] == "")
            wrong = ~cells.isin(levels) & ~(absent & empty)
            refuse(table, factor, wrong, f"one of {', '.join(map(spell, levels))}")
            kind = {int: "Int64" if absent.any() else "int64", float: "float64", str: "object"}
            table[factor] = cells.astype(kind[design.kinds[factor]])


def _read_csv(path: Path, columns: Sequence[str], design: Design | None = None) -> pd.DataFrame:
    table = pd.read_csv(path)
    # Levels such as none, true or 007 are text as they stand.
    texts = {factor for factor, kind in design.kinds.items() if kind is str} if design else set()
    labels = [name for name in table if name in LABELS or name in texts]
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
    # In NumPy, which takes a small part of the time of pandas on the many small tables of trials.
    values, empty = numbers.to_numpy(), cells.isna().to_numpy()
    fine, expected = np.isfinite(values.astype(float)) | empty, "a number"
    if column in NAMES:
        whole = (values >= 0) & (values <= LARGEST) & (values == np.floor(values))
        fine, expected = whole, "a whole number from 0"
        if "model" in table.columns:
            fine |= empty & table["model"].isin(NO_CELLS).to_numpy()
    refuse(table, column, ~fine, expected)
    return numbers


def _to_numbers(cells: pd.Series) -> pd.Series:
    """Return a column as numbers, NaN where it has none; an integer above all floats is inf."""
    try:
        return pd.to_numeric(cells, errors="coerce")
    except OverflowError:
        return pd.to_numeric(cells.astype(str), errors="coerce")


def refuse(table: pd.DataFrame, column: str, wrong: pd.Series | np.ndarray, expected: str) -> None:
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


def read_numbers(path: Path, columns: Sequence[str], filled: Sequence[str] = ()) -> pd.DataFrame:
    """Read a user's CSV file of numbers, with at least ``columns`` and one row.

    Parameters
    ----------
    filled : the columns in which no cell may be empty

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
            empty = table[column].isna() & (column not in filled)
            refuse(table, column, numbers.isna() & ~empty, "a number")
            table[column] = numbers
    return table


def rows_of(table: pd.DataFrame, cell: Cell, design: Design) -> pd.DataFrame:
    """Return the rows of one cell of the design; there may be none."""
    return table[(table[design.cell_columns] == list(cell)).all(axis=1)]


def by_design(table: pd.DataFrame, design: Design, also: Sequence[str] = ()) -> pd.DataFrame:
    """Sort a table by the levels of the factors, in the order of the design, then by ``also``.

    Only the factors, and those of ``also``, that are columns of the table count.
    """
    columns = [name for name in (*design.factors, *also) if name in table]

    def places(cells: pd.Series) -> pd.Series:
        levels = design.factors.get(str(cells.name))
        if levels is None:
            return cells
        return cells.map({level: place for place, level in enumerate(levels)}).astype(float)

    return table.sort_values(columns, key=places, kind="stable", ignore_index=True)


def by_cell(table: pd.DataFrame, design: Design) -> Iterator[tuple[Cell, pd.DataFrame]]:
    """Yield the cells that have rows in a table, with them, in the order of the design."""
    groups = table.groupby(design.cell_columns, sort=False)
    found = {
        design.cell_of(dict(zip(design.factors, key, strict=True))): rows for key, rows in groups
    }
    yield from sorted(found.items(), key=lambda each: design.rank(each[0]))


def some_rows_of(path: Path, table: pd.DataFrame, cell: Cell, design: Design) -> pd.DataFrame:
    """Return the rows of a cell in a table, of which there must be some.

    Raises
    ------
    DataError
        If the table, which was read from ``path``, has none.
    """
    rows = rows_of(table, cell, design)
    with reading(path):
        if rows.empty:
            levels = " and ".join(
                f"{name} {spell(level)}" for name, level in zip(design.factors, cell, strict=True)
            )
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
