"""Copies of the project to run the real workflow in, so that no benchmark touches its results."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from harness import RAW, ROOT, Run, run

PARTS = ("Snakefile", "config", "envs", "profiles", "scripts", "workflow")


def copy(target: Path, source: Path = ROOT) -> Path:
    """Copy what a run needs, without results and without anything compiled."""
    for part in PARTS:
        if (source / part).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source / part, target / part, ignore=ignored)
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / part, target / part)
    return target


def with_raw(target: Path, raw: Path) -> Path:
    """Copy what a run of the reference experiment needs, with a link to the competition's zip."""
    place = copy(target) / RAW.relative_to(ROOT)
    place.parent.mkdir(parents=True)
    place.symlink_to(raw)
    return target


def write_config(path: Path, config: dict[str, Any]) -> Path:
    """Write a configuration, whole or of a few keys; JSON is YAML too."""
    path.write_text(json.dumps(config) + "\n")
    return path


def snakemake(folder: Path, *arguments: object, **environment: str) -> Run:
    """Run the workflow of a copy."""
    command = [sys.executable, "-m", "snakemake", *map(str, arguments)]
    return run(command, cwd=folder, environment=environment)
