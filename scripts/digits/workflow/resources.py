"""Memory and time to ask a scheduler for, such as that of a cluster, from measured costs.

They decide nothing in a run on one machine, unless --resources limits them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from digits.config.dataset import values_of
from digits.config.recipes import COPIES, recipe_of, weights_of
from digits.core.design import Cell, Design

START = {"CPU": 15.0, "GPU": 60.0}
"""Seconds until a process has imported TensorFlow, from a file system that many nodes read, and has
compiled what it trains with; 4 of processor time, and up to 20 on an H100, were measured."""

IMAGE, WEIGHT = 3.7e-7, 3.5e-11
"""Seconds for each image of an epoch, and for each image and weight, on one core: 2 x 100 was
measured at 287,641 images a second, 5 x 200 at 87,266."""

FRESH_IMAGE = 8e-6
"""Seconds for each image of an epoch that is a new copy: a fold of 336,000 was augmented in 2.6."""

STEP = 2.5e-4
"""Seconds for each step of networks that are trained stacked on a GPU; 224 microseconds were
measured for thirty on an H100."""

SLOWER = 5
"""How many times as long it may take on other machines, with other optimizers and batches."""

LEAST_MINUTES = 10
"""Time that even the smallest job asks for: a node may need a while to start anything."""

PROCESS = {"CPU": 720, "GPU": 4000}
"""MB of a process that trains small networks on few images: as measured on a CPU, and on a GPU, for
whose libraries it is an estimate."""

TENSOR = 1.5
"""MB for each MB of a training tensor: 1.47 were measured of one of 263 MB."""

NETWORK = 40e-6
"""MB for each weight of a network: itself, its gradients, its best state, that of the optimizer,
an average and a checkpoint."""

MARGIN = 1.5
"""How much of the memory is asked for: a job that exceeds it is killed."""


@dataclass(frozen=True)
class Trainings:
    """The trainings of a cell, and what they cost.

    Attributes
    ----------
    device : "CPU" or "GPU"
    folds, seeds : their numbers; there is a training for each fold with each seed
    tensor : size of the training tensor of a fold, MB
    images : images of an epoch, copies included
    epochs : at most
    parameters : weights of a network, about
    batch_size : images of a step
    fresh : whether copies are made anew in each epoch
    processes : number of processes that share the trials
    stack : how many networks are trained stacked at most; "auto" is all of them on a GPU, else one
    """

    device: str
    folds: int
    seeds: int
    tensor: float
    images: int
    epochs: int
    parameters: int
    batch_size: int
    fresh: bool = False
    processes: int = 1
    stack: int | str = "auto"

    @property
    def trials(self) -> int:
        """The number of trainings."""
        return self.folds * self.seeds

    @property
    def stacked(self) -> int:
        """The number of networks that a process trains at a time."""
        limit = {"CPU": 1, "GPU": self.trials}[self.device] if self.stack == "auto" else self.stack
        return min(self.trials, limit)

    def memory(self, attempt: int = 1) -> int:
        """Return the memory to ask for, in MB: for a second attempt twice as much, and so on."""
        # All folds may be among the networks of a stack, each with a tensor of its own.
        tensors = min(self.folds, self.stacked) * TENSOR * self.tensor
        each = PROCESS[self.device] + tensors + self.stacked * NETWORK * self.parameters
        return attempt * _rounded_up(MARGIN * self.processes * each, 100)

    def minutes(self, attempt: int = 1) -> int:
        """Return the time to ask for: for a second attempt twice as much, and so on."""
        turns = math.ceil(self.trials / self.processes / self.stacked)
        epoch = self.images * (FRESH_IMAGE * self.fresh * self.stacked)
        if self.device == "GPU":
            epoch += math.ceil(self.images / self.batch_size) * STEP
        else:
            epoch += self.images * self.stacked * (IMAGE + WEIGHT * self.parameters)
        seconds = START[self.device] + turns * self.epochs * epoch
        return attempt * max(LEAST_MINUTES, _rounded_up(SLOWER * seconds / 60, 5))


def trainings_of(
    config: Mapping[str, Any],
    design: Design,
    cell: Cell,
    *,
    tensor: int,
    device: str,
    processes: int,
) -> Trainings:
    """Return what the trainings of a cell cost.

    Parameters
    ----------
    config : the configuration, complete
    tensor : size of the training tensor of a fold, bytes
    device, processes : see :class:`Trainings`
    """
    recipe, inputs = recipe_of(config, design, cell), values_of(config["dataset"])
    training, augmentation = recipe["training"], recipe["augmentation"]
    fresh = augmentation["mode"] == "fresh"
    copies = 1 + COPIES * augmentation["copies"] if fresh else 1
    return Trainings(
        device=device,
        folds=len(design.folds),
        seeds=len(design.seeds),
        tensor=tensor / 1e6,
        images=copies * (tensor // (inputs + 1)),
        epochs=training["epochs"],
        parameters=weights_of(design, cell, inputs),
        batch_size=training["batch_size"],
        fresh=fresh,
        processes=processes,
        stack=training["stack"],
    )


def _rounded_up(number: float, unit: int) -> int:
    return unit * math.ceil(number / unit)
