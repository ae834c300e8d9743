"""A mistake in a configuration, as its schema finds it, described in one line."""

import datetime
import difflib
import math
import reprlib
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from jsonschema import ValidationError

TYPES = {
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "array": "a list",
    "object": "a section of keys",
    "null": "null",
}

RULES = {
    "enum": "expected one of {}",
    "minimum": "expected at least {}",
    "maximum": "expected at most {}",
    "exclusiveMinimum": "expected more than {}",
    "exclusiveMaximum": "expected less than {}",
    "minItems": "expected at least {} value(s)",
    "maxItems": "expected at most {} value(s)",
    "uniqueItems": "expected each value once",
    "minLength": "expected some text",
    "maxLength": "expected at most {} characters",
}

IN_WORDS = ("pattern", "not")
"""Rules that the schema itself puts into words, beside them, as ``expected``."""


class _Short(reprlib.Repr):
    """Values in little room and, but for quotes, as YAML writes them."""

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
    """Show any value of a configuration in little room."""
    try:
        text = SHORT.repr(value)
        return text if len(text) <= 80 else f"{text[:77]}..."
    except ValueError:  # Python writes out no integers of more than 4,300 digits
        return "a number of thousands of digits"


def key_name(key: Any) -> str:
    """Show a key as it stands in the file, unless that is no text that can be shown."""
    return key if isinstance(key, str) and key.isprintable() else shown(key)


def describe(
    error: ValidationError, schema: dict[str, Any], written: Mapping[str, str] | None = None
) -> str:
    """Say which key is at fault, what was expected, what was found and, if likely, what was meant.

    Parameters
    ----------
    error : as the validator gives it
    schema : of the whole configuration
    written : how values that are not in quotes stand in the file, by their keys' paths
    """
    path = ".".join(map(str, error.absolute_path))
    prefix = f"{path}." if path else ""
    if error.validator == "additionalProperties":
        known = error.schema["properties"]
        unknown = next(key for key in error.instance if key not in known)
        name = key_name(unknown)
        return f"config: {prefix}{name}: no such key; {_meant(name, known, schema)}"
    if error.validator == "required":
        missing = next(key for key in error.validator_value if key not in error.instance)
        return f"config: {prefix}{missing}: this key is required"
    fault = (
        f"{_rule(error)}, found {shown(error.instance)}{_hint(error, (written or {}).get(path))}"
    )
    description = error.schema.get("description", "")
    return f"config: {path or 'the whole'}: {fault}. {description}".strip()


def _meant(name: str, known: dict[str, Any], schema: dict[str, Any]) -> str:
    """Guess what key was meant: one alike of this section, else one of that name elsewhere."""
    similar = difflib.get_close_matches(name, known, n=1)
    elsewhere = [path for path in _paths(schema) if path.split(".")[-1] == name]
    if similar or elsewhere:
        return f"did you mean {' or '.join(similar or elsewhere)}?"
    return f"known keys are {', '.join(known)}"


def _paths(schema: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for key, inner in schema.get("properties", {}).items():
        yield f"{prefix}{key}"
        yield from _paths(inner, f"{prefix}{key}.")


def _rule(error: ValidationError) -> str:
    if error.validator == "type":
        return f"expected {_types(error.validator_value)}"
    if error.validator in IN_WORDS:
        return f"expected {error.schema['expected']}"
    text = RULES.get(error.validator)
    return text.format(error.validator_value) if text else error.message


def _types(names: str | list[str]) -> str:
    """Say in words what a value may be."""
    names = [names] if isinstance(names, str) else names
    return " or ".join(TYPES.get(name, name) for name in names)


def _hint(error: ValidationError, written: str | None) -> str:
    value, expected = error.instance, error.validator_value
    if error.validator == "enum":
        similar = difflib.get_close_matches(str(value), map(str, expected), 1)
        return f"; did you mean {similar[0]}?" if similar else ""
    if error.validator != "type":
        return ""
    if "string" in expected and not isinstance(value, list | dict):
        return _in_quotes(value, written)
    if isinstance(value, str) and (
        ("number" in expected and _is(float, value)) or ("integer" in expected and _is(int, value))
    ):
        return ", which is text; write the number without quotes, 1e-3 as 0.001"
    return ""


def _in_quotes(value: Any, written: str | None) -> str:
    """Say how a value that YAML does not read as text is written as text."""
    if written is not None and repr(yaml.safe_load(written)) != repr(value):
        written = None  # it is not from there, but perhaps from the command line
    if written is None and type(value) in (int, datetime.date):
        return f'; put it in quotes in a file: "{value}"'
    if value is None and not written:
        return ""
    return f'; put it in quotes: "{written}"' if written else "; put it in quotes in a file"


def _is(kind: type[int | float], text: str) -> bool:
    """Return whether a text is a finite number of this kind."""
    try:
        return math.isfinite(kind(text))
    except (ValueError, OverflowError):
        return False
