"""Submissions in Kaggle's format: written, checked, and scored offline."""

import csv
import io
import json
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from digits.core.atomic_files import write_text
from digits.core.class_labels import expected
from digits.core.errors import DataError
from digits.core.intermediate_files import ContentError, reading
from digits.core.json_records import TEXT, check, read_record
from digits.data.sources import is_there


@dataclass(frozen=True)
class Form:
    """The format of a submission.

    Attributes
    ----------
    id, label : names of its columns
    first : id of the first image, from which the others count
    ids : the ids, where they do not count
    """

    id: str = "ImageId"
    label: str = "Label"
    first: int = 1
    ids: tuple[str, ...] | None = None

    @property
    def header(self) -> list[str]:
        """The names of the columns."""
        return [self.id, self.label]

    def id_of(self, row: int) -> str | None:
        """Return the id of an image by its row, from 0; None if there are not as many ids."""
        if self.ids is None:
            return str(self.first + row)
        return self.ids[row] if row < len(self.ids) else None


KAGGLE = Form()
"""The format of the competition Digit Recognizer."""

MOST_BYTES = 1024
"""Largest mean size of a row: a label of 60 characters has 240 bytes, twice that if quotes."""


def add_form(parser: ArgumentParser) -> None:
    """Add the options that :func:`form_of` reads."""
    parser.add_argument("--submission-form", default="{}", help="id, label and first, as JSON")
    parser.add_argument("--test-found", type=Path, nargs="?", help="JSON of the test files")


def form_of(arguments: Namespace) -> Form:
    """Return the format that the options say, with the ids that the test files have.

    Raises
    ------
    DataError
        If the record of the test files is damaged, or two images have one id.
    """
    keys = json.loads(arguments.submission_form)
    form = Form(**{key: keys[key] for key in ("id", "label", "first") if key in keys})
    if not arguments.test_found:
        return form
    with reading(arguments.test_found):
        ids = read_record(arguments.test_found, {}).get("ids")
        if ids is not None:
            check(ids, [TEXT], "ids")
    if ids is None:
        return form
    if len(set(ids)) < len(ids):
        twice = next(each for each, count in Counter(ids).items() if count > 1)
        raise DataError(f"dataset.test: expected each {form.id} once, found {twice[:80]!r} again")
    return replace(form, ids=tuple(ids))


def write_submission(path: Path, labels: Iterable[object], form: Form = KAGGLE) -> None:
    """Write labels as a submission."""
    text = io.StringIO()
    rows = ((form.id_of(row), label) for row, label in enumerate(labels))
    csv.writer(text, lineterminator="\n").writerows([form.header, *rows])
    write_text(path, text.getvalue())


def check_sample(path: Path, rows: int, form: Form) -> None:
    """Check that a sample submission has the header and the ids of the submissions.

    Raises
    ------
    DataError
        If not: names the first row at fault, and the key to set.
    """
    with reading(path, given=True):
        count = 0
        for row, line in _read_lines(path, rows, form):
            if count >= rows or not line or line[0] != form.id_of(count):
                wanted = form.id_of(count) if count < rows else "no more rows"
                found = line[0][:80] if line else ""
                raise ContentError(
                    f"expected {wanted}, found {found!r}; see dataset.submission",
                    f"row {row}, column {form.id}",
                )
            count += 1
        if count != rows:
            raise ContentError(f"expected {rows} rows below the header, found {count}")


def read_submission(
    path: Path, *, rows: int, classes: Sequence[str], form: Form = KAGGLE
) -> np.ndarray:
    """Read a file of test labels, in the format of a submission, checking every line.

    Parameters
    ----------
    rows : expected number of images
    classes : the labels of the classes
    form : names of the columns, and the ids

    Returns
    -------
    int64 array of shape (n,), the number of the class of each image

    Raises
    ------
    DataError
        If the header, an id, their order, a label or the number of rows is not as it must be.
    """
    numbers = {label: number for number, label in enumerate(classes)}
    found = []
    with reading(path, given=True):
        for row, line in _read_lines(path, rows, form):
            identifier = form.id_of(len(found))
            place = f"row {row}"
            if len(line) != len(form.header):
                raise ContentError(f"expected 2 values, found {len(line)}", place)
            if line[0] != identifier:
                reason = f"expected {identifier}, found {line[0][:80]!r}"
                raise ContentError(reason, f"{place}, column {form.id}")
            if line[1] not in numbers:
                reason = f"expected {expected(classes)}, found {line[1][:80]!r}"
                raise ContentError(reason, f"{place}, column {form.label}")
            found.append(numbers[line[1]])
        if len(found) != rows:
            raise ContentError(f"expected {rows} rows below the header, found {len(found)}")
    return np.array(found, dtype=np.int64)


def _read_lines(path: Path, rows: int, form: Form) -> Iterator[tuple[int, list[str]]]:
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
            if header != form.header:
                found = "an empty file" if header is None else repr(",".join(header)[:80])
                raise ContentError(
                    f"expected the header {form.id},{form.label}, found {found}", "row 1"
                )
            yield from ((row, line) for row, line in enumerate(lines, start=2) if line)
    except (UnicodeDecodeError, csv.Error) as error:
        raise ContentError(f"not a readable CSV file ({error})") from None
