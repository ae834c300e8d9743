"""The random numbers of a training: a pure function of what they are for."""

from dataclasses import dataclass

import numpy as np

STAGE = 2
"""Separates the random numbers of this stage from those of others with the same seed."""


@dataclass(frozen=True)
class Stream:
    """The random stream of one training: a pure function of its key and the epoch.

    The key is (seed, fold, layers, nodes). Cells that differ in other factors share their initial
    weights, as far as these have one shape, and their orders of images: with common random numbers,
    their differences vary less.
    """

    key: tuple[int, ...]

    def generator(self, epoch: int) -> np.random.Generator:
        """Return the generator of an epoch; epoch 0 gives the initial weights."""
        return np.random.default_rng([STAGE, *self.key, epoch])

    def seeds(self, epoch: int, count: int) -> list[int]:
        """Return ``count`` seeds below 2**31."""
        return self.generator(epoch).integers(2**31, size=count).tolist()
