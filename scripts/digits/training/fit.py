"""Training one network: epochs, early stopping, the best weights.

The mathematics are those of Keras's ``fit`` - every image once per epoch in mini-batches, a new
shuffle, dropout, the optimizer's own update - in the compiled loops of :mod:`digits.training.loop`.
"""

import math
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from digits.core.errors import TrainingError
from digits.core.parallel import ahead
from digits.training.averaging import Averaging, Weights
from digits.training.checkpoints import State, read_checkpoint, write_checkpoint
from digits.training.loop import (
    Part,
    Source,
    Tensor,
    compile_evaluation,
    compile_part,
    parts_of,
    run_epoch,
)
from digits.training.optimizers import make_optimizer, make_rate
from digits.training.recipe import Recipe

STAGE = 2
"""Separates the random numbers of this stage from those of others with the same seed."""


@dataclass(frozen=True)
class Epoch:
    """The metrics of one epoch.

    ``seconds`` is wall time, ``cpu_seconds`` processor time, both with validation. ``loss`` and
    ``accuracy`` are means over the batches during the epoch, with dropout and while the weights
    changed. Those of the validation part are measured at its end, without dropout.
    """

    epoch: int
    seconds: float
    cpu_seconds: float
    accuracy: float
    loss: float
    val_accuracy: float
    val_loss: float


class DivergedError(TrainingError):
    """The loss of a training became NaN or infinite.

    Attributes
    ----------
    history : the epochs before
    """

    def __init__(self, epoch: Epoch, history: list[Epoch]) -> None:
        super().__init__(
            f"epoch {epoch.epoch}: the loss is {epoch.loss:g}, on the validation part"
            f" {epoch.val_loss:g}; a smaller training.learning_rate may help"
        )
        self.history = history


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


def train(
    model: keras.Model,
    training: tuple[np.ndarray, np.ndarray] | Source,
    validation: tuple[np.ndarray, np.ndarray],
    *,
    recipe: Recipe,
    stream: Stream,
    on_epoch: Callable[[list[Epoch]], None] = lambda history: None,
    checkpoint: Path | None = None,
) -> list[Epoch]:
    """Train ``model`` in place; it ends with the weights of the epoch with the lowest ``val_loss``.

    Training stops early when ``val_loss`` has not improved for ``recipe.patience`` epochs. It
    resumes from ``checkpoint`` if that exists, with the same result as without the interruption.
    With an average of the weights, it is the averaged weights that are validated and kept.

    Parameters
    ----------
    training, validation : uint8 images of shape (n, height, width), in colour
        (n, height, width, 3), and uint8 labels of shape (n,); the training may also be a source of
        new images for each epoch
    on_epoch : called with all epochs so far, after each epoch and when a training resumes
    checkpoint : file in which the state is saved after each epoch; None saves nothing

    Returns
    -------
    all epochs, those before an interruption included

    Raises
    ------
    DivergedError
        If the loss becomes NaN or infinite; the model then has the best weights so far.
    TrainingError
        If the device is out of memory.
    """
    source = Tensor(*training) if isinstance(training, tuple) else training
    count = len(source)
    rate = make_rate(recipe, recipe.epochs * math.ceil(count / recipe.batch_size))
    optimizer = make_optimizer(recipe, rate)
    run_part = compile_part(model, optimizer, rate, recipe.label_smoothing)
    evaluate = compile_evaluation(model, validation)
    averaging = Averaging(recipe, model, optimizer)
    history, best_weights = resume(checkpoint, averaging)
    if history:
        on_epoch(history)

    def validate() -> tuple[tf.Tensor, tf.Tensor]:
        averaging.end_epoch()
        with averaging.applied():
            return evaluate()

    with closing(parts_from(len(history) + 1, source, model, recipe, stream)) as parts:
        while len(history) < recipe.epochs and not has_stalled(history, recipe.patience):
            number = len(history) + 1
            epoch = measure(number, partial(run_epoch, run_part, parts, count), validate)
            if not math.isfinite(epoch.loss + epoch.val_loss):
                model.set_weights(best_weights)
                raise DivergedError(epoch, history)
            history.append(epoch)
            if best_epoch(history) is epoch:
                with averaging.applied():
                    best_weights = model.get_weights()
            keep(checkpoint, averaging, best_weights, history)
            on_epoch(history)
    model.set_weights(best_weights)
    return history


