"""The errors that the user can correct, each described in one line."""

import errno
import re

EXHAUSTED = re.compile(
    "bad_alloc|can't allocate lock|Failed to launch worker thread|not enough memory"
)
"""What libraries say when memory is used up, in errors of other kinds than MemoryError."""


class DigitsError(Exception):
    """Something the user can correct. Its text is one line: what was expected, found, and where."""


class DataError(DigitsError):
    """A data file that is missing, malformed or at odds with the configuration."""


class ConfigError(DigitsError):
    """A setting that cannot be used."""


class TrainingError(DigitsError):
    """A training that cannot go on."""


def lacks_memory(error: BaseException) -> bool:
    """Return whether an error says that memory is used up; libraries say so in their own ways."""
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return True
    known = isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"
    return known or EXHAUSTED.search(str(error)) is not None
