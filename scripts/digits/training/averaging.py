"""Averages of a network's weights over the steps or the epochs of its training.

Where a recipe asks for one, the averaged weights are what is validated after each epoch and what
is kept; the training itself goes on from its own weights.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import keras
import numpy as np

from digits.training.recipe import Recipe
from digits.training.stacked_model import Weights


class Averaging:
    """The averaging of one training.

    none: the weights themselves. ema: Keras's exponential moving average over the steps, which
    the optimizer keeps. last: the mean over the ends of the last ``averaged_epochs`` epochs, fewer
    as long as there are fewer.

    Attributes
    ----------
    recent : the weights at the ends of the last epochs, for ``last`` only
    """

    def __init__(
        self, recipe: Recipe, model: keras.Model, optimizer: keras.optimizers.Optimizer
    ) -> None:
        self.kind, self.count = recipe.averaging, recipe.averaged_epochs
        self.model, self.optimizer = model, optimizer
        self.recent: list[Weights] = []

    def end_epoch(self) -> None:
        """Take the weights at the end of an epoch into the average."""
        if self.kind == "last":
            self.recent = [*self.recent, self.model.get_weights()][-self.count :]

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Put the averaged weights into the model, and afterwards its own again."""
        if self.kind == "none":
            yield
            return
        own = self.model.get_weights()
        if self.kind == "ema":
            self.optimizer.finalize_variable_values(self.model.trainable_variables)
        else:
            self.model.set_weights([mean(epochs) for epochs in zip(*self.recent, strict=True)])
        yield
        self.model.set_weights(own)


def mean(arrays: tuple[np.ndarray, ...]) -> np.ndarray:
    """Return the mean of float32 arrays of one shape, computed in double precision."""
    return np.mean(arrays, axis=0, dtype=np.float64).astype(np.float32)
