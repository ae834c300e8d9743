"""The contents of a results folder without the times in them, which differ from run to run."""

import json
from pathlib import Path

import pandas as pd

TIMES = ["seconds", "training_seconds", "cpu_seconds", "images_per_second", "pareto"]
"""Columns and keys that contain durations, or depend on them."""

TIMED = {"tables/costs.csv"}
"""Shows times, beside logs and benchmarks."""


def timeless(path: Path) -> object:
    """The content of a result file without the times in it."""
    if path.suffix == ".csv":
        return pd.read_csv(path).drop(columns=TIMES, errors="ignore").to_csv()
    if path.name == "metrics.json":
        return {k: v for k, v in json.loads(path.read_text()).items() if k not in TIMES}
    return path.read_bytes()


def contents(results: Path) -> dict[str, object]:
    """The contents of all results by their names, without logs and benchmarks."""
    files = [path for path in results.rglob("*") if path.is_file()]
    names = {path.relative_to(results).as_posix(): path for path in files}
    return {
        name: timeless(path)
        for name, path in names.items()
        if name.split("/")[0] not in {"logs", "benchmarks"} and name not in TIMED
    }
