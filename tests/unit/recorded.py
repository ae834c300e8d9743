"""Predictions by a rule, without a random generator, for tables that were recorded from them."""

from itertools import product

import numpy as np

LAYERS, NODES = (2, 3, 5), (100, 200)
IMAGES = 80
GOOD = {(2, 100): 850, (2, 200): 905, (3, 100): 866, (3, 200): 922, (5, 100): 880, (5, 200): 931}
"""Of a thousand images, roughly how many a network of the cell classifies correctly."""

CASES = {
    "one": ((0,), (1,), ()),
    "folds": (range(5), (1,), ()),
    "seeds": ((0,), (1, 2, 3), ()),
    "folds_seeds": (range(4), (1, 2), ()),
    "failed": (range(5), (1,), [(3, 200, f, 1) for f in range(5)] + [(5, 100, 2, 1)]),
}
"""Folds, seeds and failed trainings (layers, nodes, fold, seed)."""


def scramble(number: np.ndarray) -> np.ndarray:
    """Integers below 2**16, without pattern: the finaliser of SplitMix64."""
    number = np.asarray(number, dtype=np.uint64)
    with np.errstate(over="ignore"):
        number = (number ^ (number >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        number = (number ^ (number >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (number ^ (number >> np.uint64(31))) >> np.uint64(48)


def right(cell: tuple[int, int], fold: int, seed: int) -> np.ndarray:
    """Which images of a fold a training classifies correctly; some are hard for all."""
    place = list(GOOD).index(cell)
    images = np.arange(IMAGES, dtype=np.uint64) + np.uint64(1 + 1000 * fold)
    hard = scramble(images * np.uint64(0x9E3779B97F4A7C15)) % 700
    own = images * np.uint64(0xD1B54A32D192ED03) + np.uint64(17 * place + 101 * seed)
    own = scramble(own) % 301
    training = np.array([1 + place + 10 * fold + 100 * seed], dtype=np.uint64)
    shift = int(scramble(training * np.uint64(0x9E3779B97F4A7C15))[0] % 21)
    return hard + own < GOOD[cell] + shift - 10


def trials(case: str) -> list[tuple[tuple[int, int], int, int]]:
    """Cell, fold and seed of each training that ended."""
    folds, seeds, failed = CASES[case]
    every = product(product(LAYERS, NODES), folds, seeds)
    return [(cell, fold, seed) for cell, fold, seed in every if (*cell, fold, seed) not in failed]
