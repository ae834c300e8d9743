"""Preventing leakage of validation images into training: equal images are found by their pixels."""

import numpy as np

from digits.core.errors import DataError
from digits.data.held_out import HeldOut
from digits.data.image_tables import CHUNK, Images, digests


def without_copies(table: Images, train: np.ndarray, validation: np.ndarray) -> np.ndarray:
    """Return the rows of ``train`` whose image does not equal one of those in ``validation``.

    Parameters
    ----------
    table : all images
    train, validation : int arrays of row numbers in the table
    """
    found = digests(table)
    return train[~np.isin(found[train], found[validation])]


def check_fold(
    train: Images, validation: Images, images: np.ndarray, labels: np.ndarray
) -> dict[str, int]:
    """Check that a fold does not leak: no validation image, nor a copy of one, is trained on.

    Parameters
    ----------
    train, validation : the parts of the fold, with their rows in the raw training CSV; train with
        its labels
    images : uint8 array of shape (m, *image_shape), the training tensor, the training images first
    labels : uint8 array of shape (m,), those of the tensor

    Returns
    -------
    the numbers of images that were compared

    Raises
    ------
    DataError
        If a row is in both parts, if the tensor does not start with the training images or does not
        repeat their labels, or if any image of the tensor is, pixel for pixel, one of the
        validation part.
    """
    if train.image_shape != validation.image_shape:
        raise DataError("the training and the validation part have images of different shapes")
    shared = np.intersect1d(train.rows, validation.rows)
    if len(shared):
        raise DataError(f"row {shared[0]} is in the training and in the validation part")
    start = 0
    for chunk in train.chunks():
        if not np.array_equal(images[start : start + len(chunk)], chunk.images):
            raise DataError("the training tensor does not start with the fold's training images")
        start += len(chunk)
    if not np.array_equal(labels, np.tile(train.labels, len(images) // len(train))):
        raise DataError("the labels of the training tensor are not those of the training images")
    held_out = HeldOut(validation.chunks())
    for start in range(0, len(images), CHUNK):
        copies = np.flatnonzero(held_out.contains(images[start : start + CHUNK]))
        if len(copies):
            raise DataError(
                f"image {start + copies[0]} of the training tensor is a validation image"
            )
    return {"train": len(train), "validation": len(validation), "tensor": len(images)}
