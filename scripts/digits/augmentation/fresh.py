"""New random copies of the training images for every epoch of a training."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from digits.augmentation.transforms import KINDS, Warps, draw_warps, unseen_copies
from digits.data.held_out import HeldOut

STAGE = 3
"""Separates the random numbers of this stage from those of others with the same seed."""


class FreshCopies:
    """The copies of all epochs, each of which has as many images as the tensor of fixed copies.

    A copy has all transforms, and is a function of (seed, fold, epoch, copy, image) alone, the same
    for all trainings on the fold. One that happens to equal a validation image is replaced by the
    original image.

    Parameters
    ----------
    training : uint8 images of shape (n, height, width), in colour (n, height, width, 3), and uint8
        labels of shape (n,)
    held_out : the validation images
    augmentation : the section of the configuration
    """

    at_once, made = 8192, True

    def __init__(
        self,
        training: tuple[np.ndarray, np.ndarray],
        held_out: HeldOut,
        augmentation: Mapping[str, Any],
        fold: int,
    ) -> None:
        self.images, self.labels = training
        self.held_out, self.augmentation, self.fold = held_out, augmentation, fold
        self.copies = 1 + len(KINDS) * augmentation["copies"]

    def __len__(self) -> int:
        return self.copies * len(self.images)

    def epoch(
        self, number: int
    ) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Return what makes the copies of an epoch.

        Returns
        -------
        function from batches, int32 places in the epoch of shape (batches, images), to the copies
        and their labels, and to the places of the batches among these
        """
        drawn = [self._draw(number, copy) for copy in range(self.copies)]
        maps = np.concatenate([warps.maps for warps in drawn])
        streams = {
            name: np.concatenate([warps.streams[name] for warps in drawn])
            for name in drawn[0].streams
        }
        warps = Warps(maps, streams)

        def make(batches: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
            wanted = batches.ravel()
            origins = wanted % len(self.images)
            images = unseen_copies(
                self.images[origins], warps.of(wanted), self.augmentation, self.held_out
            )
            places = np.arange(wanted.size, dtype=np.int32).reshape(batches.shape)
            return images, self.labels[origins], places

        return make

    def _draw(self, epoch: int, copy: int) -> Warps:
        key = [self.augmentation["seed"], STAGE, self.fold, epoch, copy]
        generator = np.random.default_rng(key)
        count, height, width = self.images.shape[:3]
        return draw_warps(generator, count, KINDS[-1], self.augmentation, (height, width))
