"""Networks that are trained together: their state, and the compiled loops that train them."""

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Self

import keras
import numpy as np
import tensorflow as tf

from digits.training.averaging import Averaging
from digits.training.checkpoints import State
from digits.training.device_memory import enough_memory
from digits.training.loop import (
    Part,
    Tensor,
    compile_evaluation,
    compile_part,
    join,
    run_epoch,
)
from digits.training.optimizers import Rate, make_optimizer
from digits.training.outcomes import Epoch, Outcome, divergence
from digits.training.recipe import Recipe
from digits.training.stacked_model import Weights, stack_models


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
    model : of all networks, see :func:`digits.training.stacked_model.stack_models`
    best : weights of the best epoch of each network, as those of ``model``
    outcomes : of each network
    epoch : number of the last epoch
    """

    def __init__(
        self, models: Sequence[keras.Sequential], recipe: Recipe, rate: Rate | None
    ) -> None:
        self.networks, self.model = len(models), stack_models(models)
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
        with enough_memory(f"epoch {self.epoch}"):
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
