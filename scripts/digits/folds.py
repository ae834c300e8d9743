"""Stratified folds, without leaks: no image of a validation part is in its training part."""

import math

import numpy as np
from sklearn.model_selection import StratifiedKFold

from digits.errors import ConfigError, DataError
from digits.images import ImageTable

CHUNK = 8192
"""Images of the training tensor compared at a time: bounds the memory, changes nothing else."""


def split_fold(
    labels: np.ndarray, *, splits: int, fold: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of one fold's training and validation parts, in ascending order.

    They are those of scikit-learn's ``StratifiedKFold(splits, shuffle=True, random_state=seed)``.

    Parameters
    ----------
    labels : integer array of shape (n,)
    fold : 0 to splits - 1

    Raises
    ------
    ConfigError
        If there is no such fold, or some class has fewer images than there are splits.
    """
    if fold not in range(splits):
        raise ConfigError(
            f"cross_validation.folds: expected 0 to {splits - 1} for {splits} splits, found {fold}"
        )
    classes, counts = np.unique(labels, return_counts=True)
    if counts.min() < splits:
        raise ConfigError(
            f"cross_validation.splits: {splits} folds need {splits} images of every class,"
            f" but class {classes[counts.argmin()]} has {counts.min()}"
        )
    folds = StratifiedKFold(splits, shuffle=True, random_state=seed)
    return list(folds.split(np.zeros(len(labels)), labels))[fold]


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
