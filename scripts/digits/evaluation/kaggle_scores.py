"""Kaggle's scores of submissions: those that it was asked for, and those got by hand.

A score belongs to the bytes of a submission. The table of those that were submitted is keyed by
their SHA-256, so that a cell that is trained anew has no score until its new file is submitted.
"""

import csv
import hashlib
import io
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from digits.core.atomic_files import write_text
from digits.core.intermediate_files import ContentError, reading

PENDING, COMPLETE, FAILED = "pending", "complete", "error"
"""The states of a submission, as Kaggle names them."""

STATES = (PENDING, COMPLETE, FAILED)

BY_HAND = ("submission", "score")
"""The columns of a file of scores got by hand; it may have a third one, ``sha256``."""

FILE = re.compile(r"Model-(.+)\.csv")
"""The name of a submission; see :func:`digits.core.design.submission_file`."""

MOST_BYTES = 10_000_000
"""Of a file of scores, which is read at once."""


@dataclass(frozen=True)
class Row:
    """A submission that was made.

    Attributes
    ----------
    sha256 : of its file
    submission : name of the file
    competition : where it was submitted
    ref : Kaggle's number of the submission
    submitted : when, in UTC, as 2026-11-28T10:00:00Z
    status : one of ``STATES``
    public_score : as a number in text, or empty
    error : what Kaggle says of a submission that it refused
    """

    sha256: str
    submission: str
    competition: str
    ref: int
    submitted: str
    status: str
    public_score: str = ""
    error: str = ""


COLUMNS = [field.name for field in fields(Row)]


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_rows(path: Path) -> list[Row]:
    """Read the table of submissions; there are none where there is no file.

    Raises
    ------
    DataError
        If it is not such a table: names the row, as an editor counts, and the column.
    """
    if not path.exists():
        return []
    with reading(path):
        lines = _lines(path, ",")
        if next(lines, None) != COLUMNS:
            raise ContentError(f"expected the columns {', '.join(COLUMNS)}", "row 1")
        return [_row(number, line) for number, line in enumerate(lines, start=2)]


def _row(number: int, line: list[str]) -> Row:
    if len(line) != len(COLUMNS):
        raise ContentError(f"expected {len(COLUMNS)} values, found {len(line)}", f"row {number}")
    values = dict(zip(COLUMNS, line, strict=True))
    if not values["ref"].isdecimal():
        place = f"row {number}, column ref"
        raise ContentError(f"expected a whole number, found {values['ref'][:40]!r}", place)
    if values["status"] not in STATES:
        place = f"row {number}, column status"
        found = values["status"][:40]
        raise ContentError(f"expected one of {', '.join(STATES)}, found {found!r}", place)
    if values["status"] == COMPLETE:
        _number(values["public_score"], f"row {number}, column public_score")
    return Row(**values | {"ref": int(values["ref"])})


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write the table of submissions, in the order in which they were made."""
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(asdict(row) for row in sorted(rows, key=lambda r: (r.submitted, r.ref)))
    write_text(path, text.getvalue())


def read_by_hand(path: Path) -> dict[str, tuple[float, str]]:
    """Read scores that a user has written down, from a file of values separated by tabs.

    Returns
    -------
    dict
        By model, its score, and the SHA-256 of the submission that it is of, empty if not given.
        The models may be those of a larger design.

    Raises
    ------
    DataError
        If it is not such a file: names the row, as an editor counts, and the column.
    """
    with reading(path, given=True):
        if path.stat().st_size > MOST_BYTES:
            raise ContentError(f"expected at most {MOST_BYTES} bytes, found more")
        lines = _lines(path, "\t")
        header = next(lines, [])
        if tuple(header) not in {BY_HAND, (*BY_HAND, "sha256")}:
            found = repr("\t".join(header)[:80])
            wanted = "submission and score, and perhaps sha256, with tabs between"
            raise ContentError(f"expected the columns {wanted}, found {found}", "row 1")
        scores: dict[str, tuple[float, str]] = {}
        for number, line in enumerate(lines, start=2):
            if any(line):
                model, *score = _by_hand(number, line, len(header))
                if model in scores:
                    place = f"row {number}, column submission"
                    raise ContentError(f"expected {line[0]} once, found it again", place)
                scores[model] = tuple(score)
    return scores


def _by_hand(number: int, line: list[str], width: int) -> tuple[str, float, str]:
    """Return the model, the score and the SHA-256 of a row."""
    if len(line) != width:
        raise ContentError(f"expected {width} values, found {len(line)}", f"row {number}")
    named = FILE.fullmatch(line[0])
    if not named:
        raise ContentError(
            f"expected the name of a submission, such as Model-5L200N.csv, found {line[0][:80]!r}",
            f"row {number}, column submission",
        )
    return named[1], _score(line[1], f"row {number}, column score"), "".join(line[2:]).lower()


def _number(text: str, place: str) -> float:
    """Return a finite number that a text says."""
    with suppress(ValueError):
        if math.isfinite(number := float(text)):
            return number
    raise ContentError(f"expected a number, found {text[:40]!r}", place)


def _score(text: str, place: str) -> float:
    """Return a score, which is a share of the test images."""
    score = _number(text, place)
    if not 0 <= score <= 1:
        raise ContentError(f"expected a score from 0 to 1, found {text[:40]!r}", place)
    return score


def _lines(path: Path, delimiter: str) -> Iterator[list[str]]:
    """Return an iterator of the lines of a table as lists of texts."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ContentError(f"not a readable table ({error})") from None
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def known_scores(
    submissions: Mapping[str, Path],
    rows: Iterable[Row],
    by_hand: Mapping[str, tuple[float, str]],
    competition: str | None = None,
) -> dict[str, float]:
    """Return Kaggle's scores of submissions as they are now, by model.

    What Kaggle was asked for comes before what was written down by hand. A score with the SHA-256
    of another file, of an earlier training, is none of these.

    Parameters
    ----------
    submissions : by model, its file
    rows, by_hand : see :func:`read_rows` and :func:`read_by_hand`
    competition : the one whose scores count; None for any
    """
    complete = {
        row.sha256: float(row.public_score)
        for row in rows
        if row.status == COMPLETE and competition in {None, row.competition}
    }
    scores = {}
    for model, path in submissions.items():
        score, sha256 = by_hand.get(model, (None, ""))
        own = sha256_of(path) if complete or sha256 else ""
        if own in complete:
            scores[model] = complete[own]
        elif score is not None and sha256 in {"", own}:
            scores[model] = score
    return scores
