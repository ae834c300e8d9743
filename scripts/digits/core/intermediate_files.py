"""Reading files that an earlier step wrote: whatever is wrong with one becomes a one-line error.

A reader does all that can fail on such a file in :func:`reading`, and raises :class:`ContentError`
where the file can be read but is not what it must be. The advice to the user is given here only.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from digits.core.errors import DataError, DigitsError, lacks_memory
from digits.core.system_errors import CIRCUMSTANCES

ADVICE = "; the file is corrupt; delete it and run again"

LONGEST = 300
"""Characters of a reason that are shown: a damaged file can end up in the text of an error."""


class ContentError(ValueError):
    """A file, or a ``place`` in it such as a row, column or key, that is not what it must be."""

    def __init__(self, reason: str, place: str = "") -> None:
        super().__init__(reason)
        self.place = place


@contextmanager
def reading(path: Path, *, given: bool = False) -> Iterator[None]:
    """Turn any failure to read a file into one line that names the file and says what to do.

    A damaged archive or header can raise almost anything, so every error counts as the file's
    fault. A lack of memory does not, nor does what the system refuses, nor an error of the
    library's own, which has its text already.

    Parameters
    ----------
    given : whether the file is the user's own; the message then does not advise to delete it

    Raises
    ------
    DataError
        If the block raises anything but a lack of memory or an error of the library's own.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such file") from error
    except Exception as error:
        if isinstance(error, DigitsError) or lacks_memory(error):
            raise
        if isinstance(error, OSError) and error.errno in CIRCUMSTANCES:
            refused = os.strerror(error.errno)
            raise DataError(f"{path}: {refused}; fix this and run again") from error
        place = f", {error.place}" if isinstance(error, ContentError) and error.place else ""
        advice = "" if given else ADVICE
        raise DataError(f"{path}{place}: {_reason(error)}{advice}") from error


def _reason(error: Exception) -> str:
    """Return an error's text in one line, with its type where the text alone may be a bare name."""
    text = " ".join(str(error).split())[:LONGEST]
    plain = isinstance(error, ValueError | OSError) and text
    return text if plain else f"{type(error).__name__}: {text}"
