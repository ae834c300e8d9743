"""The status of an experiment: its trials, and the stages around them, from its files.

Files may be missing, be in the middle of being written or come from another version. What cannot be
read counts as missing.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from digits.config.configuration import complete
from digits.config.recipes import design_of, factor_names, recipe_of
from digits.core.design import REPEATS, Cell, Design, Level, Trial
from digits.core.errors import ConfigError
from digits.core.results_folder import ResultsFolder
from digits.monitor.runs import Runs, read_runs, root_of
from digits.monitor.trial_progress import TrialProgress, read_if_readable, read_progress

TABLES = ("results", "classes", "hardest", "comparisons", "costs")
"""The last table of each rule that writes tables."""


@dataclass(frozen=True)
class Stage:
    """A stage of the workflow: how many of its parts are done, of how many."""

    name: str
    done: int
    total: int


@dataclass(frozen=True)
class Status:
    """The status of an experiment.

    Attributes
    ----------
    experiment : its name
    there : whether its folder exists
    alive : whether a run of the workflow is working on it
    design : its design; without factors if it is not known yet
    scores : per cell, the score of its submission if known
    """

    experiment: str
    there: bool
    alive: bool
    design: Design
    trials: tuple[TrialProgress, ...]
    stages: tuple[Stage, ...]
    scores: dict[Cell, float]

    @property
    def finished(self) -> bool:
        """Whether everything is done."""
        done = all(stage.done == stage.total for stage in self.stages)
        return self.there and bool(self.trials) and done and not self.alive


def read_status(folder: Path, now: float) -> Status:
    """Read the status of the experiment of a results folder.

    Parameters
    ----------
    folder : such as ``results/demo``; it need not exist
    now : the current time, in seconds since 1970
    """
    folder = folder.absolute()
    runs = read_runs(root_of(folder))
    config = _read_config(folder / "config.yaml")
    design = design_of(config) if config else _found(folder)
    results = ResultsFolder(folder, design)
    epochs = {cell: _epochs(config, design, cell) for cell in design.cells}
    trials = [
        read_progress(results, key, epochs[key[:-2]], runs, now)
        for key in design.trials
        if config or _has_begun(results, key)
    ]
    cells = design.models.items()
    scores = {cell: read_if_readable(results.score(model)).get("score") for model, cell in cells}
    return Status(
        experiment=folder.name,
        there=folder.is_dir(),
        alive=runs.work_in(folder),
        design=design,
        trials=tuple(trials),
        stages=_stages(results, trials, runs, with_test=_has_test(config)),
        scores={cell: score for cell, score in scores.items() if isinstance(score, float)},
    )


def _read_config(path: Path) -> dict[str, Any]:
    """Read the resolved configuration; empty if it cannot be used, as that of another version."""
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
        complete(config)
    except (OSError, ValueError, TypeError, yaml.YAMLError, ConfigError):
        return {}
    return config


def _has_test(config: Mapping[str, Any]) -> bool:
    """Return whether there are test images, as where it is not known."""
    dataset = config.get("dataset", {})
    return not config or dataset["test"] is not None or dataset["test_share"] > 0


def _epochs(config: dict[str, Any], design: Design, cell: Cell) -> int | None:
    return recipe_of(config, design, cell)["training"]["epochs"] if config else None


def _has_begun(results: ResultsFolder, trial: Trial) -> bool:
    return results.metrics(trial).parent.is_dir()


def _found(folder: Path) -> Design:
    """Return a design with the levels, folds and seeds that folders are named by."""
    names = "|".join(map(re.escape, [*factor_names(), *REPEATS]))
    parts = re.compile(rf"(?:^|_)({names})-(.*?)(?=_(?:{names})-|$)")
    stems = [path.relative_to(folder / "cells").as_posix() for path in folder.glob("cells/*/*")]
    found: dict[str, set[Level]] = {}
    for stem in stems:
        for name, level in parts.findall(stem.replace("/", "_")):
            found.setdefault(name, set()).add(yaml.safe_load(level))
    levels = {name: tuple(sorted(found.get(name, ()), key=str)) for name in [*found, *REPEATS]}
    folds, seeds = (levels.pop(name) for name in REPEATS)
    return Design(levels, folds, seeds)


def _stages(
    results: ResultsFolder, trials: Iterable[TrialProgress], runs: Runs, *, with_test: bool
) -> tuple[Stage, ...]:
    """Count the finished parts of each stage, by the last file that each of its rules writes.

    The very last file, check.json, is written only if no training failed.
    """
    folder, design = results.path, results.design
    plots = ["results/accuracy.svg", "results/cost.svg", "errors/common.svg"]
    checked = (
        [] if any(trial.state == "failed" for trial in trials) else [folder / "cells/check.json"]
    )
    checks = {results.check(cell, fold) for cell in design.cells for fold in design.folds}
    data = ["train.parquet", *["test.parquet"] * with_test, "facts.json"]
    files: dict[str, Iterable[Path]] = {
        "data": [folder / "data" / name for name in data],
        "folds": checks,
        "trainings": list(map(results.metrics, design.trials)),
        "predictions": list(map(results.test if with_test else results.validation, design.trials)),
        "submissions": results.scores.values() if with_test else [],
        "tables": [folder / "tables" / f"{name}.csv" for name in TABLES],
        "plots": [
            *(results.cell_plot(cell, "learning") for cell in design.cells),
            *(folder / "plots" / name for name in plots),
        ],
        "report": [
            *(folder / "report" / name for name in ("model_card.md", "index.html")),
            *checked,
        ],
    }
    counts = {name: [runs.has_made(path) for path in paths] for name, paths in files.items()}
    return tuple(Stage(name, sum(made), len(made)) for name, made in counts.items())
