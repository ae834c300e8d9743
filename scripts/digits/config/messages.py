"""Messages: each validation error of pydantic's as one line for the user."""

import datetime
import difflib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from pydantic import ValidationError

from digits.config.field_types import TEXT, WORDS, RefusalError
from digits.config.json_schema import KINDS, Schema, entries, items, kinds, properties, schema
from digits.config.models import FACTOR
from digits.config.value_text import key_name, shown

TYPES = {
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "array": "a list",
    "object": "a section of keys",
    "null": "null",
}

RULES = {
    "greater_than_equal": "at least {ge:.15g}",
    "less_than_equal": "at most {le:.15g}",
    "greater_than": "more than {gt:.15g}",
    "less_than": "less than {lt:.15g}",
    "finite_number": "a number",
    "too_short": "at least {min_length} value(s)",
    "too_long": "at most {max_length} value(s)",
    "string_too_short": "some text",
    "string_too_long": "at most {max_length} characters",
    "string_unicode": WORDS[TEXT],
}
"""What was expected, by pydantic's name of the error."""


@dataclass(frozen=True)
class _Fault:
    """An error of pydantic's at its place in the schema.

    Attributes
    ----------
    kind : pydantic's name of the error
    path : of the key at fault; of its section where the key is unknown
    key : what the schema says of what is at ``path``
    value : what was found
    context : of the error; ``error`` in it is what a check of the models raised
    """

    kind: str
    path: list[str]
    key: Schema
    value: Any
    context: Mapping[str, Any]

    @property
    def is_of_type(self) -> bool:
        """Whether it is the type of the value that is wrong."""
        return self.kind.endswith("_type")

    @property
    def is_of_another_type(self) -> bool:
        """Whether the value has one of several allowed types, and the error is about another."""
        return self.is_of_type and KINDS.get(type(self.value)) in kinds(self.key)

    @property
    def rank(self) -> tuple[int, bool, bool]:
        """Outer mistakes come first and, of these, unknown keys and then missing ones."""
        missing = self.kind == "missing"
        return len(self.path) - missing, self.kind != "unknown", not missing


def describe(invalid: ValidationError, written: Mapping[str, str] | None = None) -> str:
    """Say which key is at fault, what was expected, what was found and, if likely, what was meant.

    Parameters
    ----------
    invalid : of the model of the whole configuration
    written : how values that are not in quotes stand in the file, by their keys' paths
    """
    faults = map(_locate, invalid.errors(include_url=False))
    fault = min((each for each in faults if not each.is_of_another_type), key=lambda f: f.rank)
    path = ".".join(fault.path)
    if fault.kind == "unknown":
        name = key_name(fault.value)
        prefix = f"{path}." if path else ""
        return f"config: {prefix}{name}: no such key; {_meant(name, properties(fault.key))}"
    if fault.kind == "missing":
        return f"config: {path}: this key is required"
    if isinstance(fault.context.get("error"), RefusalError):
        return f"config: {path}: {fault.context['error']}"
    found = f"found {shown(fault.value)}{_hint(fault, (written or {}).get(path))}"
    description = fault.key.get("description", "")
    return f"config: {path}: {_expected(fault)}, {found}. {description}".strip()


def _locate(error: Mapping[str, Any]) -> _Fault:
    """Find the place of an error in the schema."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    path, key = [], schema()
    for part in error["loc"]:
        if part in properties(key):
            key = properties(key)[part]
        elif isinstance(part, int) and items(key):
            key = items(key)
        elif part != "[key]" and entries(key):
            key = entries(key)
        else:
            continue  # an unknown key, or one type among several
        path.append(str(part))
    if kind == "extra_forbidden":
        kind, value = "unknown", error["loc"][-1]
    elif kind == "invalid_key":  # it is no text
        kind = "unknown"
    elif isinstance(context.get("error"), RefusalError) and context["error"].key:
        path += context["error"].key.split(".")
    return _Fault(kind, path, key, value, context)


def _meant(name: str, known: Schema) -> str:
    """Guess what key was meant: one alike of this section, else one of that name elsewhere."""
    similar = difflib.get_close_matches(name, known, n=1)
    elsewhere = [path for path in _paths(schema()) if path.split(".")[-1] == name]
    if similar or elsewhere:
        return f"did you mean {' or '.join(similar or elsewhere)}?"
    return f"known keys are {', '.join(known)}"


def _paths(section: Schema, prefix: str = "") -> Iterator[str]:
    for key, inner in section.get("properties", {}).items():
        if FACTOR in inner:
            continue
        yield f"{prefix}{key}"
        yield from _paths(inner, f"{prefix}{key}.")


def _expected(fault: _Fault) -> str:
    if "enum" in fault.key:
        known = fault.key["enum"]
        choices = [each if isinstance(each, str) else json.dumps(each) for each in known]
        return f"expected one of {choices}"
    if fault.is_of_type:
        return f"expected {' or '.join(TYPES[kind] for kind in kinds(fault.key))}"
    if fault.kind == "string_pattern_mismatch":
        return f"expected {WORDS[fault.context['pattern']]}"
    if fault.kind in RULES:
        return f"expected {RULES[fault.kind].format(**fault.context)}"
    return str(fault.context["error"])


def _hint(fault: _Fault, written: str | None) -> str:
    value, expected = fault.value, kinds(fault.key)
    if "enum" in fault.key:
        similar = difflib.get_close_matches(str(value), map(str, fault.key["enum"]), 1)
        return f"; did you mean {similar[0]}?" if similar else ""
    if not fault.is_of_type:
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
