"""Submitting files to a competition of Kaggle, each once, and waiting for their scores.

What is known is written down after every step, so that a run that ends at any point, by the daily
limit or by a crash, is continued by the next one. A submission's description has the SHA-256 of its
file: one that was made without being written down is found by it, and not made again.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from digits.core.errors import DigitsError
from digits.core.formatting import between, duration, listing
from digits.data.kaggle_api import Limits, Submission
from digits.data.kaggle_errors import LimitError, UncertainError
from digits.evaluation.kaggle_scores import (
    COMPLETE,
    FAILED,
    PENDING,
    Row,
    read_rows,
    sha256_of,
    write_rows,
)

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 30.0
"""Seconds between two questions for a score, which double from one to the next."""

SHOWN = 5
"""Files that a message names."""


class Asked(Protocol):
    """What is asked of a competition; see :class:`digits.data.kaggle_api.Competition`."""

    name: str

    def limits(self) -> Limits | None:
        """Return how many submissions are allowed."""

    def submissions(self) -> list[Submission]:
        """Return the submissions that were made."""

    def submission(self, ref: int) -> Submission:
        """Return a submission by its number."""

    def submit(self, path: Path, description: str) -> int:
        """Submit a file, and return the number of the submission."""


class SubmittingError(DigitsError):
    """Not every file has a score."""


@dataclass
class Submitting:
    """The submissions of an experiment's files.

    Attributes
    ----------
    table : CSV of what was submitted, read and written
    competition : its name
    connect : called for the competition, once anything has to be asked of it
    experiment : name for the descriptions of the submissions
    wait : seconds after which a score that is not there is waited for no longer
    say : called with a line for each thing that happens
    now : called for the time in UTC
    """

    table: Path
    competition: str
    connect: Callable[[], Asked]
    experiment: str
    wait: float = 600.0
    say: Callable[[str], None] = print
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _rows: dict[tuple[str, str], Row] = field(default_factory=dict, init=False)
    _asked: Asked | None = field(default=None, init=False)

    def submit(self, files: Iterable[Path]) -> dict[str, float]:
        """Submit the files that were not yet, and return the scores of all by their names.

        Files of the same content are one submission.

        Raises
        ------
        KaggleError
            If Kaggle refuses or cannot be reached.
        SubmittingError
            If the daily limit keeps a file from being submitted, a score does not come in time, or
            Kaggle could not score a file.
        """
        hashes = {path: sha256_of(path) for path in files}
        self._rows = {(row.sha256, row.competition): row for row in read_rows(self.table)}
        new: dict[str, Path] = {}
        for path, sha in hashes.items():
            if not self._row(sha):
                new.setdefault(sha, path)
        stopped = self._submit_new(list(new.items())) if new else None
        self._collect(set(hashes.values()))
        if stopped:
            raise stopped
        self._refuse_failures(hashes)
        return {path.name: float(self._row(sha).public_score) for path, sha in hashes.items()}

    def _row(self, sha: str) -> Row | None:
        return self._rows.get((sha, self.competition))

    @property
    def _kaggle(self) -> Asked:
        """The competition, connected to when it is first needed."""
        if self._asked is None:
            self._asked = self.connect()
        return self._asked

    def _keep(self, row: Row) -> None:
        """Write a row down."""
        self._rows[row.sha256, row.competition] = row
        write_rows(self.table, self._rows.values())

    def _submit_new(self, new: list[tuple[str, Path]]) -> SubmittingError | None:
        """Submit files by their hashes; return why the rest was not, or None."""
        self._adopt(new)
        left = [(sha, path) for sha, path in new if not self._row(sha)]
        limits = self._kaggle.limits() if left else None
        for place, (sha, path) in enumerate(left):
            if limits and limits.left <= place:
                now = replace(limits, today=limits.today + place)
                return self._limit_reached(now, [path for _, path in left[place:]])
            try:
                self._submit_one(sha, path)
            except LimitError as error:
                names = [path for _, path in left[place:]]
                return SubmittingError(f"{error}; {self._remaining(names)}")
        return None

    def _adopt(self, new: Iterable[tuple[str, Path]]) -> None:
        """Write down the submissions of these files that Kaggle has already."""
        usable = [each for each in self._kaggle.submissions() if each.status != FAILED]
        there = {tag: each for each in usable for tag in each.description.split()}
        for sha, path in new:
            if found := there.get(_tag(sha)):
                self.say(f"{path.name}: had been submitted already")
                when = found.date or self.now()
                self._keep(self._as_row(sha, path, found.ref, when))

    def _submit_one(self, sha: str, path: Path) -> None:
        """Submit a file; where it is not known whether that was done, Kaggle is asked."""
        description = f"{self.experiment} {path.stem} {_tag(sha)}"
        try:
            ref = self._kaggle.submit(path, description)
        except UncertainError:
            self._adopt([(sha, path)])
            if not self._row(sha):
                raise
            return
        self._keep(self._as_row(sha, path, ref, self.now()))
        self.say(f"{path.name}: submitted")

    def _as_row(self, sha: str, path: Path, ref: int, when: datetime) -> Row:
        submitted = when.strftime("%Y-%m-%dT%H:%M:%SZ")
        return Row(sha, path.name, self.competition, ref, submitted, PENDING)

    def _collect(self, shas: set[str]) -> None:
        """Wait for the scores of these files, by their hashes."""
        pause, waited = FIRST_PAUSE, 0.0
        while True:
            for row in self._pending(shas):
                self._ask(row)
            pending = self._pending(shas)
            if not pending:
                return
            if waited >= self.wait:
                raise SubmittingError(
                    f"Kaggle has not scored {self._names(pending)} within {duration(self.wait)};"
                    " run again to ask for the score, nothing is submitted twice"
                )
            time.sleep(pause)
            waited, pause = waited + pause, min(2 * pause, LONGEST_PAUSE)

    def _pending(self, shas: set[str]) -> list[Row]:
        """Return the submissions of these files that have no score yet."""
        rows = [row for row in self._rows.values() if row.competition == self.competition]
        return [row for row in rows if row.sha256 in shas and row.status == PENDING]

    def _ask(self, row: Row) -> None:
        """Ask for the score of a submission, and write it down if it is there."""
        found = self._kaggle.submission(row.ref)
        if found.status == COMPLETE and found.score is not None:
            self._keep(replace(row, status=COMPLETE, public_score=repr(found.score)))
            self.say(f"{row.submission}: public score {found.score:g}")
        elif found.status == FAILED:
            self._keep(replace(row, status=FAILED, error=found.error))

    def _refuse_failures(self, hashes: Mapping[Path, str]) -> None:
        """Raise an error for the first file that Kaggle could not score."""
        for path, sha in hashes.items():
            if self._row(sha).status == FAILED:
                reason = self._row(sha).error or "no reason given"
                raise SubmittingError(
                    f"{path.name}: Kaggle could not score it ({reason}); it is submitted again only"
                    f" once its row in {self.table} is deleted"
                )

    def _limit_reached(self, limits: Limits, left: list[Path]) -> SubmittingError:
        if limits.lifetime:
            rest = self._names(left)
            return SubmittingError(f"Kaggle allows no more submissions at all; left: {rest}")
        made = between((limits.today, limits.today), "submission", "submissions")
        return SubmittingError(
            f"the daily limit of Kaggle is reached ({made} today); {self._remaining(left)}"
        )

    def _remaining(self, left: list[Path]) -> str:
        """Say what is left to submit, and when that may go on."""
        now = self.now()
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        when = f"{midnight:%Y-%m-%d} 00:00 UTC, in {duration((midnight - now).total_seconds())}"
        return f"left: {self._names(left)}; run again after {when}"

    @staticmethod
    def _names(submissions: Iterable[Path | Row]) -> str:
        """List names of files, or how many there are beyond the first ones."""
        names = [each.name if isinstance(each, Path) else each.submission for each in submissions]
        more = [f"{len(names) - SHOWN} more"] * (len(names) > SHOWN)
        return listing([*names[:SHOWN], *more])


def _tag(sha: str) -> str:
    """Return the word by which a submission is known."""
    return f"sha256:{sha}"
