"""Keeping what is validated out of what is trained on: copies are found by their pixels."""

import math

import numpy as np

from digits.errors import DataError
from digits.images import ImageTable

CHUNK = 8192
"""Images of the training tensor compared at a time: bounds the memory, changes nothing else."""


def keys(images: np.ndarray) -> np.ndarray:
    """Give each image its bytes as one value that can be compared and sorted: shape (n,)."""
    size = math.prod(images.shape[1:])
    return np.ascontiguousarray(images).reshape(-1, size).view(f"V{size}").ravel()


def without_copies(images: np.ndarray, train: np.ndarray, validation: np.ndarray) -> np.ndarray:
    """Return the rows of ``train`` whose image is not also one of those in ``validation``."""
    return train[~np.isin(keys(images[train]), keys(images[validation]))]


def check_fold(train: ImageTable, validation: ImageTable, images: np.ndarray) -> dict[str, int]:
    """Check that a fold does not leak: what is validated is neither trained on nor copied from.

    Parameters
    ----------
    train, validation : the parts of the fold, with their rows in the raw training CSV
    images : uint8 array of shape (m, height, width), the training tensor, the training images first

    Returns
    -------
    the numbers that were compared

    Raises
    ------
    DataError
        If a row is in both parts, if the tensor does not start with the training images, or if any
        image of the tensor is, pixel for pixel, one of the validation part.
    """
    shared = np.intersect1d(train.rows, validation.rows)
    if len(shared):
        raise DataError(f"row {shared[0]} is in the training and in the validation part")
    if len(images) < len(train) or not np.array_equal(images[: len(train)], train.images):
        raise DataError("the training tensor does not start with the fold's training images")
    held_out = set(keys(validation.images).tolist())
    for start in range(0, len(images), CHUNK):
        for offset, key in enumerate(keys(images[start : start + CHUNK]).tolist()):
            if key in held_out:
                raise DataError(
                    f"image {start + offset} of the training tensor is a validation image"
                )
    return {"train": len(train), "validation": len(validation), "tensor": len(images)}
