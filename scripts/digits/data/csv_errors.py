"""The first error in the rows of a raw CSV that was refused: a slow, careful pass over them."""

import re
from collections.abc import Sequence

from digits.core.class_labels import are_numbers, expected, labels_of, split_label
from digits.data.csv_header import longest_row
from digits.data.csv_header_errors import shown
from digits.data.sources import BUFFER_BYTES, open_source

# What pyarrow takes for an unsigned number, less its hexadecimal ones: decimal digits, with any
# zeros before and any spaces or tabs around. No sign, point, exponent, quotes or empty cells.
CELL = re.compile(r"[ \t]*0*([0-9]{1,3})[ \t]*")

PIXELS = labels_of(256)


def count_lines(source: str, size: int) -> int:
    """Count the lines that end within the first ``size`` bytes of a source, as an editor does.

    LF, CR LF and CR end a line.
    """
    lines, last = 0, b""
    with open_source(source) as file:
        while size and (chunk := file.read(min(size, BUFFER_BYTES))):
            size -= len(chunk)
            pairs = (last + chunk).count(b"\r\n")
            lines += chunk.count(b"\n") + chunk.count(b"\r") - pairs
            last = chunk[-1:]
    return lines


def find_first_fault(
    text: bytes, first_row: int, names: Sequence[str], *, label: str | None, classes: Sequence[str]
) -> str:
    """Find the first row, and in it the first column, that is invalid.

    Rows are counted as an editor counts lines: the header is row 1, and empty lines, which are
    skipped, count. LF, CR LF and CR end a line.

    Parameters
    ----------
    text : bytes
        Rows of the CSV, from the start of a row.
    first_row : int
        The number of the first of them.
    names : sequence of str
        The columns of the header, already checked.
    label : str or None
        The name of the label's column, which is the first, if there is one.
    classes : sequence of str
        The labels.

    Returns
    -------
    str
        Such as ``row 3, column pixel5: expected an integer from 0 to 255, found '256'``; empty
        if there is no error.
    """
    limit = longest_row(len(names))
    labels = PIXELS if label is None else classes
    numbered, usual_first, usual = are_numbers(labels), _usual(labels), _usual(PIXELS)
    lines = text.splitlines()
    for row, line in enumerate(lines, start=first_row):
        if len(line) > limit:
            return f"row {row}: expected at most {limit} bytes in a row, found more"
        if not line:
            continue
        cells = _cells(line, quoted=not numbered)
        if len(cells) == len(names) and cells[0] in usual_first and usual.issuperset(cells[1:]):
            continue
        fault = _fault_in(cells, names, labels)
        if fault and _have_row_names(lines, len(names), labels):
            return (
                f"row {row}: expected {len(names)} columns, as in the header, found {len(cells)};"
                f" the first, {shown(_text(cells[0]))}, has no name there: remove it from all rows"
                " (R: write.table(..., row.names = FALSE))"
            )
        if fault:
            return f"row {row}{fault}"
    if not any(lines):
        return f"row {first_row}: expected an image, found {len(lines)} empty lines"
    return ""


def _usual(labels: Sequence[str]) -> set[str]:
    """Return the labels, or pixels, as cells in their usual spelling."""
    return {label.encode().decode("latin-1") for label in labels}


def _cells(line: bytes, *, quoted: bool) -> list[str]:
    """Split a line at its commas, except those inside a quoted first cell."""
    # Latin-1 decodes any bytes, one character each.
    if not quoted:
        return line.decode("latin-1").split(",")
    first, rest = split_label(line)
    return [first.decode("latin-1"), *rest.decode("latin-1").split(",")[1:]]


def _fault_in(cells: Sequence[str], names: Sequence[str], labels: Sequence[str]) -> str | None:
    for place, (cell, name) in enumerate(zip(cells, names, strict=False)):
        allowed = PIXELS if place else labels
        if not _is_one_of(cell, allowed):
            found = shown(_text(cell)) if cell else "nothing"
            return f", column {name}: expected {expected(allowed)}, found {found}"
    if len(cells) != len(names):
        empty = ", the last one empty" * (not cells[-1])
        return f": expected {len(names)} columns, found {len(cells)}{empty}"
    return None


def _have_row_names(lines: Sequence[bytes], columns: int, labels: Sequence[str]) -> bool:
    """Return whether each row has an extra first cell that is not always a label."""
    always_labels = True
    for line in filter(None, lines):  # one at a time, as there may be millions
        cells = _cells(line, quoted=not are_numbers(labels))
        if len(cells) != columns + 1:
            return False
        always_labels = always_labels and _is_one_of(cells[0], labels)
    return not always_labels


def _is_one_of(cell: str, allowed: Sequence[str]) -> bool:
    if not are_numbers(allowed):
        return cell.strip(" \t") in _usual(allowed)
    number = CELL.fullmatch(cell)
    return number is not None and int(number[1]) < len(allowed)


def _text(cell: str) -> str:
    """Decode a cell whose characters each represent one byte."""
    return cell.encode("latin-1").decode("utf-8", "replace")
