"""Metrics of trials. They are read without pandas, which takes longer to import.

A trial is one training of a cell of the design, on one fold with one seed. The metrics of a failed
trial contain the reason.
"""

from pathlib import Path

import numpy as np

from digits.core import json_records
from digits.core.design import Design
from digits.core.intermediate_files import ContentError, reading
from digits.core.results_folder import ResultsFolder

RESULTS = [
    "epochs",
    "training_seconds",
    "cpu_seconds",
    "accuracy",
    "val_accuracy",
    "val_loss",
    "best_epoch",
    "best_val_accuracy",
    "parameters",
    "images_per_second",
    "device",
]
"""The columns of the results table after those of the trial."""


def read_metrics(path: Path, design: Design) -> dict:
    """Read a trial's ``metrics.json``.

    Raises
    ------
    DataError
        If the file is missing, damaged, of no trial of the design, lacks one of ``RESULTS``, or has
        an invalid value.
    """
    form = json_records.trial_form(design) | dict.fromkeys(RESULTS, json_records.ANY)
    metrics = json_records.read_record(path, form)
    values = json_records.METRICS
    if not has_failed(metrics):
        values = values | json_records.REACHED
    with reading(path):
        json_records.check(metrics, {name: values[name] for name in values if name in metrics})
    return metrics


def read_all_metrics(folder: ResultsFolder) -> list[dict]:
    """Read the metrics of all trials, in the order of the design.

    Raises
    ------
    DataError
        As :func:`read_metrics`, or if a file is that of another trial.
    """
    found = []
    for trial in folder.design.trials:
        path = folder.metrics(trial)
        metrics = read_metrics(path, folder.design)
        with reading(path):
            if folder.design.trial_of(metrics) != trial:
                other = folder.design.trial_label(folder.design.trial_of(metrics))
                raise ContentError(f"contains the metrics of {other}")
        found.append(metrics)
    return found


def has_failed(metrics: dict) -> bool:
    """Return whether a trial ended without a result, from its metrics."""
    return bool(metrics.get("failed"))


CLOSE = 2e-3
"""Difference of two probabilities below which rounding may decide which one is larger.

Training evaluates in TensorFlow, prediction in NumPy. On a CPU their probabilities differ by up to
6e-7 (8,400 images of Digit Recognizer, three networks); with inputs rounded to the 10 bits of the
TF32 format, in which GPUs multiply, by up to 7e-4.
"""


def disagreement(metrics: dict, labels: np.ndarray, probabilities: np.ndarray) -> str | None:
    """Describe how a trial's predictions contradict the accuracy that its training reported.

    Only images whose two most probable classes are close may count as correct in one and not in
    the other.

    Parameters
    ----------
    metrics : those of the trial, with ``best_val_accuracy``
    labels : array of shape (n,), the true classes of the validation images
    probabilities : array of shape (n, classes), the predicted ones

    Returns
    -------
    both accuracies in words, or None if they agree
    """
    count = len(labels)
    correct = int((probabilities.argmax(axis=1) == labels).sum())
    second, first = np.partition(probabilities, -2, axis=1)[:, -2:].T
    undecided = int((first - second < CLOSE).sum())
    reported = metrics["best_val_accuracy"]
    if abs(reported * count - correct) < undecided + 0.5:
        return None
    return (
        f"training reported an accuracy of {reported:.4f}, the predictions give"
        f" {correct / count:.4f} on {count} images"
    )
