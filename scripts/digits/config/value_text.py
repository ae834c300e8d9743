"""Values and keys of a configuration as text for messages."""

import datetime
import reprlib
from typing import Any


class _Short(reprlib.Repr):
    """Values shortened and, but for quotes, as YAML writes them."""

    def repr_NoneType(self, _value: None, _level: int) -> str:  # noqa: N802 - the type's name
        return "null"

    def repr_bool(self, value: bool, _level: int) -> str:
        return str(value).lower()

    def repr_date(self, value: datetime.date, _level: int) -> str:
        return value.isoformat()

    def repr_datetime(self, value: datetime.datetime, _level: int) -> str:
        return str(value)


SHORT = _Short()
SHORT.maxlevel, SHORT.maxlist, SHORT.maxdict = 2, 8, 4
SHORT.maxstring = SHORT.maxlong = SHORT.maxother = 78


def shown(value: Any) -> str:
    """Show any value in at most 80 characters."""
    try:
        text = SHORT.repr(value)
        return text if len(text) <= 80 else f"{text[:77]}..."
    except ValueError:  # Python writes out no integers of more than 4,300 digits
        return "a number of thousands of digits"


def key_name(key: Any) -> str:
    """Show a key as it is in the file, unless it is no printable text."""
    return key if isinstance(key, str) and key.isprintable() else shown(key)
