"""What images are like as a whole: their range, their border, their shape; and what that means."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from digits.data.description import Description
from digits.data.image_tables import ImageTable
from digits.data.luminance import is_colour, mean_luma

ENOUGH = 500
"""Number of pixels from which something can be concluded from all of them."""

DARK = 0.5
"""Share of the range that the brightest pixel exceeds where the range is as stated."""

BRIGHT = 0.75
"""Mean of the border's pixels, as a share of 255, above which it is no dark background."""

SMOOTHER = 0.7
"""Ratio of the differences between rows, in one order of the colours to those in the other, below
which colours are probably stored in the first."""

WIDER = 1.1
"""Ratio of width to height of what is drawn from which it may lie on its side."""


class Observations:
    """Counts and sums over all images of a part.

    Attributes
    ----------
    images : number of images
    labels : int64 array of shape (256,), images per class
    low, high : the smallest and the largest value as they are in the files
    """

    def __init__(self) -> None:
        self.images = 0
        self.labels = np.zeros(256, np.int64)
        self.low, self.high = np.inf, -np.inf
        self._sum: np.ndarray | None = None

    def add(self, images: np.ndarray, labels: np.ndarray | None, low: float, high: float) -> None:
        """Count images.

        Parameters
        ----------
        images : uint8 array of shape (n, height, width), in colour (n, height, width, 3)
        labels : uint8 array of shape (n,), or None
        low, high : the smallest and the largest value as they are in the file
        """
        if not len(images):
            return
        total = images.sum(axis=0, dtype=np.uint64)
        self._sum = total if self._sum is None else self._sum + total
        self.images += len(images)
        self.low, self.high = min(self.low, low), max(self.high, high)
        if labels is not None:
            self.labels += np.bincount(labels, minlength=256)

    @property
    def mean(self) -> np.ndarray:
        """The mean image, in grey: float64 array of shape (height, width)."""
        return mean_luma(self.mean_as_stored)

    @property
    def mean_as_stored(self) -> np.ndarray:
        """The mean image as image tables have them, in colour (height, width, 3)."""
        return self._sum / self.images

    def summary(self) -> dict[str, float]:
        """Return what was observed, for a record.

        Returns
        -------
        dict
            low and high (values in the files); border and inside (mean brightness of the outermost
            pixels and of the others, 0-255, in colour of their luminance); height and width (spread
            of the mean image, in pixels); mirrored and inverted (correlation of the mean image with
            its mirror image and with itself upside down)
        """
        mean = self.mean
        frame = np.ones(mean.shape, bool)
        frame[1:-1, 1:-1] = False
        inside = mean[~frame].mean() if not frame.all() else mean.mean()
        observed = {
            "low": float(self.low),
            "high": float(self.high),
            "border": float(mean[frame].mean()),
            "inside": float(inside),
            "height": _spread(mean.sum(axis=1)),
            "width": _spread(mean.sum(axis=0)),
            "mirrored": _correlation(mean, mean[:, ::-1]),
            "inverted": _correlation(mean, mean[::-1]),
        }
        return {name: round(value, 4) for name, value in observed.items()}


def observe(chunks: Iterable[ImageTable], low: float, high: float) -> dict[str, float]:
    """Return what is observed on images of which the values in the files are known."""
    seen = Observations()
    for chunk in chunks:
        seen.add(chunk.images, chunk.labels, low, high)
    return seen.summary()


def fault_of_all(observed: Mapping[str, Any], pixels: int, description: Description) -> str | None:
    """Return an error if the images as a whole are certainly not as described.

    Parameters
    ----------
    observed : as :meth:`Observations.summary` gives it
    pixels : number of all pixels

    Returns
    -------
    what was found and which key to set, as it goes after the file; or None
    """
    if pixels < ENOUGH:
        return None
    high, (low, most) = observed["high"], description.range
    if description.pixel_range is None and high <= low + DARK * (most - low):
        return (
            f": expected pixels up to {most:g}, found none above {high:g}; set dataset.pixel_range"
            f" to [{min(0, observed['low']):g}, {high:g}], or to [{low:g}, {most:g}] to confirm it"
        )
    bright = observed["border"] > max(BRIGHT * 255, observed["inside"])
    if description.invert is None and bright and min(description.image_shape) > 3:
        return (
            f": expected a dark border, found one of brightness {observed['border']:.0f} of 255;"
            " set dataset.invert to true if the images are dark on light, or to false if not"
        )
    return None


def notes_of_all(observed: Mapping[str, Any], pixels: int, description: Description) -> list[str]:
    """Return what the user might want to look at, a sentence each; see :func:`fault_of_all`."""
    height, width = description.image_shape
    if description.order == "planes":
        return []
    if pixels >= ENOUGH and observed["width"] / width > WIDER * observed["height"] / height:
        key = "rows" if description.order == "columns" else "columns"
        return [
            "What is drawn is wider than high on average; if the images lie on their side, set"
            f" dataset.order to {key}."
        ]
    return []


def notes_of_colours(mean: np.ndarray, description: Description) -> list[str]:
    """Return in which other order the colours seem to be stored, a sentence; none for grey images.

    In the right order, a pixel of the mean image is much like the one below it.

    Parameters
    ----------
    mean : the mean image as image tables have it
    """
    if not is_colour(mean.shape) or description.order == "columns":
        return []
    by_planes = description.order == "planes"
    values = (mean.transpose(2, 0, 1) if by_planes else mean).ravel()
    plane, pixels = (_roughness(values, step * mean.shape[1]) for step in (1, 3))
    here, there = (plane, pixels) if by_planes else (pixels, plane)
    if there < SMOOTHER * here:
        other = "pixel by pixel" if by_planes else "as planes of red, green and blue"
        key = "rows" if by_planes else "planes"
        return [f"The colours seem to be stored {other}; if so, set dataset.order to {key}."]
    return []


def _roughness(values: np.ndarray, step: int) -> float:
    """Return the mean absolute difference of values so many places apart; 0 if there are none."""
    return float(np.abs(values[step:] - values[:-step]).mean()) if len(values) > step else 0.0


def _spread(weights: np.ndarray) -> float:
    """Return the standard deviation of a position with weights; 0 where all are 0."""
    total, places = weights.sum(), np.arange(len(weights))
    if not total:
        return 0.0
    mean = weights @ places / total
    return float(np.sqrt(weights @ (places - mean) ** 2 / total))


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Return the correlation of two arrays; 0 where one does not vary."""
    if not first.std() or not second.std():
        return 0.0
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])
