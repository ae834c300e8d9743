"""Reading the resolved configuration that an experiment was run with."""

from pathlib import Path
from typing import Any

import yaml

from digits.core.intermediate_files import reading
from digits.core.json_records import ANY, Each, check


def read_config(path: Path) -> tuple[dict[str, Any], str]:
    """Read a resolved configuration; return it parsed and as written.

    Raises
    ------
    DataError
        If it is missing, damaged, or lacks the experiment.
    """
    with reading(path):
        text = path.read_text(encoding="utf-8")
        config = yaml.safe_load(text)
        check(config, {"experiment": ANY})
        check(config.get("augmentation") or {}, Each(ANY), "augmentation")
    return config, text
