"""The first error in the rows of a raw CSV that was refused: a slow, careful pass over them."""

import re
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from digits.core.class_labels import are_numbers, expected
from digits.data.description import Description
from digits.data.formats.csv_header import Columns
from digits.data.formats.csv_header_errors import shown
from digits.data.formats.csv_lines import BLANKS, longest_row
from digits.data.formats.pixels import NUMBER, expected_value, fits, range_hint, whole
from digits.data.sources import BUFFER_BYTES, open_source

Check = Callable[[str], bool]


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
    text: bytes, first_row: int, columns: Columns, description: Description
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
    columns : Columns
        The columns, already checked.
    description : Description
        What the pixels and the labels may be.

    Returns
    -------
    str
        Such as ``row 3, column pixel5: expected an integer from 0 to 255, found '256'``; empty
        if there is no error.
    """
    limit = longest_row(len(columns.names))
    checks = _checks(columns, description)
    numbered = are_numbers(description.classes)
    lines = text.splitlines()
    for row, line in enumerate(lines, start=first_row):
        if len(line) > limit:
            return f"row {row}: expected at most {limit} bytes in a row, found more"
        if not line or (columns.delimiter == " " and not line.strip(b" \t")):
            continue
        fault = _fault_in(_cells(line, columns.delimiter), columns, checks, description)
        if fault and columns.header and _have_row_names(lines, columns, checks, numbered=numbered):
            cells = _cells(line, columns.delimiter)
            return (
                f"row {row}: expected {len(columns.names)} columns, as in the header, found"
                f" {len(cells)}; the first, {shown(_text(cells[0]))}, has no name there: remove it"
                " from all rows (R: write.table(..., row.names = FALSE))"
            )
        if fault:
            return f"row {row}{fault}"
    if not any(lines):
        return f"row {first_row}: expected an image, found {len(lines)} empty lines"
    return ""


def _checks(columns: Columns, description: Description) -> list[Check | None]:
    """Return what tells whether a cell is valid, by column; None where anything is."""
    classes = set(description.classes)

    @cache
    def is_pixel(cell: str) -> bool:
        number = _unquoted(cell).replace(columns.decimal, ".")
        if (columns.decimal == "," and "." in cell) or not NUMBER.fullmatch(number):
            return False
        return bool(fits(np.array([float(number)]), description)[0])

    @cache
    def is_label(cell: str) -> bool:
        label = _text(_unquoted(cell))
        return label in classes or whole(label) in classes

    checks: list[Check | None] = [None] * len(columns.names)
    for place in columns.pixels:
        checks[place] = is_pixel
    if columns.label is not None:
        checks[columns.label] = is_label
    return checks


def _cells(line: bytes, delimiter: str) -> list[str]:
    """Split a line at its delimiters, except those inside quotes."""
    # Latin-1 decodes any bytes, one character each.
    text = line.decode("latin-1")
    if delimiter == " ":
        text = BLANKS.sub(" ", text.strip(" \t"))
    if '"' not in text:
        return text.split(delimiter)
    return _cell(delimiter).findall(text)


@cache
def _cell(delimiter: str) -> re.Pattern[str]:
    """Return what finds the cells of a line, in quotes or not."""
    mark = re.escape(delimiter)
    # The possessive quantifier does not backtrack, so a long cell takes no memory per byte.
    quoted = rf'[ \t]*"(?:[^"]|"")*+"[ \t]*(?={mark}|\Z)'
    return re.compile(rf"(?:\A|(?<={mark}))({quoted}|[^{mark}]*)(?:{mark}|\Z)")


def _fault_in(
    cells: Sequence[str],
    columns: Columns,
    checks: Sequence[Check | None],
    description: Description,
) -> str | None:
    for place, (cell, check) in enumerate(zip(cells, checks, strict=False)):
        if check and not check(cell):
            found = shown(_text(cell)) if cell else "nothing"
            where = f", column {columns.names[place]}: expected"
            if place == columns.label:
                return f"{where} {expected(description.classes)}, found {found}"
            number = _unquoted(cell).replace(columns.decimal, ".")
            hint = range_hint(float(number), description) if NUMBER.fullmatch(number) else ""
            return f"{where} {expected_value(description)}, found {found}{hint}"
    if len(cells) != len(columns.names):
        empty = ", the last one empty" * (not cells[-1])
        return f": expected {len(columns.names)} columns, found {len(cells)}{empty}"
    return None


def _have_row_names(
    lines: Sequence[bytes],
    columns: Columns,
    checks: Sequence[Check | None],
    *,
    numbered: bool,
) -> bool:
    """Return whether each row has an extra first cell that is not always what comes first."""
    always = True
    for line in filter(None, lines):  # one at a time, as there may be millions
        cells = _cells(line, columns.delimiter)
        if len(cells) != len(columns.names) + 1:
            return False
        quoted = numbered and cells[0].startswith('"')
        always = always and not quoted and (checks[0] is None or checks[0](cells[0]))
    return not always


def _unquoted(cell: str) -> str:
    """Return a cell without blanks around it, and without quotes."""
    cell = cell.strip(" \t")
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"').strip(" \t")
    return cell


def _text(cell: str) -> str:
    """Decode a cell whose characters each represent one byte."""
    return cell.encode("latin-1").decode("utf-8", "replace")
