"""Values of ``--config``: Snakemake passes those inside braces and brackets as text."""

import math
from collections.abc import Mapping
from typing import Any

import yaml

KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}


def convert(config: dict[str, Any], given: Mapping[str, Any], schema: dict[str, Any]) -> None:
    """Turn what the command line gave into the types of the schema, in place.

    ``--config 'training={epochs: 2}'`` arrives as ``{"epochs": "2"}``. A text becomes what it is in
    YAML if the schema admits that for its key; it stays a text elsewhere, for the schema to judge.

    Parameters
    ----------
    config : the whole configuration, in which ``given`` is merged already
    given : what stood on the command line
    schema : of the whole configuration
    """
    _convert_section(config, given, schema, schema.get("$defs", {}))


def _convert_section(config: Any, given: Mapping[str, Any], schema: dict, defs: dict) -> None:
    for key, value in given.items():
        inner = _resolved(schema.get("properties", {}).get(key, {}), defs)
        if isinstance(value, Mapping) and isinstance(config.get(key), dict):
            _convert_section(config[key], value, inner, defs)
        else:
            config[key] = _converted(value, inner, defs)


def _converted(value: Any, schema: dict, defs: dict) -> Any:
    if isinstance(value, list):
        items = _resolved(schema.get("items", {}), defs)
        return [_converted(each, items, defs) for each in value]
    kinds = schema.get("type", [])
    kinds = {kinds} if isinstance(kinds, str) else set(kinds)
    if type(value) is int and "string" in kinds and "integer" not in kinds:
        return str(value)  # Snakemake drops quotes, so experiment=2024 has no other way
    if not isinstance(value, str):
        return value
    meant = _scalar(value)
    fits = KINDS.get(type(meant)) in kinds or ("number" in kinds and type(meant) is int)
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


def _resolved(schema: dict, defs: dict) -> dict:
    name = schema.get("$ref", "").rpartition("/")[2]
    return defs.get(name, {}) | schema
