"""Kaggle's API, called by Kaggle's own package, which ``make kaggle`` installs.

The package signs in where it is imported, so it is imported only once something is asked of Kaggle.
It prints what it does and what went wrong, addresses with signatures among them, so that is
discarded: each failure becomes one line here.
"""

import contextlib
import io
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digits.core.formatting import one_line
from digits.data.kaggle_errors import WAYS, KaggleError, in_one_line, may_pass, pause_after

if TYPE_CHECKING:
    from kaggle.api.kaggle_api_extended import KaggleApi

PACKAGES = ("kaggle", "six")
"""What has to be installed; kaggle imports six without declaring it."""

FILES = ("access_token", "access_token.txt", "kaggle.json", "credentials.json")
"""The files of credentials that it looks for."""

TIMEOUT = 60.0
"""Seconds without an answer after which a call fails; the package itself would wait for ever."""

ATTEMPTS = 4
"""How often a call is made where Kaggle is busy."""

LONGEST_PAUSE = 120.0
"""Seconds to wait at most, where Kaggle says how long, before a call is made again."""

PAGE = 100
"""Entries to ask for at once."""


@dataclass(frozen=True)
class Limits:
    """How many submissions are allowed.

    Attributes
    ----------
    today : how many were made since midnight, UTC
    left : how many more are allowed until the next midnight
    lifetime : whether it is the limit of the competition as a whole that leaves no more
    """

    today: int
    left: int
    lifetime: bool = False


@dataclass(frozen=True)
class Submission:
    """A submission as Kaggle knows it.

    Attributes
    ----------
    status : ``pending``, ``complete`` or ``error``
    score : the public score, from 0 to 1 where it is an accuracy; None where there is none yet
    date : when it was made, in UTC
    """

    ref: int
    status: str
    description: str
    score: float | None
    date: datetime | None
    error: str


def lacking() -> str | None:
    """Return what has to be done before Kaggle can be asked, or None; asks nothing of it."""
    if any(find_spec(name) is None for name in PACKAGES):
        return "run `make kaggle` first, which installs the package kaggle"
    return None if _has_credentials() else WAYS


def _has_credentials() -> bool:
    """Return whether the package would find any; whether they are valid, Kaggle alone knows."""
    given = {name for name, value in os.environ.items() if value}
    if "KAGGLE_API_TOKEN" in given or {"KAGGLE_USERNAME", "KAGGLE_KEY"} <= given:
        return True
    folders = [os.environ[name] for name in ("KAGGLE_CONFIG_DIR",) if name in given]
    folders += ["~/.kaggle", f"{os.environ.get('XDG_CONFIG_HOME') or '~/.config'}/kaggle"]
    paths = (Path(os.path.expanduser(folder), name) for folder in folders for name in FILES)  # noqa: PTH111
    return any(path.is_file() for path in paths)


class Competition:
    """A competition of Kaggle.

    Every method raises :class:`digits.data.kaggle_errors.KaggleError`, in one line, where Kaggle
    refuses or cannot be reached.

    Parameters
    ----------
    name : as in its address, such as ``digit-recognizer``
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._api = self._sign_in()

    def _sign_in(self) -> "KaggleApi":
        if need := lacking():
            raise KaggleError(f"Kaggle cannot be asked: {need}")
        return self._call(_signed_in)

    def files(self) -> dict[str, int]:
        """Return the sizes of the competition's files in bytes, by their names."""
        found, token = {}, None
        while True:
            page = self._call(self._api.competition_list_files, self.name, token, PAGE)
            found |= {file.name: file.total_bytes for file in page.files or []}
            token = page.next_page_token
            if not token:
                return found

    def download(self, folder: Path) -> Path:
        """Download a zip of all files into a folder, and return its path.

        What an interrupted download has left in the folder is continued.
        """
        self._call(self._api.competition_download_files, self.name, str(folder), quiet=True)
        path = folder / f"{self.name}.zip"
        if not path.is_file():
            others = ", ".join(sorted(each.name for each in folder.iterdir())) or "nothing"
            raise KaggleError(f"Kaggle sent {one_line(others)[:200]} in place of {path.name}")
        return path

    def limits(self) -> Limits | None:
        """Return how many submissions are allowed; None where the user has never submitted."""
        found = self._call(self._api.competition_get_submission_limits, self.name)
        if not (found.num_total or found.num_today or found.num_allowed_now):
            return None
        return Limits(found.num_today, found.num_allowed_now, found.limited_by_total)

    def submissions(self) -> list[Submission]:
        """Return the newest submissions of the user."""
        found = self._call(self._api.competition_submissions, self.name, page_size=PAGE)
        return [_submission(each) for each in found or []]

    def submission(self, ref: int) -> Submission:
        """Return a submission by its number."""

        def ask() -> Any:
            from kagglesdk.competitions.types.competition_api_service import (
                ApiGetSubmissionRequest,
            )

            request = ApiGetSubmissionRequest()
            request.ref = ref
            with self._api.build_kaggle_client() as client:
                return client.competitions.competition_api_client.get_submission(request)

        return _submission(self._call(ask))

    def submit(self, path: Path, description: str) -> int:
        """Submit a file, and return the number of the submission.

        Raises
        ------
        LimitError
            If Kaggle allows no more submissions today.
        UncertainError
            If it is not known whether the file was submitted.
        KaggleError
            If it was not.
        """
        arguments = (str(path), description, self.name)
        for _ in range(ATTEMPTS - 1):
            answer = self._call(self._api.competition_submit, *arguments, quiet=True, once=True)
            if answer.ref:
                return answer.ref
            # Without a number, the package could not upload the file, and has submitted nothing.
            time.sleep(1)
        raise KaggleError(
            f"{path}: the upload to Kaggle broke off {ATTEMPTS - 1} times; nothing was submitted,"
            " run again"
        )

    def _call(
        self, function: Callable[..., Any], *arguments: Any, once: bool = False, **options: Any
    ) -> Any:
        """Call a function of the package, again where Kaggle is busy.

        Parameters
        ----------
        once : whether it must not be called again where Kaggle may have done what was asked
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with _quiet(), _in_time():
                    return function(*arguments, **options)
            except (Exception, SystemExit) as error:
                pause = pause_after(error, attempt)
                hopeless = attempt == ATTEMPTS or pause > LONGEST_PAUSE
                if hopeless or not may_pass(error, once=once):
                    raise in_one_line(error, self.name, once=once) from None
                time.sleep(pause)
        raise AssertionError


def _signed_in() -> "KaggleApi":
    """Import the package and sign in."""
    from kaggle.api.kaggle_api_extended import KaggleApi

    api = KaggleApi()
    api.authenticate()
    return api


def _submission(found: Any) -> Submission:
    """Return what the package says of a submission."""
    try:
        score = float(found.public_score)
    except (TypeError, ValueError):  # there is none
        score = math.nan
    return Submission(
        ref=found.ref,
        status=found.status.name.lower(),
        description=found.description or "",
        score=score if math.isfinite(score) else None,
        date=found.date,
        error=one_line(found.error_description or "")[:200],
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Discard what the package prints."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


@contextmanager
def _in_time() -> Iterator[None]:
    """Let no request of the package wait for ever."""
    from requests.adapters import HTTPAdapter

    send = HTTPAdapter.send

    def in_time(self: HTTPAdapter, *arguments: Any, **options: Any) -> Any:
        return send(self, *arguments, **options | {"timeout": options.get("timeout") or TIMEOUT})

    HTTPAdapter.send = in_time
    try:
        yield
    finally:
        HTTPAdapter.send = send
