"""Submissions in Kaggle's format: written, checked, and scored offline."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from digits.classes import expected
from digits.errors import DataError
from digits.files import write_text

HEADER = ["ImageId", "Label"]


def write_submission(path: Path, labels: Iterable[object]) -> None:
    """Write labels, in their own terms, as a submission; ids count from 1."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEADER, *enumerate(labels, start=1)])
    write_text(path, text.getvalue())


def read_submission(
    path: Path, *, rows: int, classes: Sequence[str], or_none: bool = False
) -> np.ndarray:
    """Read a submission or a file of test labels, checking every line.

    Parameters
    ----------
    rows : number of images expected
    classes : the labels of the classes
    or_none : whether a file with no rows at all will do

    Returns
    -------
    int64 array of shape (n,), the number of the class of image 1, 2, …

    Raises
    ------
    DataError
        If the header, an id, their order, a label or the number of rows is not as it must be.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: not a readable CSV file ({error})") from None
    if not lines or lines[0] != HEADER:
        found = ",".join(lines[0]) if lines else "an empty file"
        raise DataError(f"{path}, row 1: expected the header ImageId,Label, found {found[:80]!r}")
    numbers = {label: number for number, label in enumerate(classes)}
    for number, line in enumerate(lines[1:], start=1):
        if len(line) != len(HEADER):
            raise DataError(f"{path}, row {number + 1}: expected 2 values, found {len(line)}")
        if line[0] != str(number):
            raise DataError(
                f"{path}, row {number + 1}, column ImageId:"
                f" expected {number}, found {line[0][:80]!r}"
            )
        if line[1] not in numbers:
            raise DataError(
                f"{path}, row {number + 1}, column Label:"
                f" expected {expected(classes)}, found {line[1][:80]!r}"
            )
    if len(lines) - 1 not in ({rows, 0} if or_none else {rows}):
        raise DataError(f"{path}: expected {rows} rows below the header, found {len(lines) - 1}")
    return np.array([numbers[label] for _, label in lines[1:]], dtype=np.int64)
