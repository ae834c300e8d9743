"""Training networks, alone or stacked: epochs, early stopping, the best weights.

The mathematics are those of Keras's ``fit`` - every image once per epoch in mini-batches, a new
shuffle, dropout, the optimizer's own update - in the compiled loops of :mod:`digits.training.loop`.
"""

import math
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import keras

from digits.core.parallel import ahead
from digits.training.checkpoints import Checkpoint
from digits.training.device_memory import enough_memory
from digits.training.loop import Part, Source, Tensor, parts_of
from digits.training.optimizers import make_rate
from digits.training.outcomes import Epoch, Outcome
from digits.training.random_streams import Stream
from digits.training.recipe import Recipe
from digits.training.stack import Stack, Validation
from digits.training.stacked_model import stack_weights, weights_of


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


class Trainer:
    """Trains networks of one architecture by a recipe, one after another or stacked.

    What it compiles, it uses again.
    """

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self._stacks: dict[tuple[Any, ...], Stack] = {}

    def train(
        self, networks: Sequence[Network], checkpoint: Checkpoint | None = None
    ) -> list[Outcome]:
        """Train networks of one size, stacked; a single one on its own.

        Each has its own images, order, dropout and early stopping, as if it were trained alone.
        One that is done stays as it is while the others go on. Training resumes from ``checkpoint``
        if that exists, with the same result as without the interruption. With an average of the
        weights, it is the averaged weights that are validated and kept.

        Parameters
        ----------
        checkpoint : keeps the state from time to time; None saves nothing

        Raises
        ------
        TrainingError
            If the device is out of memory.
        """
        with enough_memory("building the networks"):
            stack = self._stack_for(networks)
            initial = [network.model.get_weights() for network in networks]
            stack.start(stack_weights(initial, stack.model))
            state = checkpoint.read() if checkpoint else None
            if state and stack.fits(state):
                stack.resume(state)
        for network, outcome in zip(networks, stack.outcomes, strict=True):
            if outcome.history:
                network.on_epoch(outcome.history, len(networks))
        self._run(stack, networks, checkpoint)
        for number, network in enumerate(networks):
            network.model.set_weights(weights_of(stack.best, number, network.model))
        return stack.outcomes

    def _run(
        self, stack: Stack, networks: Sequence[Network], checkpoint: Checkpoint | None
    ) -> None:
        validation = Validation.of([network.validation for network in networks])
        with closing(parts_from(stack.epoch + 1, stack, networks, self.recipe)) as parts:
            while active := stack.active(self.recipe):
                epochs = stack.run_epoch(parts, len(networks[0].source), validation, len(active))
                stack.record({number: epochs[number] for number in active})
                if checkpoint:
                    checkpoint.save(stack.state, last=not stack.active(self.recipe))
                for number in active:
                    if not stack.outcomes[number].failed:
                        networks[number].on_epoch(stack.outcomes[number].history, len(active))

    def _stack_for(self, networks: Sequence[Network]) -> Stack:
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
