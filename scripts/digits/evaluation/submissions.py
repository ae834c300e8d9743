"""Submissions in Kaggle's format: written, checked, and scored offline."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from digits.core.atomic_files import write_text
from digits.core.class_labels import expected
from digits.core.intermediate_files import ContentError, reading
from digits.data.sources import is_there

HEADER = ["ImageId", "Label"]

MOST_BYTES = 1024
"""Largest mean size of a row: a label of 60 characters has 240 bytes, twice that if quotes."""


def write_submission(path: Path, labels: Iterable[object]) -> None:
    """Write labels as a submission; ids count from 1."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEADER, *enumerate(labels, start=1)])
    write_text(path, text.getvalue())


def read_submission(path: Path, *, rows: int, classes: Sequence[str]) -> np.ndarray:
    """Read a file of test labels, in the format of a submission, checking every line.

    Parameters
    ----------
    rows : expected number of images
    classes : the labels of the classes

    Returns
    -------
    int64 array of shape (n,), the number of the class of image 1, 2, …

    Raises
    ------
    DataError
        If the header, an id, their order, a label or the number of rows is not as it must be.
    """
    numbers = {label: number for number, label in enumerate(classes)}
    found = []
    with reading(path, given=True):
        for row, line in _read_lines(path, rows):
            identifier = str(len(found) + 1)
            place = f"row {row}"
            if len(line) != len(HEADER):
                raise ContentError(f"expected 2 values, found {len(line)}", place)
            if line[0] != identifier:
                reason = f"expected {identifier}, found {line[0][:80]!r}"
                raise ContentError(reason, f"{place}, column ImageId")
            if line[1] not in numbers:
                reason = f"expected {expected(classes)}, found {line[1][:80]!r}"
                raise ContentError(reason, f"{place}, column Label")
            found.append(numbers[line[1]])
        if len(found) != rows:
            raise ContentError(f"expected {rows} rows below the header, found {len(found)}")
    return np.array(found, dtype=np.int64)


def _read_lines(path: Path, rows: int) -> Iterator[tuple[int, list[str]]]:
    """Check the header; yield the non-empty lines below it with their row numbers.

    The size is checked first, so that no file takes more memory than the expected rows would.
    """
    if not is_there(path):
        raise FileNotFoundError(path)
    most = MOST_BYTES * (rows + 100)
    if path.stat().st_size > most:
        raise ContentError(
            f"expected {rows} rows below the header, in at most {most} bytes, found more"
        )
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file)
            header = next(lines, None)
            if header != HEADER:
                found = "an empty file" if header is None else repr(",".join(header)[:80])
                raise ContentError(f"expected the header ImageId,Label, found {found}", "row 1")
            yield from ((row, line) for row, line in enumerate(lines, start=2) if line)
    except (UnicodeDecodeError, csv.Error) as error:
        raise ContentError(f"not a readable CSV file ({error})") from None
