"""What of an experiment can be compared with another: settings, data, versions, results."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from digits.analysis.selection import cost_measure
from digits.config.resolved import read_config
from digits.core.design import CELL, TRIAL
from digits.core.errors import DataError
from digits.core.formatting import one_line
from digits.core.json_records import ANY, Each, read_record
from digits.core.tables import read_table

TIMES = ("cpu_seconds", "training_seconds")
MEASURES = ("accuracy", "val_accuracy", "best_val_accuracy", *TIMES, "score")
FACTS = ["train", "test", "image_shape", "duplicates"]


@dataclass(frozen=True)
class Experiment:
    """A finished experiment.

    Attributes
    ----------
    name : of its folder
    config : the resolved configuration by dotted path, without the name and what is null
    data : the facts of its data by dotted path; the counts per label stand for themselves in the
        checksums and are left out
    versions : by package, and the device
    results : a row per cell: the means of ``MEASURES`` over its trials, indexed by layers and nodes
    time : which of ``TIMES`` tells what its trainings cost
    """

    name: str
    config: dict[str, str]
    data: dict[str, str]
    versions: dict[str, str]
    results: pd.DataFrame
    time: str


def read_experiment(folder: Path) -> Experiment:
    """Read a finished experiment from its folder, such as ``results/demo``.

    Raises
    ------
    DataError
        If there is no such experiment, or it has not come to its results.
    """
    if not folder.is_dir():
        there = sorted(path.name for path in folder.parent.glob("*/") if path.is_dir())
        known = f"there are {', '.join(there)}" if there else "there are none yet"
        raise DataError(f"{folder}: no such experiment; {known}")
    tables = [folder / "config.yaml", folder / "data/facts.json", folder / "tables/results.csv"]
    for path in tables:
        if not path.is_file():
            raise DataError(f"{path}: not there yet; the experiment has to be run to its end")
    config, _ = read_config(tables[0])
    facts = read_record(tables[1], FACTS)
    results = read_table(tables[2], [*TRIAL, "device", *MEASURES])
    failed = results["val_accuracy"].isna()
    results["best_val_accuracy"] = results["best_val_accuracy"].mask(failed)
    metrics = sorted(folder.glob("cells/*/*/metrics.json"))
    records = [read_record(path, {"versions": Each(ANY)})["versions"] for path in metrics]
    devices = {"device": sorted(set(results["device"].astype(str)))}
    return Experiment(
        name=folder.name,
        config=flatten({key: value for key, value in config.items() if key != "experiment"}),
        data=flatten(_without_counts(facts)),
        versions=flatten(_gather(records) | devices),
        results=results.groupby(CELL)[list(MEASURES)].mean(),
        time=cost_measure(results),
    )


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Write nested settings by dotted path; lists are values, and what is null is left out."""
    flat: dict[str, str] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{key}.")
        elif value is not None:
            flat[f"{prefix}{key}"] = _text(value)
    return flat


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return one_line(str(value))


def _without_counts(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        part: {key: value for key, value in fact.items() if key != "labels"}
        if isinstance(fact, Mapping)
        else fact
        for part, fact in facts.items()
    }


def _gather(records: Iterable[Mapping[str, str]]) -> dict[str, list[str]]:
    """Return every version of each package that any of the trainings ran with."""
    found: dict[str, set[str]] = {}
    for record in records:
        for package, version in record.items():
            found.setdefault(package, set()).add(str(version))
    return {package: sorted(found[package]) for package in sorted(found)}
