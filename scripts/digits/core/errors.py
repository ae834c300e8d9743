"""User-facing errors, each with a message of one line."""

import errno
import re

EXHAUSTED = re.compile(
    "bad_alloc|can't allocate lock|Failed to launch worker thread|not enough memory"
)
"""Messages of libraries that run out of memory without raising MemoryError."""


class DigitsError(Exception):
    """An error that the user can correct: one line with what was expected, found, and where."""


class DataError(DigitsError):
    """A data file is missing, malformed or contradicts the configuration."""


class ConfigError(DigitsError):
    """A setting is invalid."""


class TrainingError(DigitsError):
    """A training cannot continue."""


def lacks_memory(error: BaseException) -> bool:
    """Return whether an error means out of memory, whichever way a library reports that."""
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return True
    known = isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"
    return known or EXHAUSTED.search(str(error)) is not None
