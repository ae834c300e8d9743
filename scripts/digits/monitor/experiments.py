"""A finished experiment, read to be compared: settings, data, versions and results."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from digits.analysis.selection import cost_measure
from digits.config.recipes import design_of, settings_of
from digits.config.resolved import read_config
from digits.core.design import Design, Level
from digits.core.errors import DataError
from digits.core.formatting import one_line
from digits.core.intermediate_files import reading
from digits.core.json_records import ANY, Each, read_record
from digits.core.tables import by_cell, read_table
from digits.evaluation.summaries import processors

TIMES = ("cpu_seconds", "training_seconds")
MEASURES = ("accuracy", "val_accuracy", "best_val_accuracy", *TIMES, "score")
FACTS = dict.fromkeys(("train", "test", "image_shape", "duplicates"), ANY)


@dataclass(frozen=True)
class Experiment:
    """A finished experiment.

    Attributes
    ----------
    name : the name of its folder
    config : the resolved configuration by dotted path, without its name and null values
    data : the facts of its data by dotted path, without the counts per label, which the checksums
        cover
    versions : by package, and the device and the processor
    design : its design
    results : a row per cell, in the order of the design: its ``name``, and the means of
        ``MEASURES`` over its trials
    settings : of each cell, what makes its networks
    time : which of ``TIMES`` measures the cost of its trainings
    """

    name: str
    config: dict[str, str]
    data: dict[str, str]
    versions: dict[str, str]
    design: Design
    results: pd.DataFrame
    settings: list[dict[str, Level]]
    time: str


def read_experiment(folder: Path) -> Experiment:
    """Read a finished experiment from its folder, such as ``results/demo``.

    Raises
    ------
    DataError
        If there is no such experiment, or it has no results yet.
    """
    if not folder.is_dir():
        others = sorted(path.name for path in folder.parent.glob("*/") if path.is_dir())
        known = f"found {', '.join(others)}" if others else "there are none yet"
        raise DataError(f"{folder}: no such experiment; {known}")
    tables = [folder / "config.yaml", folder / "data/facts.json", folder / "tables/results.csv"]
    for path in tables:
        if not path.is_file():
            raise DataError(f"{path}: does not exist yet; run the experiment to its end first")
    config, _ = read_config(tables[0])
    with reading(tables[0]):
        design = design_of(config)
    facts = read_record(tables[1], FACTS)
    results = read_table(tables[2], [*design.trial_columns, "device", *MEASURES], design)
    failed = results["val_accuracy"].isna()
    results["best_val_accuracy"] = results["best_val_accuracy"].mask(failed)
    cells = list(by_cell(results, design))
    means = [rows[list(MEASURES)].mean() for _, rows in cells]
    metrics = sorted(folder.glob("cells/*/*/metrics.json"))
    records = [read_record(path, {"versions": Each(ANY)}) for path in metrics]
    machines = {"device": sorted(set(results["device"].astype(str)))}
    if found := processors(records):
        machines["processor"] = found
    return Experiment(
        name=folder.name,
        config=flatten({key: value for key, value in config.items() if key != "experiment"}),
        data=flatten(_without_counts(facts)),
        versions=flatten(_gather([record["versions"] for record in records]) | machines),
        design=design,
        results=pd.DataFrame(means).assign(name=[design.cell_label(cell) for cell, _ in cells]),
        settings=[settings_of(config, design, cell) for cell, _ in cells],
        time=cost_measure(results),
    )


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return nested settings by dotted path; lists are values, null values are left out."""
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
    """Return all versions of each package that the trainings ran with."""
    found: dict[str, set[str]] = {}
    for record in records:
        for package, version in record.items():
            found.setdefault(package, set()).add(str(version))
    return {package: sorted(found[package]) for package in sorted(found)}
