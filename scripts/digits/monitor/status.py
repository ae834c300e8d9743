"""Where an experiment stands: each trial, and the stages around them, by the files of its folder.

Nothing is taken for granted: files may be missing, be written at this moment or come from another
version. What cannot be read counts as not there.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from digits.monitor.runs import Runs, read_runs
from digits.monitor.trial_progress import Trial, read_json, read_trial, trial_name

TRIAL = re.compile(r"layers-(\d+)_nodes-(\d+)[/_]fold-(\d+)_seed-(\d+)")

TABLES = ("results", "classes", "hardest", "comparisons", "costs")
"""The last table of each rule that writes some."""


@dataclass(frozen=True)
class Stage:
    """A stage of the workflow: how many of its parts are done, of how many."""

    name: str
    done: int
    total: int


@dataclass(frozen=True)
class Status:
    """Where an experiment stands.

    Attributes
    ----------
    experiment : its name
    there : whether it has a folder
    alive : whether a run of the workflow is working on it
    scores : per cell, the score of its submission where that is known
    """

    experiment: str
    there: bool
    alive: bool
    trials: tuple[Trial, ...]
    stages: tuple[Stage, ...]
    scores: dict[tuple[int, int], float]

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to be done."""
        done = all(stage.done == stage.total for stage in self.stages)
        return self.there and bool(self.trials) and done and not self.alive


def read_status(folder: Path, now: float) -> Status:
    """Read where the experiment of a results folder stands.

    Parameters
    ----------
    folder : such as ``results/demo``; it need not be there
    now : the time, in seconds since 1970
    """
    folder = folder.absolute()
    runs = read_runs(folder.parents[1])
    config = _read_config(folder / "config.yaml")
    keys = _designed(config) or _found(folder)
    epochs = _value(config, "training", "epochs")
    trials = tuple(read_trial(folder, key, epochs, runs, now) for key in keys)
    cells = list(dict.fromkeys(trial.cell for trial in trials))
    scores = {cell: read_json(_submission(folder, cell)).get("score") for cell in cells}
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


def _designed(config: dict[str, Any]) -> list[tuple[int, ...]]:
    """Return the trials of the design, none if the configuration does not tell them."""
    factors = [
        _value(config, *name)
        for name in (
            ("design", "layers"),
            ("design", "nodes"),
            ("cross_validation", "folds"),
            ("design", "seeds"),
        )
    ]
    if not all(isinstance(levels, list) for levels in factors):
        return []
    return list(product(*factors))


def _found(folder: Path) -> list[tuple[int, ...]]:
    """Return the trials that have left anything behind."""
    paths = [*folder.glob("cells/*/*"), *folder.glob("logs/train_cell/*.log")]
    matches = (TRIAL.search(str(path.relative_to(folder))) for path in paths)
    return sorted({tuple(map(int, match.groups())) for match in matches if match})


def _submission(folder: Path, cell: tuple[int, int]) -> Path:
    layers, nodes = cell
    return folder / "submissions" / f"Model-{layers}L{nodes}N.json"


def _stages(
    folder: Path, trials: tuple[Trial, ...], cells: list[tuple[int, int]], runs: Runs
) -> tuple[Stage, ...]:
    """Count what each stage has made, by the last of the files that each of its rules writes.

    The last file of all, check.json, is written only where no training failed.
    """
    folds = sorted({trial.fold for trial in trials})
    plots = [f"cells/layers-{layers}_nodes-{nodes}/learning.svg" for layers, nodes in cells]
    plots += ["results/accuracy.svg", "results/cost.svg", "errors/common.svg"]
    checked = (
        [] if any(trial.state == "failed" for trial in trials) else [folder / "cells/check.json"]
    )
    files: dict[str, Iterable[Path]] = {
        "data": [
            folder / "data" / name for name in ("train.parquet", "test.parquet", "facts.json")
        ],
        "folds": [folder / "folds" / f"fold-{fold}" / "check.json" for fold in folds],
        "trainings": [folder / "cells" / trial_name(t) / "metrics.json" for t in trials],
        "predictions": [folder / "cells" / trial_name(t) / "test.parquet" for t in trials],
        "submissions": [
            *(_submission(folder, cell) for cell in cells),
            folder / "submissions" / "Model-ensemble.json",
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
