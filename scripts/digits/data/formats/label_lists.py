"""Labels in a CSV of their own: one per line, or a column of several."""

import csv
from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np

from digits.core.class_labels import expected
from digits.core.errors import DataError
from digits.data.description import Description
from digits.data.formats import csv_lines
from digits.data.formats.csv_header_errors import shown
from digits.data.formats.pixels import as_text, whole
from digits.data.sources import open_source

MOST_BYTES = 1 << 24


def read_csv_labels(source: str, description: Description, names: Sequence[str] = ()) -> np.ndarray:
    """Read a CSV of labels, with or without a header.

    Parameters
    ----------
    names : names of the pictures, with their suffixes. Where another column has them, with the
        suffixes or without, the labels go by these, whatever their order.

    Returns
    -------
    uint8 array of shape (n,), numbers of classes

    Raises
    ------
    DataError
        If it is not text, if the label column is not there, or a label is none of the classes; if a
        picture has no label, or two.
    """
    csv_lines.read_head(source, 1 << 22)
    with open_source(source) as file:
        content = file.read(MOST_BYTES + 1).removeprefix(csv_lines.BYTE_ORDER_MARK)
    if len(content) > MOST_BYTES:
        raise DataError(f"{source}: expected at most {MOST_BYTES:,} bytes of labels, found more")
    lines = content.splitlines()
    if not any(lines):
        raise DataError(f"{source}: expected labels, found none")
    delimiter = description.delimiter or _delimiter(lines[0])
    first = _cells(source, 1, lines[0], delimiter)
    known = {label: number for number, label in enumerate(description.classes)}
    place = _place(source, first, description)
    numbers, skip = [], int(_number(known, first[place]) is None)
    pictures = _Pictures(source, names, place)
    for row, line in enumerate(lines[skip:], start=1 + skip):
        if not line.strip():
            continue
        cells = _cells(source, row, line, delimiter)
        number = _number(known, cells[place]) if place < len(cells) else None
        if number is None:
            found = shown(cells[place]) if place < len(cells) else "nothing"
            wanted = expected(description.classes)
            raise DataError(f"{source}, row {row}: expected {wanted}, found {found}")
        numbers.append(number)
        pictures.add(row, cells)
    labels = np.array(numbers, np.uint8)
    return labels[pictures.rows()] if pictures.column is not None else labels


class _Pictures:
    """Which row is that of which picture, where a column has their names.

    Attributes
    ----------
    column : index of the names, None where there are none
    """

    def __init__(self, source: str, names: Sequence[str], label: int) -> None:
        self.column: int | None = None
        self._source, self._names, self._label = source, names, label
        stems = [PurePosixPath(name).stem for name in names]
        self._keys = {key: place for keys in (stems, names) for place, key in enumerate(keys)}
        if len(set(stems)) < len(stems):
            self._keys = {name: place for place, name in enumerate(names)}
        self._rows: dict[int, int] = {}
        self._count = 0

    def add(self, row: int, cells: Sequence[str]) -> None:
        """Note a row, of which the first says which column it is."""
        found = [self._keys.get(cell.rpartition("/")[2]) for cell in cells]
        if not self._count:
            places = (n for n, key in enumerate(found) if key is not None and n != self._label)
            self.column = next(places, None)
        self._count += 1
        if self.column is None:
            return
        place = found[self.column] if self.column < len(found) else None
        name = shown(cells[self.column]) if self.column < len(cells) else "nothing"
        if place is None:
            raise DataError(
                f"{self._source}, row {row}: expected the name of a picture, found {name}"
            )
        if place in self._rows:
            raise DataError(
                f"{self._source}, row {row}: expected each picture once, found {name} again"
            )
        self._rows[place] = self._count - 1

    def rows(self) -> list[int]:
        """Return the row of each picture, of the rows with labels from 0."""
        for place, name in enumerate(self._names):
            if place not in self._rows:
                raise DataError(
                    f"{self._source}: expected a label of each picture, found none of {shown(name)}"
                )
        return [self._rows[place] for place in range(len(self._names))]


def _delimiter(first: bytes) -> str:
    """Return what separates the cells of a first line, a comma if nothing does."""
    return next((mark for mark in ",;\t|" if mark.encode() in first), ",")


def _number(known: dict[str, int], cell: str) -> int | None:
    return known.get(cell, known.get(whole(as_text(cell))))


def _cells(source: str, row: int, line: bytes, delimiter: str) -> list[str]:
    try:
        return csv_lines.split(line.decode("utf-8"), delimiter) or [""]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{source}, row {row}: expected a label, found other bytes") from error


def _place(source: str, first: list[str], description: Description) -> int:
    """Return the index of the label's column."""
    if len(first) == 1:
        return 0
    label = description.label
    if label in first:
        return first.index(label)
    if isinstance(label, int) and label <= len(first):
        return label - 1
    if label in ("first", "last"):
        return 0 if label == "first" else len(first) - 1
    found = ",".join(first)[:40]
    raise DataError(
        f"{source}, row 1: expected labels alone, or the column {label!r}, found {found}"
    )
