"""Run time and memory of each rule, summed up from Snakemake's benchmark files."""

import csv
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from digits.core.atomic_files import replacing
from digits.core.design import Design, fold_folder
from digits.core.intermediate_files import reading
from digits.core.results_folder import ResultsFolder
from digits.evaluation.trials import read_metrics

MEASURED = ["s", "cpu_time", "max_rss"]
"""Columns of Snakemake's: seconds, seconds of processor time, and peak memory in MiB."""

UNKNOWN = ("-", "NA")
"""What Snakemake writes of a job that ended before a sample."""

TRAINING = "train_cell"
"""The rule whose trials have clocks of their own."""

SHELL = 6
"""MiB: less is the memory of the shell, which started a program that ended before a sample."""


class Cost(NamedTuple):
    """What the jobs of a rule took.

    Attributes
    ----------
    jobs : their number
    seconds : wall time, sum over the jobs
    cpu_seconds : processor time, sum over the jobs that were sampled; None if none was
    max_rss_mb : peak memory of any job, MiB; None if no job was sampled
    """

    rule: str
    jobs: int
    seconds: float | None
    cpu_seconds: float | None
    max_rss_mb: float | None


def cost_table(folder: ResultsFolder, rules: Sequence[str]) -> list[Cost]:
    """Sum up the benchmark files of rules, each in a folder named after its rule.

    Snakemake samples processor time and memory, so it misses what a job did after the last sample.
    Where the job of a cell trained all its trials, their own clocks are taken if they show more.

    Parameters
    ----------
    rules : those to sum up; one whose benchmarks are missing has no row

    Returns
    -------
    the costs of each rule, in the order given
    """
    names = _names(folder.design)
    found = []
    for rule in rules:
        jobs = [_read(path, folder) for path in _benchmarks(folder, rule, names)]
        if jobs:
            times = (_rounded(math.fsum, [job[name] for job in jobs]) for name in MEASURED[:2])
            memory = _rounded(max, [job["max_rss"] for job in jobs])
            found.append(Cost(rule, len(jobs), *times, memory))
    return found


def _rounded(together: Callable[[list[float]], float], numbers: Iterable[float]) -> float | None:
    """Combine the numbers that are known, rounded to hundredths; None if none is."""
    known = [number for number in numbers if not math.isnan(number)]
    return round(together(known), 2) if known else None


def write_costs(path: Path, costs: Iterable[Cost]) -> None:
    """Write the costs of rules as CSV; what is not known is empty."""
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([Cost._fields, *costs])


def _benchmarks(folder: ResultsFolder, rule: str, names: set[str]) -> Iterator[Path]:
    """Yield the benchmark files of a rule, but for those of cells or folds of an earlier design."""
    place = folder.path / "benchmarks" / rule
    of_design = re.compile(rf"(^|_)(fold|{re.escape(next(iter(folder.design.factors)))})-")
    for path in sorted(place.glob("**/*.tsv")):
        name = "_".join(path.relative_to(place).parts).removesuffix(".tsv")
        if not of_design.search(name) or name in names:
            yield path


def _names(design: Design) -> set[str]:
    """Return the names of jobs that are for a cell, a fold, or a tensor of a fold."""
    folds = {fold_folder(fold) for fold in design.folds}
    cells = {design.cell_folder(cell) for cell in design.cells}
    tensors = {design.tensor_folder(cell) for cell in design.cells} - {""}
    on_folds = {f"{one}_{fold}" for one in cells | tensors for fold in folds}
    return folds | cells | tensors | on_folds


def _read(path: Path, folder: ResultsFolder) -> dict[str, float]:
    with reading(path), path.open(newline="", encoding="utf-8") as file:
        *_, last = csv.DictReader(file, delimiter="\t")
        row = {name: math.nan if last[name] in UNKNOWN else float(last[name]) for name in MEASURED}
    if not row["cpu_time"] > 0 or not row["max_rss"] >= SHELL:
        row |= {"cpu_time": math.nan, "max_rss": math.nan}
    cell = folder.design.parse_cell_folder(path.stem)
    if path.parent.name == TRAINING and cell is not None:
        trials = folder.design.only(cell).trials
        metrics = [read_metrics(folder.metrics(trial), folder.design) for trial in trials]
        # Longer than the job: some were taken from the store, or went on after a kill, or several
        # were trained at a time.
        if sum(each["training_seconds"] for each in metrics) <= row["s"]:
            row["cpu_time"] = np.fmax(sum(each["cpu_seconds"] for each in metrics), row["cpu_time"])
    return row
