"""The header of a raw CSV: reading it, and checking it against the configuration."""

import csv
import re

from digits.core.errors import DataError
from digits.data.csv_header_errors import Layout, count_fault, names_fault, separator_fault
from digits.data.file_kinds import kind_of
from digits.data.sources import open_source

BYTE_ORDER_MARK = "\ufeff"


def longest_row(columns: int) -> int:
    """Return the largest size of a row in bytes, which bounds the memory that a file can take."""
    return max(1 << 22, 16 * columns)


def read_header(source: str, limit: int = longest_row(0)) -> tuple[list[str], int]:
    """Read the column names of a CSV.

    Parameters
    ----------
    source : str
        See :mod:`digits.data.sources`.
    limit : int
        The largest size of the header in bytes.

    Returns
    -------
    names : list of str
    size : int
        The size of the first line in bytes, its line end included.

    Raises
    ------
    DataError
        If the file is empty, is not UTF-8 text or its first line is empty or too long.
    """
    line, size = _first_line(source, limit)
    return _names(source, line), size


def read_columns(
    source: str, label: str | None, image_shape: tuple[int, int], *, test: bool = False
) -> tuple[list[str], int]:
    """Read a CSV's header and check it against the configuration.

    The columns must be the label, if there is one, and then the pixels in order.

    Parameters
    ----------
    source : str
        See :mod:`digits.data.sources`.
    label : str or None
        The name of the label's column; None for a file that must not have labels.
    image_shape : (int, int)
        Height and width of an image, in pixels.
    test : bool
        Whether it is a test set, in which the label may be absent.

    Returns
    -------
    names, size
        As :func:`read_header`.

    Raises
    ------
    DataError
        If the header is not as expected: names the first invalid column.
    """
    layout = Layout(label, image_shape, test)
    line, size = _first_line(source, longest_row(layout.pixels))
    # Checked first: quoted names that no comma separates are not even CSV.
    if "," not in line and (fault := separator_fault(line, layout)):
        raise DataError(f"{source}, row 1{fault}")
    names = _names(source, line)
    fault = names_fault(names, layout) or count_fault(names, layout)
    if fault:
        raise DataError(f"{source}, row 1{fault}")
    return names, size


def _first_line(source: str, limit: int) -> tuple[str, int]:
    """Return the first line without its line end, and its size in bytes with it."""
    with open_source(source) as file:
        head = file.read(limit)
    if not head:
        raise DataError(f"{source}: expected a CSV with a header, found an empty file")
    if kind := kind_of(head):
        raise DataError(f"{source}: expected a CSV in UTF-8, found {kind.name}; {kind.remedy}")
    whole = re.match(rb"[^\r\n]*(\r\n|\r|\n)?", head)[0]
    if len(whole) == limit:
        raise DataError(f"{source}, row 1: expected a header of fewer than {limit} bytes")
    line = whole.rstrip(b"\r\n")
    if b"\0" in line:
        raise DataError(f"{source}, row 1: expected text in UTF-8, found a NUL byte")
    try:
        return line.decode("utf-8").removeprefix(BYTE_ORDER_MARK), len(whole)
    except UnicodeDecodeError as error:
        found = f"the byte 0x{line[error.start]:02x} at byte {error.start + 1}"
        raise DataError(
            f"{source}, row 1: expected text in UTF-8, found {found}; save the file as UTF-8"
        ) from error


def _names(source: str, line: str) -> list[str]:
    """Split a header into column names."""
    try:
        names = next(csv.reader([line], strict=True), [])
    except csv.Error as error:
        raise DataError(f"{source}, row 1: expected a header, found {error}") from error
    if not names:
        raise DataError(f"{source}, row 1: expected a header, found an empty line")
    return names
