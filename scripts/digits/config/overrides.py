"""Values of ``--config``: Snakemake passes those inside braces and brackets as text."""

import math
from collections.abc import Mapping
from typing import Any

import yaml

from digits.config.json_schema import KINDS, Schema, items, kinds, schema


def convert(config: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Turn what the command line gave into the types of the models, in place.

    ``--config 'training={epochs: 2}'`` arrives as ``{"epochs": "2"}``. A text becomes what it is in
    YAML if its key may be of that type; it stays a text elsewhere, for the models to judge.

    Parameters
    ----------
    config : the whole configuration, in which ``given`` is merged already
    given : what stood on the command line
    """
    if given:
        _convert_section(config, given, schema())


def _convert_section(config: dict[str, Any], given: Mapping[str, Any], section: Schema) -> None:
    for key, value in given.items():
        inner = section.get("properties", {}).get(key, {})
        if isinstance(value, Mapping) and isinstance(config.get(key), dict):
            _convert_section(config[key], value, inner)
        else:
            config[key] = _converted(value, inner)


def _converted(value: Any, key: Schema) -> Any:
    if isinstance(value, list):
        return [_converted(each, items(key)) for each in value]
    known = kinds(key)
    if type(value) is int and "string" in known and "integer" not in known:
        return str(value)  # Snakemake drops quotes, so experiment=2024 has no other way
    if not isinstance(value, str):
        return value
    meant = _scalar(value)
    fits = KINDS.get(type(meant)) in known or ("number" in known and type(meant) is int)
    return meant if fits else value


def _scalar(text: str) -> Any:
    """Read a number as Python does, 1e-3 too, and anything else as YAML does."""
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        return number if math.isfinite(number) else text
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text