def parts_from(
    first: int, source: Source, model: keras.Model, recipe: Recipe, stream: Stream
) -> Generator[Part]:
    """Yield the parts of all epochs from the ``first`` on, one epoch after the other.

    Where the images of an epoch have yet to be made, this is done a little ahead of the training,
    in a thread.
    """

    def parts() -> Iterator[Part]:
        for number in range(first, recipe.epochs + 1):
            generator = stream.generator(number)
            yield from parts_of(source, model, recipe.batch_size, generator, number)

    return ahead(parts()) if source.made else parts()


def measure(
    number: int,
    run_epoch: Callable[[], tuple[float, float]],
    evaluate: Callable[[], tuple[tf.Tensor, tf.Tensor]],
) -> Epoch:
    """Run one epoch and its validation; return its metrics and its duration.

    Raises
    ------
    TrainingError
        If the device is out of memory.
    """
    started, cpu_started = time.perf_counter(), time.process_time()
    try:
        loss, accuracy = run_epoch()
        val_loss, val_accuracy = (float(value) for value in evaluate())
    except tf.errors.ResourceExhaustedError:
        raise TrainingError(
            f"epoch {number}: the device is out of memory; a smaller network or"
            " training.batch_size, or fewer trainings at once (--cores), may help"
        ) from None
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    return Epoch(number, seconds, cpu_seconds, accuracy, loss, val_accuracy, val_loss)


def resume(checkpoint: Path | None, averaging: Averaging) -> tuple[list[Epoch], Weights]:
    """Restore an averaging, with its model and its optimizer, from a checkpoint, if there is one.

    Returns
    -------
    the epochs so far, and the weights of the best one (the model's own if there are no epochs)
    """
    model, optimizer = averaging.model, averaging.optimizer
    state = read_checkpoint(checkpoint) if checkpoint else None
    if state is None or not _fits(state, averaging):
        return [], model.get_weights()
    model.set_weights(state.arrays["model"])
    for variable, value in zip(optimizer.variables, state.arrays["optimizer"], strict=True):
        variable.assign(value)
    size, recent = len(model.get_weights()), state.arrays.get("recent", [])
    averaging.recent = [recent[start : start + size] for start in range(0, len(recent), size)]
    return [Epoch(**epoch) for epoch in state.history], state.arrays["best"]


def _fits(state: State, averaging: Averaging) -> bool:
    """Return whether a state belongs to this averaging with its model and its optimizer."""
    weights = [array.shape for array in averaging.model.get_weights()]
    optimizer = [tuple(variable.shape) for variable in averaging.optimizer.variables]
    shapes = {"model": weights, "optimizer": optimizer, "best": weights}
    if averaging.kind == "last":
        shapes["recent"] = weights * min(averaging.count, len(state.history))
    found = {name: [array.shape for array in arrays] for name, arrays in state.arrays.items()}
    epochs = {field.name for field in fields(Epoch)}
    return found == shapes and all(set(epoch) == epochs for epoch in state.history)


def keep(
    checkpoint: Path | None, averaging: Averaging, best_weights: Weights, history: list[Epoch]
) -> None:
    """Save the state of a training, if there is a checkpoint file."""
    if checkpoint:
        arrays = {
            "model": averaging.model.get_weights(),
            "optimizer": [np.asarray(variable) for variable in averaging.optimizer.variables],
            "best": best_weights,
            "recent": [array for weights in averaging.recent for array in weights],
        }
        write_checkpoint(checkpoint, State(arrays, [asdict(epoch) for epoch in history]))


def has_stalled(history: list[Epoch], patience: int) -> bool:
    """Return whether ``val_loss`` has not improved for ``patience`` epochs (early stopping)."""
    return bool(history) and len(history) - best_epoch(history).epoch >= patience


def best_epoch(history: list[Epoch]) -> Epoch:
    """Return the epoch with the lowest ``val_loss``; the first one wins a tie."""
    return min(history, key=lambda epoch: epoch.val_loss)
