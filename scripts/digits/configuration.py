"""The configuration: defaults filled in, checked against its schema, one line per mistake."""

import difflib
import math
from pathlib import PurePath
from typing import Any

from jsonschema import Draft202012Validator, ValidationError, validators
from jsonschema.exceptions import best_match

from digits.errors import ConfigError

Strict = validators.extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ).redefine(
        "number",
        lambda _, value: (
            isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        ),
    ),
)
"""JSON Schema, but 3.0 is no whole number and NaN and infinity are no numbers."""


def complete(config: dict[str, Any], schema: dict[str, Any]) -> None:
    """Fill the schema's defaults into ``config``, in place, and check it.

    Raises
    ------
    ConfigError
        If a key is missing, unknown, of the wrong type or out of range, or at odds with another;
        the text names the key by its path.
    """
    _fill(config, schema)
    error = best_match(Strict(schema).iter_errors(config), key=_depth)
    if error:
        raise ConfigError(_describe(error))
    _check_together(config)


def _fill(section: Any, schema: dict[str, Any]) -> None:
    if not isinstance(section, dict):
        return
    for key, inner in schema.get("properties", {}).items():
        if "default" in inner:
            # A copy, so that what is filled in later does not end up in the schema.
            default = inner["default"]
            section.setdefault(key, dict(default) if isinstance(default, dict) else default)
        _fill(section.get(key), inner)


def _depth(error: ValidationError) -> int:
    return -len(error.absolute_path)


def _describe(error: ValidationError) -> str:
    path = ".".join(map(str, error.absolute_path))
    prefix = f"{path}." if path else ""
    if error.validator == "additionalProperties":
        known = error.schema["properties"]
        unknown = next(key for key in error.instance if key not in known)
        similar = difflib.get_close_matches(str(unknown), known, n=1)
        hint = f"did you mean {similar[0]}?" if similar else f"known are {', '.join(known)}"
        return f"config: {prefix}{unknown}: no such key; {hint}"
    if error.validator == "required":
        missing = next(key for key in error.validator_value if key not in error.instance)
        return f"config: {prefix}{missing}: this key is needed"
    expected = error.schema.get("description", "")
    found = repr(error.instance)
    shown = found if len(found) <= 80 else found[:77] + "..."
    return f"config: {path or 'the whole'}: {_rule(error)}, found {shown}. {expected}".strip()


def _rule(error: ValidationError) -> str:
    if error.validator == "type":
        return f"expected {TYPES.get(error.validator_value, error.validator_value)}"
    text = RULES.get(error.validator)
    return text.format(error.validator_value) if text else error.message


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
    "pattern": "expected text of the form {} (no braces, no control characters)",
    "oneOf": "expected a path or null",
    "not": "expected anything but {0[const]}",
}


def _check_together(config: dict[str, Any]) -> None:
    splits, folds = config["cross_validation"]["splits"], config["cross_validation"]["folds"]
    if max(folds) >= splits:
        raise ConfigError(
            f"config: cross_validation.folds: expected 0 to {splits - 1}, as"
            f" cross_validation.splits is {splits}, found {max(folds)}"
        )
    for key in ("train", "test", "test_labels") if config["dataset"]["source"] == "demo" else ():
        path = config["dataset"][key]
        # The demo writes these files, so they must not be anybody's own.
        if path is None or PurePath(path).parts[:2] != ("data", "demo") or ".." in path:
            raise ConfigError(
                f"config: dataset.{key}: the demo writes it itself, below data/demo/,"
                f" found {path!r}"
            )
