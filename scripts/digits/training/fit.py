"""Training networks, alone or stacked: epochs, early stopping, the best weights.

The mathematics are those of Keras's ``fit`` - every image once per epoch in mini-batches, a new
shuffle, dropout, the optimizer's own update - in the compiled loops of :mod:`digits.training.loop`.
"""

import math
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import keras
import numpy as np
import tensorflow as tf

from digits.core.errors import TrainingError
from digits.core.parallel import ahead
from digits.training.averaging import Averaging
from digits.training.checkpoints import State, read_checkpoint, write_checkpoint
from digits.training.loop import (
    Part,
    Source,
    Tensor,
    compile_evaluation,
    compile_part,
    join,
    parts_of,
    run_epoch,
)
from digits.training.network import Weights, stack, stack_weights, weights_of
from digits.training.optimizers import Rate, make_optimizer, make_rate
from digits.training.recipe import Recipe

STAGE = 2
"""Separates the random numbers of this stage from those of others with the same seed."""


@dataclass(frozen=True)
class Epoch:
    """The metrics of one epoch.

    ``seconds`` is wall time, ``cpu_seconds`` processor time, both with validation; of networks that
    are trained stacked, each has an equal share. ``loss`` and ``accuracy`` are means over the
    batches during the epoch, with dropout and while the weights changed. Those of the validation
    part are measured at its end, without dropout.
    """

    epoch: int
    seconds: float
    cpu_seconds: float
    accuracy: float
    loss: float
    val_accuracy: float
    val_loss: float


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


@dataclass(frozen=True)
class Network:
    """A network to be trained.

    Attributes
    ----------
    model : with its initial weights; ends with those of the epoch with the lowest ``val_loss``
    source : the training images
    validation : the images that it is validated on
    on_epoch : called with all epochs so far and the number of networks that share their time,
        after each epoch and when a training resumes
    """

    model: keras.Sequential
    source: Source
    validation: Tensor
    stream: Stream
    on_epoch: Callable[[list[Epoch], int], None] = lambda history, sharing: None

    @property
    def size(self) -> tuple[int, int]:
        """The numbers of its training and validation images, which stacked networks share."""
        return len(self.source), len(self.validation)


@dataclass
class Outcome:
    """How the training of a network went.

    Attributes
    ----------
    history : all epochs, those before an interruption included
    failed : what was wrong with the epoch after them, if its loss became NaN or infinite
    """

    history: list[Epoch]
    failed: str | None = None

    @property
    def best(self) -> Epoch:
        """The epoch with the lowest ``val_loss``; the first one wins a tie."""
        return min(self.history, key=lambda epoch: epoch.val_loss)

    def is_over(self, recipe: Recipe) -> bool:
        """Return whether there is no further epoch: all are done, it stopped early, or it failed.

        Training stops early when ``val_loss`` has not improved for ``recipe.patience`` epochs.
        """
        done = len(self.history)
        stalled = done and done - self.best.epoch >= recipe.patience
        return bool(self.failed or done == recipe.epochs or stalled)


class Trainer:
    """Trains networks of one architecture by a recipe, one after another or stacked.

    What it compiles, it uses again.
    """

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self._stacks: dict[tuple[Any, ...], Stack] = {}

    def train(self, networks: Sequence[Network], checkpoint: Path | None = None) -> list[Outcome]:
        """Train networks of one size, stacked; a single one on its own.

        Each has its own images, order, dropout and early stopping, as if it were trained alone.
        One that is done stays as it is while the others go on. Training resumes from ``checkpoint``
        if that exists, with the same result as without the interruption. With an average of the
        weights, it is the averaged weights that are validated and kept.

        Parameters
        ----------
        checkpoint : file in which the state is saved after each epoch; None saves nothing

        Raises
        ------
        TrainingError
            If the device is out of memory.
        """
        stack = self._stack_for(networks)
        initial = [network.model.get_weights() for network in networks]
        stack.start(stack_weights(initial, stack.model))
        state = read_checkpoint(checkpoint) if checkpoint else None
        if state and stack.fits(state):
            stack.resume(state)
            for network, outcome in zip(networks, stack.outcomes, strict=True):
                if outcome.history:
                    network.on_epoch(outcome.history, len(networks))
        self._run(stack, networks, checkpoint)
        for number, network in enumerate(networks):
            network.model.set_weights(weights_of(stack.best, number, network.model))
        return stack.outcomes

    def _run(self, stack: "Stack", networks: Sequence[Network], checkpoint: Path | None) -> None:
        validation = Validation.of([network.validation for network in networks])
        with closing(parts_from(stack.epoch + 1, stack, networks, self.recipe)) as parts:
            while active := stack.active(self.recipe):
                epochs = stack.run_epoch(parts, len(networks[0].source), validation, len(active))
                stack.record({number: epochs[number] for number in active})
                if checkpoint:
                    write_checkpoint(checkpoint, stack.state())
                for number in active:
                    if not stack.outcomes[number].failed:
                        networks[number].on_epoch(stack.outcomes[number].history, len(active))

    def _stack_for(self, networks: Sequence[Network]) -> "Stack":
        models, count = [network.model for network in networks], len(networks[0].source)
        steps = self.recipe.epochs * math.ceil(count / self.recipe.batch_size)
        rate = make_rate(self.recipe, steps)
        scalings = tuple((model.layers[0].scale, model.layers[0].offset) for model in models)
        key = (len(networks), scalings, rate and steps)
        if key not in self._stacks:
            self._stacks[key] = Stack(models, self.recipe, rate)
            # Compiled here, it is not on the clock of the first epoch.
            self._stacks[key].run_part(min(count, self.recipe.batch_size))
        return self._stacks[key]


