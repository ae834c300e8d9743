"""Types of the values of a configuration, with the checks that concern one value alone.

Each check raises a ``ValueError`` that says what was expected; :mod:`digits.config.messages` adds
the key and the value.
"""

import os
import re
import unicodedata
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, ValidatorFunctionWrapHandler, WrapValidator

from digits.config.value_text import shown

MOST_LETTERS = 60
"""Of a class label, as text."""

MOST_STACKED = 1000
"""Networks that are trained at once."""

NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"
RECIPE = r"^[A-Za-z][A-Za-z0-9.-]{0,31}$"
COMPETITION = r"^[A-Za-z0-9][A-Za-z0-9-]{0,99}$"
TEXT = r"^[^{}\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
WORDS = {
    NAME: "a name of at most 64 letters, digits, _, . and -, a letter or digit first, that is"
    " neither benchmarks nor README.md",
    COMPETITION: "a name of at most 100 letters, digits and -, a letter or digit first",
    RECIPE: "a name of at most 32 letters, digits, . and -, a letter first",
    TEXT: "text without braces and control characters",
}
"""What the patterns mean."""


class RefusalError(ValueError):
    """A value whose message is complete: it says what was expected and what was found.

    Attributes
    ----------
    key : its path below what is validated, such as ``folds`` or ``dataset.train``; may be empty
    """

    def __init__(self, expected: str, found: str, key: str = "") -> None:
        super().__init__(f"expected {expected}, found {found}")
        self.key = key

    @classmethod
    def of(cls, message: str, key: str) -> Self:
        """Return a refusal with a message that is there already."""
        refusal = cls("", "", key)
        refusal.args = (message,)
        return refusal


def _as_written(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    validate(value)
    return value


def _each_once(values: list[Any]) -> list[Any]:
    if len(set(values)) < len(values):
        raise ValueError("expected each value once")
    return values


def _is_free(name: str) -> str:
    if name in {"benchmarks", "README.md"}:  # in results/, but no experiments
        raise ValueError(f"expected {WORDS[NAME]}")
    return name


def _without_variables(path: str) -> str:
    if re.search("<[^>]*>", path):
        raise ValueError("expected a path without <…>, which Snakemake takes for a variable")
    return path


def _expand_home(path: str) -> str:
    """Put the home folder in place of a ``~`` or a ``~user`` at the beginning of a path."""
    if not path.startswith("~"):
        return path
    expanded = os.path.expanduser(path)  # noqa: PTH111 - ./ and .. stay as they are
    if expanded.startswith("~"):
        raise RefusalError("a home folder that is known", f"{shown(path)}; write the whole path")
    return expanded


def _not_all(label: int | str) -> int | str:
    if label == "all":  # the row of a table for all classes together
        raise ValueError("expected anything but all")
    return label


def _look_different(classes: list[int | str]) -> list[int | str]:
    """Refuse labels that look alike in tables and plots."""
    alike: dict[str, str] = {}
    for place, label in enumerate(map(str, classes)):
        if label != label.strip() or not label.isprintable() or len(label) > MOST_LETTERS:
            expected = f"at most {MOST_LETTERS} visible characters without spaces at the ends"
            raise RefusalError(expected, shown(label), str(place))
        form = unicodedata.normalize("NFKC", label)
        if label == alike.get(form):
            raise RefusalError("each label once", f"{label!r} again", str(place))
        if form in alike:
            found = f"{label!a} and {alike[form]!a}"
            raise RefusalError("labels that look different", found, str(place))
        alike[form] = label
    return classes


def _auto_or_number(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    if value == "auto":
        return value
    if type(value) is not int or not 1 <= value <= MOST_STACKED:
        raise ValueError(f"expected auto or a whole number from 1 to {MOST_STACKED}")
    return validate(value)


UNIQUE = {"uniqueItems": True}

Name = Annotated[str, Field(pattern=NAME), AfterValidator(_is_free)]
Text = Annotated[str, Field(min_length=1, max_length=1000, pattern=TEXT)]
Place = Annotated[
    Text,
    Field(json_schema_extra={"format": "path"}),
    AfterValidator(_without_variables),
    AfterValidator(_expand_home),
]
"""The path of a file or a folder."""

Recipe = Annotated[str, Field(pattern=RECIPE)]
"""The name of a recipe, which is a part of paths."""

Competition = Annotated[str, Field(pattern=COMPETITION)]
"""The name of a competition of Kaggle, as in its address."""

Number = Annotated[float, WrapValidator(_as_written)]
"""A whole number stays one, so that 0 and 0.0 stand in commands as in the file."""

Share = Annotated[float, Field(ge=0, le=1), WrapValidator(_as_written)]
"""A number from 0 to 1, likewise, that may be one type among several."""

Stack = Annotated[
    Literal["auto"] | Annotated[int, Field(ge=1, le=MOST_STACKED)], WrapValidator(_auto_or_number)
]
"""A number of networks."""

Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]
Value = TypeVar("Value")
Levels = Annotated[
    list[Value], Field(min_length=1, json_schema_extra=UNIQUE), AfterValidator(_each_once)
]
"""Different values, at least one."""

Label = Annotated[
    int | Annotated[str, Field(min_length=1, max_length=MOST_LETTERS, pattern=TEXT)],
    AfterValidator(_not_all),
]
Labels = Annotated[
    list[Label],
    Field(min_length=2, max_length=256, json_schema_extra=UNIQUE),
    AfterValidator(_each_once),
    AfterValidator(_look_different),
]
