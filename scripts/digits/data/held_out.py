"""Images that are held out, and which of others equal one of them, pixel for pixel."""

import math
from collections.abc import Iterable

import numpy as np

from digits.data.image_tables import ImageTable, digest

WORD = 8
"""Bytes that are summed up together."""


class HeldOut:
    """Images among which others are looked up.

    Images are compared by sums, which take a small part of the time of hashes. Equal images have
    equal sums; the few others that have them, too, are told apart by their hashes.

    Parameters
    ----------
    tables : the images, all of one shape
    """

    def __init__(self, tables: Iterable[ImageTable]) -> None:
        sums, hashes = [np.empty(0, np.uint64)], [np.empty(0, "V16")]
        for table in tables:
            sums.append(sums_of(table.images))
            hashes.append(digest(table.images))
        self._sums, self._hashes = np.unique(np.concatenate(sums)), np.concatenate(hashes)

    def contains(self, images: np.ndarray) -> np.ndarray:
        """Return which images equal one that is held out.

        Parameters
        ----------
        images : uint8 array of shape (n, *image_shape)

        Returns
        -------
        bool array of shape (n,)
        """
        sums = sums_of(images)
        places = np.searchsorted(self._sums, sums)
        found = places < len(self._sums)
        found[found] = self._sums[places[found]] == sums[found]
        found[found] = np.isin(digest(images[found]), self._hashes)
        return found


def sums_of(images: np.ndarray) -> np.ndarray:
    """Return a sum of each image's pixels with random weights, modulo 2**64.

    Parameters
    ----------
    images : uint8 array of shape (n, ...)

    Returns
    -------
    uint64 array of shape (n,)
    """
    size = math.prod(images.shape[1:])
    pixels = np.ascontiguousarray(images).reshape(len(images), size)
    if size % WORD:
        pixels = np.pad(pixels, ((0, 0), (0, -size % WORD)))
    words = pixels.view(np.uint64)
    weights = np.random.default_rng(0).integers(2**64, size=words.shape[1], dtype=np.uint64)
    return words @ (weights | np.uint64(1))