@dataclass(frozen=True)
class Validation:
    """The validation images of the networks of a stack.

    Attributes
    ----------
    images, labels : uint8 of shape (n, height, width), in colour (n, height, width, 3), and (n,)
    starts : where those of each network start, int32 of shape (networks,)
    count : how many each network has
    """

    images: tf.Tensor
    labels: tf.Tensor
    starts: np.ndarray
    count: int

    @classmethod
    def of(cls, tensors: Sequence[Tensor]) -> Self:
        """Return those of networks with as many images each."""
        count = len(tensors[0])
        every = np.arange(count, dtype=np.int32)[None]
        images, labels, places = join([tensor.epoch(0)(every) for tensor in tensors])
        return cls(images, labels, places[0, :, 0], count)


class Stack:
    """The state of networks that are trained together, and the compiled loops that train them.

    Attributes
    ----------
    model : of all networks, see :func:`digits.training.network.stack`
    best : weights of the best epoch of each network, as those of ``model``
    outcomes : of each network
    epoch : number of the last epoch
    """

    def __init__(
        self, models: Sequence[keras.Sequential], recipe: Recipe, rate: Rate | None
    ) -> None:
        self.networks, self.model = len(models), stack(models)
        self.optimizer = make_optimizer(recipe, rate)
        self.run_part = compile_part(self.model, self.optimizer, rate, recipe, self.networks)
        self.evaluate = compile_evaluation(self.model, self.networks)
        self.averaging = Averaging(recipe, self.model, self.optimizer)
        self._unused = [variable.numpy() for variable in self.optimizer.variables]

    def start(self, weights: Weights) -> None:
        """Begin with these weights, as if nothing had been trained before."""
        self.model.set_weights(weights)
        self._set_optimizer(self._unused)
        self.averaging.recent = []
        self.best = [weight.copy() for weight in self.model.get_weights()]
        self.outcomes = [Outcome([]) for _ in range(self.networks)]
        self.epoch = 0

    def active(self, recipe: Recipe) -> list[int]:
        """Return the numbers of the networks whose training is not over."""
        outcomes = enumerate(self.outcomes)
        return [number for number, outcome in outcomes if not outcome.is_over(recipe)]

    def run_epoch(
        self, parts: Iterator[Part], count: int, validation: Validation, active: int
    ) -> list[Epoch]:
        """Run one epoch and its validation; return the metrics of each network.

        Parameters
        ----------
        count : number of training images of a network
        active : number of networks that share the time

        Raises
        ------
        TrainingError
            If the device is out of memory.
        """
        self.epoch += 1
        started, cpu_started = time.perf_counter(), time.process_time()
        with enough_memory(self.epoch):
            losses, accuracies = run_epoch(self.run_part, parts, count)
            self.averaging.end_epoch()
            with self.averaging.applied():
                validated = self.evaluate(
                    validation.images, validation.labels, validation.starts, validation.count
                )
        seconds = (time.perf_counter() - started) / active
        cpu_seconds = (time.process_time() - cpu_started) / active
        val_losses, val_accuracies = (np.float64(values) for values in validated)
        metrics = zip(accuracies, losses, val_accuracies, val_losses, strict=True)
        return [Epoch(self.epoch, seconds, cpu_seconds, *map(float, each)) for each in metrics]

    def record(self, epochs: Mapping[int, Epoch]) -> None:
        """Add an epoch to the outcomes of some networks, and keep the weights of the best."""
        improved = []
        for number, epoch in epochs.items():
            outcome = self.outcomes[number]
            if not math.isfinite(epoch.loss + epoch.val_loss):
                outcome.failed = divergence(epoch)
                continue
            outcome.history.append(epoch)
            if outcome.best is epoch:
                improved.append(number)
        if improved:
            with self.averaging.applied():
                now = self.model.get_weights()
            for best, weights in zip(self.best, now, strict=True):
                shape = (self.networks, -1)
                best.reshape(shape)[improved] = weights.reshape(shape)[improved]

    def state(self) -> State:
        """Return what is needed to resume."""
        arrays = {
            "model": self.model.get_weights(),
            "optimizer": [variable.numpy() for variable in self.optimizer.variables],
            "best": self.best,
            "recent": [array for weights in self.averaging.recent for array in weights],
        }
        return State(arrays, [asdict(outcome) for outcome in self.outcomes])

    def resume(self, state: State) -> None:
        """Go on from a state that fits."""
        self.outcomes = outcomes_of(state)
        self.epoch = max(_epochs_done(outcome) for outcome in self.outcomes)
        self.model.set_weights(state.arrays["model"])
        self._set_optimizer(state.arrays["optimizer"])
        self.best = state.arrays["best"]
        size, recent = len(self.best), state.arrays.get("recent", [])
        starts = range(0, len(recent), size)
        self.averaging.recent = [recent[start : start + size] for start in starts]

    def fits(self, state: State) -> bool:
        """Return whether a state is one of networks and an optimizer like these."""
        try:
            outcomes = outcomes_of(state)
        except TypeError:
            return False
        weights = [array.shape for array in self.model.get_weights()]
        optimizer = [tuple(variable.shape) for variable in self.optimizer.variables]
        shapes = {"model": weights, "optimizer": optimizer, "best": weights}
        if self.averaging.kind == "last":
            epochs = max(map(_epochs_done, outcomes), default=0)
            shapes["recent"] = weights * min(self.averaging.count, epochs)
        found = {name: [array.shape for array in arrays] for name, arrays in state.arrays.items()}
        return found == shapes and len(outcomes) == self.networks

    def _set_optimizer(self, values: Sequence[np.ndarray]) -> None:
        for variable, value in zip(self.optimizer.variables, values, strict=True):
            variable.assign(value)


