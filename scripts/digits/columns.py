"""The header of a raw CSV: the columns that it has, and those that it must have."""

import csv
import itertools
import math
import re
from collections.abc import Iterator

from digits.errors import DataError
from digits.sources import open_source

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
OTHER_KINDS = {
    b"\x1f\x8b": "gzipped data, which is read from a .csv.gz outside of any zip",
    b"PK\x03\x04": "a zip, which is read from a .zip, as archive.zip::member.csv",
    b"\xff\xfe\0\0": "text in UTF-32",
    b"\0\0\xfe\xff": "text in UTF-32",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
    b"BZh91AY&SY": "data packed with bzip2; unpack it or pack it with gzip",
    b"\xfd7zXZ\0": "data packed with xz; unpack it or pack it with gzip",
    b"PAR1\x15": "a Parquet file",
    b"\x93NUMPY": "a NumPy array",
}
"""What is often given for a CSV, by its first bytes; where two begin alike, the longer is first."""


def longest_row(columns: int) -> int:
    """Return how many bytes a row may have: it bounds the memory that any file can take."""
    return max(1 << 22, 16 * columns)


def shown(value: str) -> str:
    """Quote a value from a file for a message, without its control characters, cut if long."""
    return repr(value if len(value) <= 24 else f"{value[:24]}…")


def read_header(source: str, limit: int = longest_row(0)) -> tuple[list[str], int]:
    """Read the names of a CSV's columns.

    Parameters
    ----------
    source : str
        See :mod:`digits.sources`.
    limit : int
        The most bytes that the header may have.

    Returns
    -------
    names : list of str
    size : int
        The bytes that the first line takes, its end included.

    Raises
    ------
    DataError
        If the file is empty, is not UTF-8 text or its first line is empty or too long.
    """
    with open_source(source) as file:
        head = file.read(limit)
    if not head:
        raise DataError(f"{source}: expected a CSV with a header, found an empty file")
    for beginning, kind in OTHER_KINDS.items():
        if head.startswith(beginning):
            raise DataError(f"{source}: expected a CSV in UTF-8, found {kind}")
    whole = re.match(rb"[^\r\n]*(\r\n|\r|\n)?", head)[0]
    if len(whole) == limit:
        raise DataError(f"{source}, row 1: expected a header of less than {limit} bytes")
    line = whole.rstrip(b"\r\n")
    if b"\0" in line:
        raise DataError(f"{source}, row 1: expected text in UTF-8, found a NUL byte")
    try:
        text = line.removeprefix(BYTE_ORDER_MARK).decode("utf-8")
        names = next(csv.reader([text], strict=True), [])
    except UnicodeDecodeError as error:
        raise DataError(f"{source}, row 1: expected text in UTF-8, found other bytes") from error
    except csv.Error as error:
        raise DataError(f"{source}, row 1: expected a header, found {error}") from error
    if not names:
        raise DataError(f"{source}, row 1: expected a header, found an empty line")
    return names, len(whole)


def read_columns(
    source: str, label: str | None, image_shape: tuple[int, int]
) -> tuple[list[str], int]:
    """Read a CSV's header and check it against what the configuration says.

    The columns must be the label, where there is one, and then the pixels in order (see
    :func:`_orders`).

    Parameters
    ----------
    source : str
        See :mod:`digits.sources`.
    label : str or None
        The name of the label's column; None for a test set, which has none.
    image_shape : (int, int)
        Height and width of an image, in pixels.

    Returns
    -------
    names, size
        As :func:`read_header`.

    Raises
    ------
    DataError
        If the header is not as expected: with the first column that is at fault.
    """
    height, width = image_shape
    names, size = read_header(source, longest_row(height * width))
    fault = _label_fault(names, label, image_shape) or _repeated(names)
    first = 1 if label is None else 2
    fault = fault or _pixels_fault(names[first - 1 :], first, width)
    if fault:
        raise DataError(f"{source}, row 1, {fault}")
    pixels = len(names) + 1 - first
    if pixels != height * width:
        raise DataError(
            f"{source}, row 1: expected {height * width} pixel columns for images of "
            f"{height} x {width} (dataset.image_shape), found {pixels}"
        )
    return names, size


def _label_fault(names: list[str], label: str | None, image_shape: tuple[int, int]) -> str | None:
    width, pixels = image_shape[1], math.prod(image_shape)
    if len(names) == 1 and pixels > 1:
        return f"column 1: expected names separated by commas, found only {shown(names[0])}"
    numbers = all(re.fullmatch(r"[0-9]+(\.[0-9]+)?", name) for name in names)
    if numbers and _pixels_fault(names, 1, width):
        return f"column 1: expected a header, found numbers ({shown(','.join(names[:5]))})"
    if label is None and len(names) == pixels + 1 and not _pixels_fault(names[1:], 2, width):
        return (
            f"column 1: expected a test set, which has no label, found {shown(names[0])}"
            " (are dataset.train and dataset.test swapped?)"
        )
    if label is None or names[0] == label:
        return None
    if label in names:
        place = names.index(label) + 1
        return f"column {place}: expected the label {shown(label)} as column 1, found it here"
    swapped = len(names) == pixels and not _pixels_fault(names, 1, width)
    hint = " (are dataset.train and dataset.test swapped?)" if swapped else ""
    return f"column 1: expected the label {shown(label)}, found {shown(names[0])}{hint}"


def _repeated(names: list[str]) -> str | None:
    seen: set[str] = set()
    for column, name in enumerate(names, start=1):
        if name in seen:
            return f"column {column}: expected each name once, found {shown(name)} again"
        seen.add(name)
    return None


def _pixels_fault(names: list[str], first: int, width: int) -> str | None:
    """Say which pixel column is out of order; ``first`` is the number of the first, from 1."""
    if not names or names[0][-1:] not in ("0", "1"):
        found = shown(names[0]) if names else "none"
        return f"column {first}: expected the first pixel (such as pixel0 or pixel1), found {found}"
    # Of the orders that begin like this, the one meant is the one that is kept longest.
    place, expected = max(_first_difference(names, order) for order in _orders(names[0], width))
    if place == len(names):
        return None
    return f"column {first + place}: expected {shown(expected)}, found {shown(names[place])}"


def _orders(name: str, width: int) -> Iterator[Iterator[str]]:
    """Give the orders that pixels may be in after the name of the first, which ends in 0 or 1.

    After any prefix come integers one after the other, as they are or padded with zeros to one
    length, or row x column, as in 1x1, 1x2.
    """
    start = int(name[-1])
    digits = len(re.search(r"0*[01]$", name)[0])
    for padded in {1, digits}:
        prefix = name[: len(name) - padded]
        yield (f"{prefix}{number:0{padded}d}" for number in itertools.count(start))
    if name.endswith(f"{start}x{start}"):
        places = (divmod(number, width) for number in itertools.count())
        yield (f"{name[:-3]}{start + row}x{start + column}" for row, column in places)


def _first_difference(names: list[str], order: Iterator[str]) -> tuple[int, str]:
    """Return the first place at which names leave an order, their count if none, and its name."""
    expected = list(itertools.islice(order, len(names)))
    pairs = enumerate(zip(names, expected, strict=True))
    place = next((place for place, (name, other) in pairs if name != other), len(names))
    return place, expected[place] if place < len(names) else ""
