"""Colour images in grey: the luma of ITU-R 601, for what has no meaning in three channels."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from digits.data.image_tables import Images, ImageTable

WEIGHTS = (19595, 38470, 7471)
"""Weights of red, green and blue, in units of 1/65536, as Pillow has them."""


def is_colour(image_shape: tuple[int, ...]) -> bool:
    """Return whether images of a shape are in colour: (height, width, 3)."""
    return len(image_shape) == 3


def luma(colours: np.ndarray) -> np.ndarray:
    """Return the luma of colours, in whole numbers as Pillow computes it.

    Parameters
    ----------
    colours : uint8 array of shape (..., 3)

    Returns
    -------
    uint8 array of shape (...)
    """
    total = np.full(colours.shape[:-1], 32768, np.uint32)
    for channel, weight in enumerate(WEIGHTS):
        total += colours[..., channel] * np.uint32(weight)
    return (total >> 16).astype(np.uint8)


def mean_luma(mean: np.ndarray) -> np.ndarray:
    """Return the luma of a mean image: float array of shape (height, width) or (height, width, 3).

    A grey one is returned as it is.
    """
    return mean @ np.array(WEIGHTS) / 65536 if is_colour(mean.shape) else mean


@dataclass(frozen=True)
class Luminance:
    """A table of colour images seen in grey, a chunk at a time.

    Attributes
    ----------
    table : of images of shape (height, width, 3)
    """

    table: Images

    def __len__(self) -> int:
        return len(self.table)

    @property
    def image_shape(self) -> tuple[int, int]:
        """Height and width of an image."""
        return self.table.image_shape[:2]

    @property
    def labels(self) -> np.ndarray | None:
        """Labels of the images, if they have any."""
        return self.table.labels

    @property
    def rows(self) -> np.ndarray | None:
        """Rows of the images in the raw training file, where known."""
        return self.table.rows

    def chunks(self) -> Iterator[ImageTable]:
        """Yield the table in the parts of the other, in grey."""
        return (replace(chunk, images=luma(chunk.images)) for chunk in self.table.chunks())


def in_grey(table: Images) -> Images | Luminance:
    """Return a table whose images are grey: that of the luminance of colours, or the table."""
    return Luminance(table) if is_colour(table.image_shape) else table