def parts_from(
    first: int, stack: Stack, networks: Sequence[Network], recipe: Recipe
) -> Generator[Part]:
    """Yield the parts of all epochs from the ``first`` on, one epoch after the other.

    Where the images of an epoch have yet to be made, this is done a little ahead of the training,
    in a thread.
    """
    sources = [network.source for network in networks]

    def parts() -> Iterator[Part]:
        for number in range(first, recipe.epochs + 1):
            generators = [network.stream.generator(number) for network in networks]
            yield from parts_of(sources, stack.model, recipe.batch_size, generators, number)

    return ahead(parts()) if sources[0].made else parts()


@contextmanager
def enough_memory(epoch: int) -> Iterator[None]:
    """Report a device that is out of memory in one line.

    Raises
    ------
    TrainingError
        If it is.
    """
    try:
        yield
    except tf.errors.ResourceExhaustedError:
        raise TrainingError(
            f"epoch {epoch}: the device is out of memory; a smaller network, training.batch_size or"
            " training.stack, or fewer trainings at once (--cores), may help"
        ) from None


def divergence(epoch: Epoch) -> str:
    """Describe an epoch whose loss became NaN or infinite."""
    return (
        f"epoch {epoch.epoch}: the loss is {epoch.loss:g}, on the validation part"
        f" {epoch.val_loss:g}; a smaller training.learning_rate may help"
    )


def outcomes_of(state: State) -> list[Outcome]:
    """Return the outcomes in a checkpoint.

    Raises
    ------
    TypeError
        If they are those of another version.
    """
    return [
        Outcome([Epoch(**epoch) for epoch in outcome["history"]], outcome["failed"])
        for outcome in state.outcomes
    ]


def _epochs_done(outcome: Outcome) -> int:
    return len(outcome.history) + bool(outcome.failed)
