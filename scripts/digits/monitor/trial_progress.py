"""The state and progress of a trial, from its metrics, its history and its log."""

import csv
import json
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from digits.core.design import Cell, Trial
from digits.core.formatting import one_line
from digits.core.results_folder import ResultsFolder
from digits.monitor.runs import Runs, modified

STATES = ("running", "finished", "failed", "killed", "waiting")

EPOCH = re.compile(
    r"\| epoch +(?P<epoch>\d+)/(?P<epochs>\d+) \|.*"
    r"\| validation [^,|]+, (?P<accuracy>[\d.]+) \|.*\| (?P<minutes>\d+):(?P<seconds>\d\d) left"
)
"""The line that a training logs after each epoch."""

STACKED = re.compile(r", one of (\d+) stacked networks$")
"""The end of the line that begins a training with others, whose times are shares of theirs."""

OF_A_TRIAL = re.compile(r".*, fold \d+, seed \d+: ")
"""The beginning of an error that concerns one trial alone."""


@dataclass(frozen=True)
class TrialProgress:
    """The state of a trial and its progress.

    Attributes
    ----------
    state : one of ``STATES``; a killed trial continues when the workflow is run again
    epoch, epochs : the last finished epoch, and the maximum number of epochs; None if unknown
    accuracy : on the validation part, after that epoch
    seconds : wall time of its epochs so far
    left : estimated seconds left, from the pace of its epochs so far
    message : why it failed
    """

    cell: Cell
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
    def key(self) -> Trial:
        """The levels of its cell, its fold and its seed."""
        return (*self.cell, self.fold, self.seed)


def read_progress(
    folder: ResultsFolder, key: Trial, epochs: int | None, runs: Runs, now: float
) -> TrialProgress:
    """Read the progress of a trial.

    A live run has started the trial if the log of its cell is newer than the run, as Snakemake
    creates the log with the job, and names the trial. Without such a run, a trial that was started
    and has not ended was killed.
    """
    *cell, fold, seed = key
    trial = TrialProgress(tuple(cell), fold, seed, epochs=epochs)
    metrics = folder.metrics(key)
    if runs.has_made(metrics) and (record := read_if_readable(metrics)):
        return _ended(trial, record)
    log = folder.training_log(trial.cell)
    lines, errors = _lines_of(folder.design.log_label(key), log)
    trial, pace = _progress(trial, lines, _read_history(metrics.with_name("history.csv")))
    begun, started = modified(log), runs.started(metrics)
    if started is not None and (begun is None or begun < started):
        return trial  # a run is going to start or to continue it
    if not lines and not errors and not trial.epoch:
        return trial
    if errors:
        return replace(trial, state="failed", message=one_line(errors[-1]))
    if started is None:
        return replace(trial, state="killed")
    return replace(trial, state="running", left=_left(trial, pace, now - (begun or now)))


def time_left(trials: Sequence[TrialProgress]) -> float | None:
    """Estimate the seconds of training left; None if nothing runs or no pace is known yet.

    A trial without a known pace is assumed to take as long as the others of its cell, or else the
    mean of all known ones; as many trials are assumed to run in parallel as do now.
    """
    running = sum(trial.state == "running" for trial in trials)
    known: dict[Cell, list[float]] = {}
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


def read_if_readable(path: Path) -> dict[str, Any]:
    """Read a JSON object; empty if it cannot be read."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _ended(trial: TrialProgress, record: dict[str, Any]) -> TrialProgress:
    """Return a trial that has ended, with the figures of its metrics."""
    trial = replace(trial, epoch=record.get("epochs") or 0, seconds=record.get("training_seconds"))
    if record.get("failed"):
        return replace(trial, state="failed", message=one_line(str(record["failed"])))
    return replace(trial, state="finished", accuracy=record.get("val_accuracy"))


def _progress(
    trial: TrialProgress, lines: list[str], history: list[tuple[float, float]]
) -> tuple[TrialProgress, float | None]:
    """Return a trial with the progress in its log and its history, and the seconds per epoch.

    The history has all epochs and their times, but Snakemake removes it before a killed training
    continues; the log has a line per epoch, and a new one starts with each job.
    """
    pace = None
    logged = [match for line in lines if (match := EPOCH.search(line))]
    if logged:
        last = logged[-1].groupdict()
        epoch, epochs = int(last["epoch"]), int(last["epochs"])
        trial = replace(trial, epoch=epoch, epochs=epochs, accuracy=float(last["accuracy"]))
        if epoch < epochs:
            pace = (60 * int(last["minutes"]) + int(last["seconds"])) / (epochs - epoch)
    if len(history) >= max(trial.epoch, 1):
        seconds, accuracies = zip(*history, strict=True)
        trial = replace(trial, epoch=len(history), accuracy=accuracies[-1], seconds=sum(seconds))
        # The first epoch includes the compilation of the network.
        together = [int(found[1]) for line in lines if (found := STACKED.search(line))]
        pace = statistics.median(seconds[1:] or seconds) * (together or [1])[-1]
    return trial, pace


def _left(trial: TrialProgress, pace: float | None, since: float) -> float | None:
    """Return the estimated seconds left, given the seconds since the last epoch ended."""
    if pace is None or not trial.epochs:
        return None
    rest = max(trial.epochs - trial.epoch, 0)
    return max(rest * pace - min(since, pace), 0) if rest else 0.0


def _lines_of(label: str, log: Path) -> tuple[list[str], list[str]]:
    """Return the lines about a trial in the log of its cell, and the errors, its own or general."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return [], []
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    own = [error for error in errors if error.startswith(f"{label}: ")]
    others = [error for error in errors if not OF_A_TRIAL.match(error)]
    return [line for line in lines if line.startswith(f"{label} | ")], own or others


def _read_history(path: Path) -> list[tuple[float, float]]:
    """Return the seconds and the validation accuracy of each epoch."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return [(float(row["seconds"]), float(row["val_accuracy"])) for row in rows]
    except (OSError, ValueError, KeyError, TypeError):
        return []
