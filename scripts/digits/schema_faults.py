"""A mistake in a configuration, as its schema finds it, told in one line."""

import difflib
import reprlib
from collections.abc import Iterator
from typing import Any

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

SHORT = reprlib.Repr()
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


def describe(error: ValidationError, schema: dict[str, Any]) -> str:
    """Say which key is at fault, what was expected, what was found and, if likely, what was meant.

    Parameters
    ----------
    error : as the validator gives it
    schema : of the whole configuration
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
        return f"config: {prefix}{missing}: this key is needed"
    fault = f"{_rule(error)}, found {shown(error.instance)}{_hint(error)}"
    description = error.schema.get("description", "")
    return f"config: {path or 'the whole'}: {fault}. {description}".strip()


def _meant(name: str, known: dict[str, Any], schema: dict[str, Any]) -> str:
    """Guess what key was meant: one alike of this section, else one of that name elsewhere."""
    similar = difflib.get_close_matches(name, known, n=1)
    elsewhere = [path for path in _paths(schema) if path.split(".")[-1] == name]
    if similar or elsewhere:
        return f"did you mean {' or '.join(similar or elsewhere)}?"
    return f"known are {', '.join(known)}"


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


def _hint(error: ValidationError) -> str:
    if error.validator == "enum":
        similar = difflib.get_close_matches(str(error.instance), map(str, error.validator_value), 1)
        return f"; did you mean {similar[0]}?" if similar else ""
    if error.validator == "type" and isinstance(error.instance, str):
        try:
            float(error.instance)
        except ValueError:
            return ""
        return ", which YAML takes for text; write it without quotes, 1e-3 as 0.001"
    return ""
