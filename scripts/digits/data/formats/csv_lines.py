"""Lines of a CSV as cells, whatever separates them."""

import csv
import re
from collections.abc import Iterable, Sequence

from digits.core.errors import DataError
from digits.data.file_kinds import kind_of
from digits.data.sources import open_source

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SAMPLED = 2000
"""Number of lines at the beginning of a file from which its layout is found out, at most."""

LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
BLANKS = re.compile(r"[ \t]+")


def longest_row(columns: int) -> int:
    """Return the largest size of a row in bytes, which bounds the memory that a file can take."""
    return max(1 << 22, 32 * columns)


def read_head(source: str, limit: int) -> bytes:
    """Read the beginning of a CSV, without a byte order mark.

    Raises
    ------
    DataError
        If it is empty, or not text, or its first line is not one of less than ``limit`` bytes.
    """
    with open_source(source) as file:
        head = file.read(limit)
    if not head:
        raise DataError(f"{source}: expected a CSV with a header, found an empty file")
    if kind := kind_of(head):
        raise DataError(f"{source}: expected a CSV in UTF-8, found {kind.name}; {kind.remedy}")
    if len(LINE.match(head)[0]) == limit:
        raise DataError(f"{source}, row 1: expected a header of fewer than {limit} bytes")
    return head


def decoded(source: str, line: bytes) -> str:
    """Return the first line of a CSV as text.

    Raises
    ------
    DataError
        If it is not in UTF-8.
    """
    if b"\0" in line:
        raise DataError(f"{source}, row 1: expected text in UTF-8, found a NUL byte")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        found = f"the byte 0x{line[error.start]:02x} at byte {error.start + 1}"
        raise DataError(
            f"{source}, row 1: expected text in UTF-8, found {found}; save the file as UTF-8"
        ) from error


def lines_of(head: bytes, *, whole: bool) -> list[bytes]:
    """Split the beginning of a file into lines, the first few that are not empty.

    Parameters
    ----------
    whole : whether it is all of the file; otherwise the last line may not be complete
    """
    lines = head[: 1 << 20].splitlines()
    if not whole or len(head) > 1 << 20:
        lines = lines[:-1]
    return [line for line in lines[: SAMPLED + 1] if line.strip()]


def split(line: str, delimiter: str) -> list[str]:
    """Split a line into cells, without quotes and blanks around them.

    Raises
    ------
    csv.Error
        If quotes are not closed, or a cell is far too long.
    """
    if delimiter == " ":
        line = BLANKS.sub(" ", line.strip(" \t"))
    cells = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True, strict=True), [])
    return [cell.strip(" \t") for cell in cells]


def split_rows(lines: Iterable[bytes], delimiter: str) -> list[list[str]]:
    """Split sampled lines into cells, as far as they can be; bytes that are no text are kept."""
    rows = []
    for line in lines:
        try:
            rows.append(split(line.decode("utf-8", "replace"), delimiter))
        except csv.Error:
            break
    return rows


def is_index(cells: Sequence[str]) -> bool:
    """Return whether cells count the rows from 0 or 1: an index, or names of rows."""
    if len(cells) < 2:
        return False
    return any(
        all(cell == str(number) for number, cell in enumerate(cells, start)) for start in (0, 1)
    )
