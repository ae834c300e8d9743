"""A preview of the augmentation: one image of each class and its copies."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from digits.augmentation.transforms import KINDS
from digits.core.errors import DataError
from digits.plots import mosaic
from digits.plots.style import new_figure, shortened, use_style

NAMES = tuple(" + ".join(kind) for kind in KINDS)


def preview_tiles(
    images: np.ndarray, labels: np.ndarray, copies: int, classes: int
) -> np.ma.MaskedArray:
    """Pick the first image of each class and all its copies.

    Parameters
    ----------
    images : uint8 array of shape (blocks * n, height, width): the n originals, then a block of n
        per copy, all copies of a kind together
    labels : integer array of shape (blocks * n,)
    copies : copies of each kind; there are 1 + 3 * copies blocks
    classes : number of classes; the row of a class without images stays blank

    Returns
    -------
    masked float32 array of shape (classes, 1 + 3 * copies, height, width)

    Raises
    ------
    DataError
        If the number of images is not a multiple of the number of blocks.
    """
    blocks = 1 + len(NAMES) * copies
    originals, rest = divmod(len(images), blocks)
    if rest or originals == 0:
        raise DataError(
            f"{len(images)} images do not make {blocks} equal blocks "
            f"(the originals and {copies} copies of each of {len(NAMES)} kinds)"
        )
    tiles = mosaic.blank_tiles(classes, blocks, images.shape[1:])
    for label in range(classes):
        first = np.flatnonzero(labels[:originals] == label)[:1]
        for row in first:
            tiles[label] = images[row::originals]
    return tiles


def headings(copies: int) -> list[str]:
    """Return the headings of the groups of columns, broken where the group is narrow."""
    if copies == 0:
        return ["original"]
    narrow = [name.replace(" + ", "\n+ ") for name in NAMES]
    wide = [*NAMES[:2], NAMES[2].replace(" + rotation", "\n+ rotation")]
    return ["original", *(narrow if copies < 3 else wide)]


@use_style()
def preview(images: np.ndarray, labels: np.ndarray, copies: int, classes: Sequence[str]) -> Figure:
    """Draw a row per class: its first image, then its copies, headed by their kind.

    Parameters as for :func:`preview_tiles`, but ``classes`` are the labels of the classes.
    """
    groups = [1, *[copies] * len(NAMES)] if copies else [1]
    picture = mosaic.lay_out(preview_tiles(images, labels, copies, len(classes)), groups)
    width, height = picture.size
    figure = new_figure(
        max(width + 0.7, 3.4),
        height + 1,
        f"The first image of each of {len(classes)} classes and {copies} random copies of it "
        f"by each of: {'; '.join(NAMES)}",
    )
    axes = figure.add_subplot()
    mosaic.draw(axes, picture, list(map(shortened, classes)))
    axes.set_ylabel("class")
    for centre, text in zip(mosaic.group_centres(picture, groups), headings(copies), strict=True):
        axes.annotate(
            text,
            (centre, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=7.5,
        )
    figure.suptitle("One image of each class, augmented", x=0.02, ha="left")
    return figure
