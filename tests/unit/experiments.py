"""Synthetic experiments for the tests of the analysis: trials whose right images are known."""

from itertools import product

import numpy as np
import pandas as pd
from scipy.stats import norm

from digits.analysis.outcomes import TrialPredictions

LABELS = 3


def trial(cell, fold, seed, right, rows=None) -> TrialPredictions:
    """A trial that is right on the images where ``right`` is true, by a clear margin."""
    right = np.asarray(right, dtype=bool)
    label = np.arange(len(right)) % LABELS
    probabilities = np.full((len(right), LABELS), 0.2)
    probabilities[np.arange(len(right)), np.where(right, label, (label + 1) % LABELS)] = 0.6
    rows = np.arange(len(right)) + 10_000 * fold if rows is None else rows
    return TrialPredictions(cell, fold, seed, rows, label, probabilities)


def experiment(
    accuracies, folds=(0,), seeds=(1,), *, images=600, seed=0, spread=0.0
) -> list[TrialPredictions]:
    """Trials of cells with given accuracies; what is hard about an image is common to all.

    ``spread`` is the standard deviation, on the probit scale, of what a training adds.
    """
    generator = np.random.default_rng(seed)
    trials = []
    for fold in folds:
        hard = generator.normal(size=images)
        for (cell, accuracy), one in product(accuracies.items(), seeds):
            own = generator.normal(size=images)
            limit = norm.ppf(accuracy) + spread * generator.normal()
            trials.append(trial(cell, fold, one, np.sqrt(0.7) * hard + np.sqrt(0.3) * own < limit))
    return trials


def results_of(trials, failed=()) -> pd.DataFrame:
    """The results table of trials, and of those that failed (layers, nodes, fold, seed)."""
    rows = []
    for one in trials:
        right = float((one.probabilities.argmax(axis=1) == one.label).mean())
        rows.append(row((*one.cell, one.fold, one.seed), right))
    return pd.DataFrame(rows + [row(name, np.nan) for name in failed])


def row(name, accuracy: float) -> dict:
    layers, nodes, _, seed = name
    return {
        **dict(zip(("layers", "nodes", "fold", "seed"), name, strict=True)),
        "epochs": 3,
        "training_seconds": 2.0 * layers + nodes / 50 + seed,
        "cpu_seconds": 1.0 * layers + nodes / 50 + seed,
        "accuracy": 0.9,
        "val_accuracy": accuracy,
        "val_loss": 0.1,
        "best_epoch": 3,
        "best_val_accuracy": accuracy,
        "parameters": 1000 * layers + 10 * nodes,
        "images_per_second": 100,
        "device": "CPU",
    }
