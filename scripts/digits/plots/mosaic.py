"""Many images as one picture: far faster to draw than an axes for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from digits.plots.style import STROKES, fix_ticks

GAP = 1
GROUP_GAP = 8
INCHES_PER_TILE = 0.56


@dataclass(frozen=True)
class Mosaic:
    """Tiles laid out on one picture.

    Attributes
    ----------
    pixels : masked array of shape (height, width), or (height, width, 3) in colour; the gaps and
        blank tiles are masked
    rows : centre of each row of tiles, in pixels from the top
    columns : centre of each column of tiles, in pixels from the left
    tile : height and width of a tile, in pixels
    """

    pixels: np.ma.MaskedArray
    rows: np.ndarray
    columns: np.ndarray
    tile: tuple[int, int]

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in inches at which a tile is ``INCHES_PER_TILE`` wide."""
        height, width = self.pixels.shape[:2]
        inch = self.tile[1] / INCHES_PER_TILE
        return width / inch, height / inch


def masked_zeros(shape: tuple[int, ...]) -> np.ma.MaskedArray:
    """Return a fully masked float32 array of zeros; ``masked_all`` leaves its values undefined."""
    return np.ma.MaskedArray(np.zeros(shape, dtype=np.float32), mask=True)


def blank_tiles(rows: int, columns: int, shape: tuple[int, ...]) -> np.ma.MaskedArray:
    """Return masked tiles of shape (rows, columns, *shape), to be filled in."""
    return masked_zeros((rows, columns, *shape))


def lay_out(tiles: np.ma.MaskedArray, groups: Sequence[int] = ()) -> Mosaic:
    """Lay tiles of shape (rows, columns, height, width), or (…, 3) in colour, side by side.

    ``groups`` are the numbers of columns in each group, from the left; a wider gap separates
    groups.
    """
    rows, columns, height, width, *channels = tiles.shape
    starts = np.cumsum(groups)[:-1]
    wider = sum((np.arange(columns) >= start).astype(int) for start in starts)
    top = np.arange(rows) * (height + GAP)
    left = np.arange(columns) * (width + GAP) + wider * (GROUP_GAP - GAP)
    pixels = masked_zeros((top[-1] + height, left[-1] + width, *channels))
    for row, y in enumerate(top):
        for column, x in enumerate(left):
            pixels[y : y + height, x : x + width] = tiles[row, column]
    return Mosaic(pixels, top + (height - 1) / 2, left + (width - 1) / 2, (height, width))


def draw(axes: Axes, mosaic: Mosaic, row_labels: Sequence[str], darkest: float = 255) -> AxesImage:
    """Draw a mosaic with a label beside each row.

    Values 0-``darkest`` are drawn dark on light, colours as they are.
    """
    pixels = mosaic.pixels if mosaic.pixels.ndim == 2 else _with_opacity(mosaic.pixels)
    # No interpolation: the file holds the pixels themselves, and viewers show them sharp.
    image = axes.imshow(pixels, cmap=STROKES, vmin=0, vmax=darkest, interpolation="none")
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    fix_ticks(axes.xaxis, [])
    fix_ticks(axes.yaxis, list(mosaic.rows), list(row_labels))
    return image


def _with_opacity(colours: np.ma.MaskedArray) -> np.ndarray:
    """Return colours of 0-255 as uint8 array of shape (height, width, 4), masked ones invisible."""
    opacity = np.where(np.ma.getmaskarray(colours)[..., :1], 0, 255)
    return np.concatenate([colours.filled(0).round(), opacity], axis=-1).astype(np.uint8)


def group_centres(mosaic: Mosaic, groups: Sequence[int]) -> list[float]:
    """Return the middle of each group of columns, in pixels from the left."""
    edges = [0, *np.cumsum(groups)]
    return [float(mosaic.columns[start:end].mean()) for start, end in pairwise(edges)]
