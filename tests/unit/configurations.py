"""Configurations for tests: the smallest one, another with a changed key, and what is refused."""

import copy
from typing import Any

import pytest

from digits.config.configuration import complete
from digits.core.errors import ConfigError

SMALLEST = {"experiment": "own", "dataset": {"train": "a.csv", "test": "b.csv"}}


def changed(path: str, value: Any, base: dict[str, Any] = SMALLEST) -> dict[str, Any]:
    """Return a configuration with another value for a key, which its path names."""
    config = copy.deepcopy(base)
    *sections, key = path.split(".")
    place = config
    for section in sections:
        place = place.setdefault(section, {})
    place[key] = value
    return config


def completed(config: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration, which is valid, with its defaults."""
    full = copy.deepcopy(config)
    complete(full)
    return full


def refusal(config: dict[str, Any], written: dict[str, str] | None = None) -> str:
    """Return the one line in which a configuration is refused."""
    with pytest.raises(ConfigError) as raised:
        complete(config, written)
    assert str(raised.value).isprintable()
    return str(raised.value)
