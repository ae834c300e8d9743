"""Labels in a CSV of their own: one per line, or a column of several."""

import csv

import numpy as np

from digits.core.class_labels import expected
from digits.core.errors import DataError
from digits.data.description import Description
from digits.data.formats import csv_lines
from digits.data.formats.csv_header_errors import shown
from digits.data.formats.pixels import as_text, whole
from digits.data.sources import open_source

MOST_BYTES = 1 << 24


def read_csv_labels(source: str, description: Description) -> np.ndarray:
    """Read a CSV of labels, with or without a header.

    Returns
    -------
    uint8 array of shape (n,), numbers of classes

    Raises
    ------
    DataError
        If it is not text, if the label column is not there, or a label is none of the classes.
    """
    csv_lines.read_head(source, 1 << 22)
    with open_source(source) as file:
        content = file.read(MOST_BYTES + 1).removeprefix(csv_lines.BYTE_ORDER_MARK)
    if len(content) > MOST_BYTES:
        raise DataError(f"{source}: expected at most {MOST_BYTES:,} bytes of labels, found more")
    delimiter = description.delimiter or ","
    lines = content.splitlines()
    first = _cells(source, 1, lines[0], delimiter)
    known = {label: number for number, label in enumerate(description.classes)}
    place = _place(source, first, description)
    numbers, skip = [], int(_number(known, first[place]) is None)
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
    return np.array(numbers, np.uint8)


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
