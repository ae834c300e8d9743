"""Checks of configuration files for what Snakemake accepts silently: duplicate keys and code."""

import json
from pathlib import Path
from typing import Any

import yaml

from digits.config.value_text import key_name
from digits.core.errors import ConfigError

TEMPLATES = "__use_yte__"
"""A key by which Snakemake takes the file for a template and runs the code in it."""


def check_file(path: Path) -> dict[str, str]:
    """Refuse a file in which a key appears twice, of which YAML takes the last, or that holds code.

    Returns
    -------
    dict
        The values that are not in quotes, as they are written, by the paths of their keys.

    Raises
    ------
    ConfigError
        The text names the file, the line, but for JSON that is no YAML, and the key by its path.
    """
    try:
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        _check_json(path, text)
        return {}
    except (OSError, ValueError, RecursionError):
        return {}  # Snakemake, which has read it already, says what is wrong with it.
    pending, visited, written = [("", root)], set(), {}
    for prefix, node in pending:
        if isinstance(node, yaml.ScalarNode) and node.style is None:
            written[prefix.removesuffix(".")] = node.value
        if isinstance(node, yaml.ScalarNode | None) or id(node) in visited:
            continue
        visited.add(id(node))  # an alias leads to a node that was there before
        if isinstance(node, yaml.SequenceNode):
            pending += [(f"{prefix}{place}.", value) for place, value in enumerate(node.value)]
            continue
        names = set()
        for key, value in node.value:
            name = f"{prefix}{key.value}"
            place = f"{path}, line {key.start_mark.line + 1}: {name}"
            if name in names:
                raise ConfigError(f"{place}: this key appears twice; remove one of them")
            if name == TEMPLATES:
                raise ConfigError(
                    f"{place}: expected no key that lets the file run code; remove it"
                )
            names.add(name)
            pending.append((f"{name}.", value))
    return written


def _check_json(path: Path, text: str) -> None:
    """Refuse JSON in which a key appears twice; what is no JSON either is left to Snakemake."""

    def check_keys(pairs: list[tuple[str, Any]]) -> None:
        names = set()
        for name, _ in pairs:
            if name in names:
                raise ConfigError(f"{path}: {key_name(name)}: this key appears in a section twice")
            names.add(name)

    try:
        json.loads(text, object_pairs_hook=check_keys)
    except (ValueError, RecursionError):
        return
