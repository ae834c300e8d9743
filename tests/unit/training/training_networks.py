"""Networks on scikit-learn's digits, for the tests of trainings."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
from sklearn.datasets import load_digits

from digits.training import fit
from digits.training.checkpoints import Checkpoint
from digits.training.loop import Tensor
from digits.training.outcomes import Epoch
from digits.training.random_streams import Stream
from digits.training.recipe import Recipe

Parts = tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Training images and labels, and validation images and labels."""


def digits_cut(first: int, last: int = 300) -> Parts:
    """Return the ``first`` images to train on, and ``last`` of those after 1,000 to validate on."""
    bunch = load_digits()
    images = (bunch.images * 255 / 16).astype(np.uint8)
    labels = bunch.target.astype(np.uint8)
    held_out = slice(1000, 1000 + last)
    return (images[:first], labels[:first]), (images[held_out], labels[held_out])


def network_of(
    model: keras.Sequential, parts: Parts, key: tuple[int, ...], **more: Any
) -> fit.Network:
    """Return a network to be trained and validated on these parts."""
    ((source,), (validation,)) = (Tensor.side_by_side([part]) for part in parts)
    return fit.Network(model, source, validation, Stream(key), **more)


def train_alone(
    model: keras.Sequential,
    parts: Parts,
    key: tuple[int, ...],
    recipe: Recipe,
    checkpoint: Path | None = None,
    **more: Any,
) -> list[Epoch]:
    """Train one network, which must not fail; return its epochs."""
    networks = [network_of(model, parts, key, **more)]
    kept = checkpoint and Checkpoint(checkpoint, share=1)
    (outcome,) = fit.Trainer(recipe).train(networks, kept)
    assert not outcome.failed
    return outcome.history
