"""Reading the resolved configuration that an experiment was run with."""

from pathlib import Path
from typing import Any

import yaml

from digits.core import json_records
from digits.core.atomic_files import read_text
from digits.core.errors import DataError


def read_config(path: Path) -> tuple[dict[str, Any], str]:
    """Read a resolved configuration; return it parsed and as written."""
    text = read_text(path)
    try:
        config = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise DataError(f"{path}: no valid YAML; delete it and run again") from error
    if not isinstance(config, dict) or "experiment" not in config:
        raise DataError(f"{path}: lacks the key experiment; delete it and run again")
    augmentation = config.get("augmentation") or {}
    json_records.check(path, augmentation, json_records.Each(json_records.ANY), "augmentation")
    return config, text
