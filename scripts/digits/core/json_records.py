"""JSON records that one step writes for others, validated when they are read.

A *form* describes a valid record: a :class:`Kind` for a single value, a mapping from the required
keys to their forms, a list of one form for a list of any length, :class:`Each` or :class:`OrNone`.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digits.core.design import REPEATS, Design
from digits.core.intermediate_files import ContentError, reading

LARGEST = 2**53
"""Integers up to here are exact in floating point too."""


@dataclass(frozen=True)
class Kind:
    """A valid single value: in words, and as a predicate."""

    words: str
    fits: Callable[[Any], bool]

    def or_none(self) -> "Kind":
        """Return the same kind, with null allowed."""
        return Kind(f"{self.words} or null", lambda value: value is None or self.fits(value))


@dataclass(frozen=True)
class Each:
    """The form of a mapping from any keys to values of one form."""

    form: Any


def is_number(value: object) -> bool:
    """Return whether a value is a finite number within the range of floats, and not a boolean."""
    real = isinstance(value, int | float) and not isinstance(value, bool)
    return real and abs(value) <= sys.float_info.max


def is_count(value: object) -> bool:
    """Return whether a value is an integer from 0 to ``LARGEST``, and not a boolean."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST


@dataclass(frozen=True)
class OrNone:
    """The form of a value that may be null."""

    form: Any


ANY = Kind("any value", lambda value: True)
COUNT = Kind("a whole number from 0", is_count)
NUMBER = Kind("a number", is_number)
TEXT = Kind("text", lambda value: isinstance(value, str))
SHARE = Kind("a number from 0 to 1", lambda value: is_number(value) and 0 <= value <= 1)

REACHED = {
    "accuracy": SHARE,
    "val_accuracy": SHARE,
    "val_loss": NUMBER,
    "best_epoch": COUNT,
    "best_val_accuracy": SHARE,
    "images_per_second": COUNT,
}
"""Keys that may be null if a training failed."""

METRICS = {
    "epochs": COUNT,
    "training_seconds": NUMBER,
    "cpu_seconds": NUMBER,
    **{name: kind.or_none() for name, kind in REACHED.items()},
    "parameters": COUNT,
    "device": TEXT,
    "stacked": COUNT,
    "processor": TEXT,
    "failed": TEXT.or_none(),
    "versions": Each(TEXT),
}
SCORE = {"rows": COUNT, "score": SHARE.or_none()}
PARTS = {"train": COUNT, "validation": COUNT, "tensor": COUNT}
OBSERVED = dict.fromkeys(
    ("low", "high", "border", "inside", "height", "width", "mirrored", "inverted"), NUMBER
)
FOUND = {
    "files": [{"source": TEXT, "rows": COUNT, "columns": COUNT, "format": TEXT, "sha256": TEXT}],
    "rows": COUNT,
    "observed": OBSERVED,
    "notes": [TEXT],
}
FILE = {
    "source": TEXT,
    "rows": COUNT,
    "columns": COUNT,
    "dtypes": Each(TEXT),
    "nulls": COUNT,
    "sha256": TEXT,
    "format": TEXT,
    "observed": OBSERVED,
    "notes": [TEXT],
}
FACTS = {
    "train": FILE | {"labels": Each(COUNT)},
    "test": OrNone(FILE),
    "image_shape": [COUNT],
    "duplicates": {
        **dict.fromkeys(("train", "conflicting_labels"), COUNT),
        **dict.fromkeys(("test", "test_in_train"), COUNT.or_none()),
    },
}
NETWORKS = {
    "networks": [{"stack": [Each(ANY)]}],
    "classes": [ANY],
    "image_shape": [COUNT],
    "drawing": OrNone({"extent": NUMBER, "centre": [NUMBER], "pen": NUMBER}),
    "images": {"fold": COUNT, "rows": [COUNT], "labels": [ANY], "pixels": TEXT},
    "failed": [Each(ANY)],
    "too_large": [Each(ANY)],
}


def cell_form(design: Design) -> dict[str, Kind]:
    """Return the form of the keys that identify a cell: a level of each factor."""
    return {
        factor: Kind(f"one of {', '.join(map(str, levels))}", _is_one_of(levels))
        for factor, levels in design.factors.items()
    }


def trial_form(design: Design) -> dict[str, Kind]:
    """Return the form of the keys that identify a trial."""
    return cell_form(design) | dict.fromkeys(REPEATS, COUNT)


def _is_one_of(levels: Sequence[Any]) -> Callable[[Any], bool]:
    # True equals 1, and 1 is as good as 1.0.
    return lambda value: value in levels and not isinstance(value, bool)


def read_record(path: Path, form: Mapping[str, Any]) -> dict[str, Any]:
    """Read a JSON object and validate it; keys that the form does not have are allowed.

    Raises
    ------
    DataError
        If the file is missing, damaged or not of the form: names the key, by its path.
    """
    with reading(path):
        record = json.loads(path.read_text(encoding="utf-8"))
        # JSON can encode half a surrogate pair, with which no output could be written.
        json.dumps(record, ensure_ascii=False).encode()
        check(record, form)
    return record


def check(value: Any, form: Any, key: str = "") -> None:
    """Validate a value that was read from a file.

    Raises
    ------
    ContentError
        If it is not: names the key, by its path.
    """
    if isinstance(form, Kind):
        if not form.fits(value):
            raise _unexpected(key, form.words, value)
    elif isinstance(form, OrNone):
        if value is not None:
            check(value, form.form, key)
    elif isinstance(form, list):
        if not isinstance(value, list):
            raise _unexpected(key, "a list", value)
        for number, each in enumerate(value):
            check(each, form[0], f"{key}[{number}]")
    elif not isinstance(value, dict):
        raise _unexpected(key, "a mapping", value)
    else:
        forms = dict.fromkeys(value, form.form) if isinstance(form, Each) else form
        for name, inner in forms.items():
            inside = f"{key}.{name}" if key else name
            if name not in value:
                raise ContentError(f"lacks the key {inside}")
            check(value[name], inner, inside)


def _unexpected(key: str, expected: str, found: object) -> ContentError:
    return ContentError(f"expected {expected}, found {found!r:.40}", f"key {key}" if key else "")
