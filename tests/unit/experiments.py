"""Synthetic experiments for the tests of the analysis: trials whose right images are known."""

from itertools import product

import numpy as np
import pandas as pd
from scipy.stats import norm

from digits.analysis.cells import cell_table, judge_cells
from digits.analysis.comparisons import Comparer, compare_models
from digits.analysis.effects import effect_table
from digits.analysis.outcomes import TrialPredictions, outcomes_of
from digits.analysis.selection import best_cell
from digits.core.design import Design

LABELS = 3
SHARE = 1 / 4
SIZES = Design({"layers": (2, 3, 5), "nodes": (100, 200)})
MIXED = Design(
    {"layers": (2,), "nodes": (100, 200), "optimizer": ("sgd", "adamw"), "dropout": (0.0, 0.1, 0.2)}
)
"""Three factors that vary, one of them text, and one that does not."""


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


def results_of(trials, failed=(), design=SIZES) -> pd.DataFrame:
    """The results table of trials, and of those that failed (levels, fold, seed)."""
    rows = []
    for one in trials:
        right = float((one.probabilities.argmax(axis=1) == one.label).mean())
        rows.append(row((*one.cell, one.fold, one.seed), right, design))
    return pd.DataFrame(rows + [row(name, np.nan, design) for name in failed])


def row(name, accuracy: float, design=SIZES) -> dict:
    levels = dict(zip(design.trial_columns, name, strict=True))
    layers, nodes, seed = levels["layers"], levels["nodes"], levels["seed"]
    return levels | {
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


def analyse(trials, failed=(), design=SIZES, margin=0.005):
    """The tables of cells (by model), effects and comparisons of an experiment."""
    outcomes = outcomes_of(trials, design)
    comparer = Comparer(outcomes, SHARE)
    cells = cell_table(results_of(trials, failed, design), outcomes, design, SHARE)
    comparisons = compare_models(comparer, best_cell(cells))
    effects = effect_table(outcomes, design, SHARE)
    cells = judge_cells(cells, comparisons, comparer, margin).set_index("model", drop=False)
    return cells, effects, comparisons
