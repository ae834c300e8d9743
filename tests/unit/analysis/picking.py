"""How often a rule picks a cell that is worse than it may be: simulated experiments.

Printed as the table of docs/analysis.md by

    PYTHONPATH=scripts .venv/bin/python tests/unit/analysis/picking.py 4000
"""

import sys

import numpy as np
import pandas as pd
from scipy.stats import norm

from digits.analysis.estimate import ALPHA
from digits.analysis.pooled_error import pooled_error, pooled_t
from digits.analysis.proportions import paired_difference
from digits.analysis.resampling import corrected_t
from digits.analysis.selection import pick_cell

TRUTHS = {
    "as measured": np.array([97.12, 97.66, 97.25, 97.78, 97.29, 97.96]) / 100,
    "close": np.array([97.66, 97.69, 97.71, 97.76, 97.86, 97.96]) / 100,
}
"""Accuracies of six cells, from the smallest: of the reference experiment, and closer ones."""

SIZES = {"1 training": (1, 1), "5 folds": (5, 1), "5 folds, 3 seeds": (5, 3)}
"""Folds and seeds."""

IMAGES, LAYERS = 8400, 420
"""Validation images of a fold, in layers of images that are equally hard."""

COMMON, SPREAD = 0.9, 0.0015
"""What the cells share of the variance of an image's difficulty; deviation between trainings."""

TEST_SHARE = 1 / 4


def chances(truth: np.ndarray) -> np.ndarray:
    """The chance that each cell is right on an image of each layer, of shape (layers, cells)."""
    hard = norm.ppf((np.arange(LAYERS) + 0.5) / LAYERS)[:, None]
    return norm.cdf((norm.ppf(truth) - np.sqrt(COMMON) * hard) / np.sqrt(1 - COMMON))


def trained(truth: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """The same chances for networks as training happened to make them."""
    return chances(np.clip(truth + SPREAD * generator.normal(size=truth.shape), 0.5, 0.9999))


def accuracies(truth, folds: int, seeds: int, generator) -> np.ndarray:
    """Accuracies of shape (folds, cells), means over the seeds, which share a fold's images.

    Layers are samples: their sizes vary over folds, alike for all cells and seeds.
    """
    found = np.zeros((folds, len(truth)))
    for fold in range(folds):
        sizes = generator.multinomial(IMAGES, np.full(LAYERS, 1 / LAYERS))[:, None]
        for _ in range(seeds):
            right = generator.binomial(sizes, trained(truth, generator))
            found[fold] += right.sum(axis=0) / IMAGES / seeds
    return found


def outcomes(truth, generator) -> np.ndarray:
    """Which images the networks of one training have right, of shape (images, cells)."""
    layer = generator.integers(LAYERS, size=IMAGES)
    return generator.random((IMAGES, len(truth))) < trained(truth, generator)[layer]


def losses(truth, folds: int, seeds: int, generator) -> pd.DataFrame:
    """The table of cells as far as picking needs it: as the analysis makes it."""
    if folds == 1:
        right = outcomes(truth, generator)
        means = right.mean(axis=0)
        best = means.argmax()
        first = (right[:, [best]] & ~right).sum(axis=0)
        second = (~right[:, [best]] & right).sum(axis=0)
        counts = list(zip(first.tolist(), second.tolist(), strict=True))
        found = [paired_difference(*count, IMAGES, 2 * ALPHA) for count in counts]
        p_values = [paired_difference(*count, IMAGES).p for count in counts]
    else:
        blocks = accuracies(truth, folds, seeds, generator)
        means = blocks.mean(axis=0)
        best, error = means.argmax(), pooled_error(blocks)
        found = [
            pooled_t(float(loss), folds, error, TEST_SHARE, 2 * ALPHA)
            for loss in means[best] - means
        ]
        own = [corrected_t(blocks[:, best] - other, TEST_SHARE) for other in blocks.T]
        p_values = [each.p for each in own]
    table = pd.DataFrame({"model": range(len(truth)), "parameters": range(len(truth))})
    table = table.assign(accuracy=means, own_p=p_values)
    table["loss"] = [each.estimate for each in found]
    table["worst_loss"] = [each.high for each in found]
    table.loc[best, ["worst_loss", "own_p"]] = np.nan
    return table


def smallest_not_significant(table: pd.DataFrame, pairs: int) -> int:
    """The smallest cell that is not significantly worse, p-values times the number of pairs."""
    keep = ~(table["own_p"] * pairs < ALPHA)
    return int(table.loc[keep, "model"].iloc[0])


RULES = {
    "smallest not significantly worse": lambda table: smallest_not_significant(table, 15),
    "always the best": lambda table: int(table["accuracy"].idxmax()),
    "not inferior by 0.2 points": lambda table: int(pick_cell(table, best_of(table), 0.002)),
    "not inferior by 0.5 points": lambda table: int(pick_cell(table, best_of(table), 0.005)),
}


def best_of(table: pd.DataFrame) -> int:
    return int(table["accuracy"].idxmax())


def simulate(truth, folds: int, seeds: int, repetitions: int, seed: int = 0) -> dict:
    """Per rule, what is truly lost by its picks, of shape (repetitions,)."""
    generator = np.random.default_rng(seed)
    lost = {rule: [] for rule in RULES}
    for _ in range(repetitions):
        table = losses(truth, folds, seeds, generator)
        for rule, pick in RULES.items():
            lost[rule].append(truth.max() - truth[pick(table)])
    return {rule: np.array(values) for rule, values in lost.items()}


def main(repetitions: int) -> None:
    for name, truth in TRUTHS.items():
        print(f"\n{name}: losses", np.round(100 * (truth.max() - truth), 2))
        for size, (folds, seeds) in SIZES.items():
            for rule, lost in simulate(truth, folds, seeds, repetitions).items():
                over = [f"{100 * np.mean(lost > limit + 1e-9):.1f}" for limit in (0.002, 0.005)]
                print(
                    f"| {size} | {rule} | {over[0]} | {over[1]} | {100 * lost.mean():.2f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main(int(sys.argv[1]))
