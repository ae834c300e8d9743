"""The first fault in rows of a raw CSV that could not be read: a slow, careful pass over them."""

import re
from collections.abc import Sequence

from digits.columns import longest_row, shown
from digits.sources import BUFFER_BYTES, open_source

# What pyarrow takes for an unsigned number, less its hexadecimal ones: decimal digits, with any
# zeros before and any spaces or tabs around. No sign, point, exponent, quotes or empty cells.
CELL = re.compile(r"[ \t]*0*([0-9]{1,3})[ \t]*")


def count_lines(source: str, size: int) -> int:
    """Count the lines that end in the first ``size`` bytes of a source, as an editor counts them.

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
    text: bytes, first_row: int, names: Sequence[str], *, label: str | None, classes: int
) -> str:
    """Find the first row, and in it the first column, that is not as expected.

    Rows are counted as an editor counts lines: the header is row 1, and empty lines, which are
    passed over, count. LF, CR LF and CR end a line.

    Parameters
    ----------
    text : bytes
        Rows of the CSV, from the beginning of one.
    first_row : int
        The number of the first of them.
    names : sequence of str
        The columns of the header, already checked.
    label : str or None
        The name of the label's column, the first, if there is one.
    classes : int
        Labels are the integers from 0 to ``classes - 1``.

    Returns
    -------
    str
        Such as ``row 3, column pixel5: expected an integer from 0 to 255, found '256'``; empty
        if there is no fault.
    """
    limit = longest_row(len(names))
    highest = [255] * len(names)
    if label is not None:
        highest[0] = classes - 1
    usual = {str(value) for value in range(256)}
    usual_first = {str(value) for value in range(highest[0] + 1)}
    lines = text.splitlines()
    for row, line in enumerate(lines, start=first_row):
        if len(line) > limit:
            return f"row {row}: expected at most {limit} bytes in a row, found more"
        if not line:
            continue
        # Latin-1 reads any bytes, one character each.
        cells = line.decode("latin-1").split(",")
        if len(cells) == len(names) and cells[0] in usual_first and usual.issuperset(cells[1:]):
            continue
        fault = _fault_in(cells, names, highest)
        if fault:
            return f"row {row}{fault}"
    if not any(lines):
        return f"row {first_row}: expected an image, found {len(lines)} empty lines"
    return ""


def _fault_in(cells: Sequence[str], names: Sequence[str], highest: Sequence[int]) -> str | None:
    for cell, name, most in zip(cells, names, highest, strict=False):
        match = CELL.fullmatch(cell)
        if match is None or int(match[1]) > most:
            found = shown(cell.encode("latin-1").decode("utf-8", "replace")) if cell else "nothing"
            return f", column {name}: expected an integer from 0 to {most}, found {found}"
    if len(cells) != len(names):
        return f": expected {len(names)} columns, found {len(cells)}"
    return None
