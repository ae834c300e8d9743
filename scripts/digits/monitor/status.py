"""The status of an experiment: its trials, and the stages around them, from its files.

Files may be missing, be in the middle of being written or come from another version. What cannot be
read counts as missing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from digits.core.design import (
    CELL,
    ENSEMBLE,
    Cell,
    Trial,
    cell_folder,
    fold_folder,
    model_name,
    parse_trial_folder,
    parse_trial_stem,
    submission_file,
    trial_folder,
)
from digits.monitor.runs import Runs, read_runs
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
    scores : per cell, the score of its submission if known
    """

    experiment: str
    there: bool
    alive: bool
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
    runs = read_runs(folder.parents[1])
    config = _read_config(folder / "config.yaml")
    keys = _designed(config) or _found(folder)
    epochs = _value(config, "training", "epochs")
    trials = tuple(read_progress(folder, key, epochs, runs, now) for key in keys)
    cells = list(dict.fromkeys(trial.cell for trial in trials))
    scores = {cell: read_if_readable(_score_file(folder, cell)).get("score") for cell in cells}
    return Status(
        experiment=folder.name,
        there=folder.is_dir(),
        alive=runs.work_in(folder),
        trials=trials,
        stages=_stages(folder, trials, cells, runs),
        scores={cell: score for cell, score in scores.items() if isinstance(score, float)},
    )


def _read_config(path: Path) -> dict[str, Any]:
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return config if isinstance(config, dict) else {}


def _value(config: dict[str, Any], section: str, key: str) -> Any:
    inner = config.get(section)
    return inner.get(key) if isinstance(inner, dict) else None


def _designed(config: dict[str, Any]) -> list[Trial]:
    """Return the trials of the design, none if the configuration is incomplete."""
    factors = [
        _value(config, *name)
        for name in (
            *(("design", factor) for factor in CELL),
            ("cross_validation", "folds"),
            ("design", "seeds"),
        )
    ]
    if not all(isinstance(levels, list) for levels in factors):
        return []
    return list(product(*factors))


def _found(folder: Path) -> list[Trial]:
    """Return the trials that have files or a log."""
    folders = (path.relative_to(folder / "cells") for path in folder.glob("cells/*/*"))
    trials = {parse_trial_folder(path.as_posix()) for path in folders}
    trials |= {parse_trial_stem(path.stem) for path in folder.glob("logs/train_cell/*.log")}
    return sorted(trials - {None})


def _score_file(folder: Path, cell: Cell) -> Path:
    return folder / "submissions" / submission_file(model_name(cell), ".json")


def _stages(
    folder: Path, trials: tuple[TrialProgress, ...], cells: list[Cell], runs: Runs
) -> tuple[Stage, ...]:
    """Count the finished parts of each stage, by the last file that each of its rules writes.

    The very last file, check.json, is written only if no training failed.
    """
    folds = sorted({trial.fold for trial in trials})
    plots = [f"cells/{cell_folder(cell)}/learning.svg" for cell in cells]
    plots += ["results/accuracy.svg", "results/cost.svg", "errors/common.svg"]
    checked = (
        [] if any(trial.state == "failed" for trial in trials) else [folder / "cells/check.json"]
    )
    files: dict[str, Iterable[Path]] = {
        "data": [
            folder / "data" / name for name in ("train.parquet", "test.parquet", "facts.json")
        ],
        "folds": [folder / "folds" / fold_folder(fold) / "check.json" for fold in folds],
        "trainings": [folder / "cells" / trial_folder(t.key) / "metrics.json" for t in trials],
        "predictions": [folder / "cells" / trial_folder(t.key) / "test.parquet" for t in trials],
        "submissions": [
            *(_score_file(folder, cell) for cell in cells),
            folder / "submissions" / submission_file(ENSEMBLE, ".json"),
        ],
        "tables": [folder / "tables" / f"{name}.csv" for name in TABLES],
        "plots": [folder / "plots" / name for name in plots],
        "report": [
            *(folder / "report" / name for name in ("model_card.md", "index.html")),
            *checked,
        ],
    }
    counts = {name: [runs.has_made(path) for path in paths] for name, paths in files.items()}
    return tuple(Stage(name, sum(made), len(made)) for name, made in counts.items())
