"""Where a trial stands: waiting, running, finished, failed or killed, and how far it has come."""

import csv
import json
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from digits.core.formatting import one_line
from digits.monitor.runs import Runs, modified

STATES = ("running", "finished", "failed", "killed", "waiting")

EPOCH = re.compile(
    r"\| epoch +(?P<epoch>\d+)/(?P<epochs>\d+) \|.*"
    r"\| validation [^,|]+, (?P<accuracy>[\d.]+) \|.*\| (?P<minutes>\d+):(?P<seconds>\d\d) left"
)
"""The line that a training prints after each epoch."""


@dataclass(frozen=True)
class Trial:
    """A trial and what is known of it.

    Attributes
    ----------
    state : one of ``STATES``; a killed one goes on where it was when the workflow is run again
    epoch, epochs : the last epoch that ended, and how many there will be at most; None if unknown
    accuracy : on the validation part, after that epoch
    seconds : wall time of its epochs so far
    left : seconds to go, as its epochs so far took them
    message : why it failed
    """

    layers: int
    nodes: int
    fold: int
    seed: int
    state: str = "waiting"
    epoch: int = 0
    epochs: int | None = None
    accuracy: float | None = None
    seconds: float | None = None
    left: float | None = None
    message: str = ""

    @property
    def cell(self) -> tuple[int, int]:
        """Layers and nodes."""
        return self.layers, self.nodes


def trial_name(trial: Trial) -> str:
    """Return a trial's folder among the cells, ``layers-5_nodes-200/fold-0_seed-422``."""
    return f"layers-{trial.layers}_nodes-{trial.nodes}/fold-{trial.fold}_seed-{trial.seed}"


def read_trial(
    folder: Path, key: tuple[int, ...], epochs: int | None, runs: Runs, now: float
) -> Trial:
    """Read a trial, named by layers, nodes, fold and seed, from a results folder.

    A run that is alive has begun with it if its log is younger than the run, for Snakemake starts
    the log with the job. Without such a run, a trial that has begun and not ended was killed.
    """
    trial = Trial(*key, epochs=epochs)
    name = trial_name(trial)
    metrics = folder / "cells" / name / "metrics.json"
    if runs.has_made(metrics) and (record := read_json(metrics)):
        return _ended(trial, record)
    log = folder / "logs" / "train_cell" / f"{name.replace('/', '_')}.log"
    lines = _read_lines(log)
    trial, pace = _progress(trial, lines, _read_history(metrics.with_name("history.csv")))
    begun, started = modified(log), runs.started(metrics)
    if started is not None and (begun is None or begun < started):
        return trial  # a run is going to make it, anew or further
    if begun is None and not trial.epoch:
        return trial
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    if errors:
        return replace(trial, state="failed", message=one_line(errors[-1]))
    if started is None:
        return replace(trial, state="killed")
    return replace(trial, state="running", left=_left(trial, pace, now - (begun or now)))


def time_left(trials: Sequence[Trial]) -> float | None:
    """Estimate the seconds of training left; None where nothing runs or no pace is known yet.

    A trial that has not told its pace is taken to last as long as those of its cell, or else as
    the mean of all that are known, and as many to run side by side as do now.
    """
    running = sum(trial.state == "running" for trial in trials)
    known: dict[tuple[int, int], list[float]] = {}
    for trial in trials:
        if trial.state == "finished" or trial.left is not None:
            known.setdefault(trial.cell, []).append((trial.seconds or 0) + (trial.left or 0))
    if not running or not known:
        return None
    mean = statistics.mean(seconds for cell in known.values() for seconds in cell)
    left = [
        statistics.mean(known.get(trial.cell, [mean])) if trial.left is None else trial.left
        for trial in trials
        if trial.state in {"running", "waiting", "killed"}
    ]
    return max(*left, sum(left) / running)


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object; one that cannot be read is empty."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _ended(trial: Trial, record: dict[str, Any]) -> Trial:
    """Return a trial as its metrics tell of it."""
    trial = replace(trial, epoch=record.get("epochs") or 0, seconds=record.get("training_seconds"))
    if record.get("failed"):
        return replace(trial, state="failed", message=one_line(str(record["failed"])))
    return replace(trial, state="finished", accuracy=record.get("val_accuracy"))


def _progress(
    trial: Trial, lines: list[str], history: list[tuple[float, float]]
) -> tuple[Trial, float | None]:
    """Return a trial as its log and its history tell of it, and the seconds that an epoch takes.

    The history has all epochs and their times, but Snakemake removes it before a killed training
    goes on; the log has the last line of each, and starts anew with each job.
    """
    pace = None
    told = [match for line in lines if (match := EPOCH.search(line))]
    if told:
        last = told[-1].groupdict()
        epoch, epochs = int(last["epoch"]), int(last["epochs"])
        trial = replace(trial, epoch=epoch, epochs=epochs, accuracy=float(last["accuracy"]))
        if epoch < epochs:
            pace = (60 * int(last["minutes"]) + int(last["seconds"])) / (epochs - epoch)
    if len(history) >= max(trial.epoch, 1):
        seconds, accuracies = zip(*history, strict=True)
        trial = replace(trial, epoch=len(history), accuracy=accuracies[-1], seconds=sum(seconds))
        # The first epoch holds the time to compile the network.
        pace = statistics.median(seconds[1:] or seconds)
    return trial, pace


def _left(trial: Trial, pace: float | None, since: float) -> float | None:
    """Return the seconds that a trial has to go, given those since its last epoch ended."""
    if pace is None or not trial.epochs:
        return None
    rest = max(trial.epochs - trial.epoch, 0)
    return max(rest * pace - min(since, pace), 0) if rest else 0.0


def _read_lines(log: Path) -> list[str]:
    try:
        return log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _read_history(path: Path) -> list[tuple[float, float]]:
    """Return the seconds and the accuracy on the validation part of each epoch."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return [(float(row["seconds"]), float(row["val_accuracy"])) for row in rows]
    except (OSError, ValueError, KeyError, TypeError):
        return []
