"""Checking the configuration of a run and filling in its defaults."""

import copy
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from digits.config.field_types import RefusalError
from digits.config.messages import describe
from digits.config.models import Configuration
from digits.config.overrides import convert
from digits.config.recipes import check_recipes
from digits.config.value_text import key_name
from digits.config.yaml_files import check_file
from digits.core.errors import ConfigError
from digits.core.intermediate_files import ContentError, reading

MOST_VALUES, MOST_DEPTH, MOST_BITS = 10_000, 8, 990
"""Of a whole configuration; aliases can make a small file endless."""

ADDRESS = re.compile(r"://|^[^/\s:@]+:(?!:)[^@]+@")
"""As in https://host/a.csv or user:password@host:a.csv; not a.zip::b@c.csv."""


def complete(config: dict[str, Any], written: Mapping[str, str] | None = None) -> None:
    """Check ``config`` and fill in, in place, the defaults and the home folder for ``~``.

    Parameters
    ----------
    written : as :func:`digits.config.yaml_files.check_file` gives it, for better messages

    Raises
    ------
    ConfigError
        If a key is missing, unknown, of the wrong type or out of range, or at odds with another;
        the text names the key by its path.
    """
    _check_values(config)
    try:
        checked = Configuration.model_validate(config).model_dump()
        design = checked["design"]
        checked["design"] = {name: levels for name, levels in design.items() if levels is not None}
        check_recipes(checked)
    except ValidationError as error:
        raise ConfigError(describe(error, written)) from None
    except RefusalError as refusal:
        raise ConfigError(f"config: {refusal.key}: {refusal}") from None
    config |= checked


def check(
    config: dict[str, Any], files: Sequence[str | Path], command_line: Mapping[str, Any]
) -> None:
    """Check the configuration of a run as Snakemake has merged it, and complete it in place.

    Parameters
    ----------
    files : what it was read from
    command_line : what ``--config`` gave, which is in it already

    Raises
    ------
    ConfigError
        As :func:`complete`, or if a file is not what Snakemake takes it for.
    """
    written = {}
    for file in files:
        written |= check_file(Path(os.path.relpath(file)))
    convert(config, command_line)
    complete(config, written)


def check_resolved(path: Path, config: dict[str, Any]) -> None:
    """Check the configuration that a run has written down, which is complete.

    Raises
    ------
    DataError
        If it is not complete or not valid; the text names the file and the key.
    """
    completed = copy.deepcopy(config)
    try:
        complete(completed)
    except ConfigError as error:
        with reading(path):
            raise ContentError(str(error).removeprefix("config: ")) from None
    missing = sorted(_keys(completed) - _keys(config))
    with reading(path):
        if missing:
            raise ContentError(f"lacks the key {missing[0]}")


def _keys(config: dict[str, Any]) -> set[str]:
    inner = ((key, value) for key, value in config.items() if isinstance(value, dict))
    return set(config) | {f"{section}.{key}" for section, keys in inner for key in keys}


def _check_values(config: dict[str, Any]) -> None:
    """Refuse what no message can show: too much of it, or an address, which may hold a password."""
    pending: list[tuple[str, int, Any]] = [("", 0, config)]
    for path, depth, value in pending:
        if isinstance(value, int) and value.bit_length() > MOST_BITS:
            raise ConfigError(f"config: {path[1:]}: expected a number of fewer than 300 digits")
        if isinstance(value, str) and ADDRESS.search(value):
            raise ConfigError(
                f"config: {path[1:]}: expected no address, found text with '://' or with"
                " ':' before '@'; download the file and write its path"
            )
        pending += ((f"{path}.{key_name(key)}", depth + 1, each) for key, each in _inner(value))
        if depth > MOST_DEPTH or len(pending) > MOST_VALUES:
            raise ConfigError(
                f"config: {path.split('.')[1]}: expected at most {MOST_VALUES:,} values,"
                f" {MOST_DEPTH} levels deep, found more"
            )


def _inner(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list | tuple | set) else ()
