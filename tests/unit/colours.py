"""Scikit-learn's digits in colour: each channel of an image shows another digit."""

import layouts
import numpy as np

from digits.data.image_tables import ImageTable


def coloured() -> tuple[np.ndarray, np.ndarray]:
    """Return colour images of 8 x 8 pixels, with different channels, and their labels."""
    images, labels = layouts.digits()
    return np.stack([images, np.roll(images, 1, axis=0), np.roll(images, 7, axis=0)], -1), labels


def colour_table(count: int = 60) -> ImageTable:
    images, labels = coloured()
    return ImageTable(images[:count], labels[:count], np.arange(count, dtype=np.int32))
