"""A preview of the augmentation: images of each class and their copies."""

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from digits.augmentation.fresh import FreshCopies
from digits.augmentation.transforms import AFFINE, DISPLACEMENTS, KINDS
from digits.core.errors import DataError
from digits.plots import mosaic
from digits.plots.style import new_figure, shortened, use_style

MOST, SEVERAL = 9, 3
"""Fresh copies of an image that are shown at most, and of each class at least."""

NAMES = {"elastic_alpha": "elastic deformation"}
"""The names of transforms that are not called as the key of their range."""

LETTERS, FEWEST = 8, 11  # characters of a heading that have room over a tile, and at least


def transforms(kind: tuple[str, ...], augmentation: Mapping[str, Any]) -> str:
    """Name the transforms that copies of a kind have, of those in use: ``zoom + rotation``.

    Parameters
    ----------
    augmentation : the section of the configuration
    """
    further = [name for name in (*AFFINE, *DISPLACEMENTS) if name not in KINDS[-1]]
    used = [NAMES.get(name, name) for name in (*kind, *further) if augmentation[name]]
    return " + ".join(used) or "unchanged"


def preview_tiles(
    images: np.ndarray, labels: np.ndarray, copies: int, classes: int
) -> np.ma.MaskedArray:
    """Pick the first image of each class and all its copies.

    Parameters
    ----------
    images : uint8 array of shape (blocks * n, *image_shape): the n originals, then a block of n per
        copy, all copies of a kind together
    labels : integer array of shape (blocks * n,)
    copies : copies of each kind; there are 1 + 3 * copies blocks
    classes : number of classes; the row of a class without images stays blank

    Returns
    -------
    masked float32 array of shape (classes, 1 + 3 * copies, *image_shape)

    Raises
    ------
    DataError
        If the number of images is not a multiple of the number of blocks.
    """
    blocks = 1 + len(KINDS) * copies
    originals, rest = divmod(len(images), blocks)
    if rest or originals == 0:
        raise DataError(
            f"{len(images)} images do not make {blocks} equal blocks "
            f"(the originals and {copies} copies of each of {len(KINDS)} kinds)"
        )
    tiles = mosaic.blank_tiles(classes, blocks, images.shape[1:])
    for label in range(classes):
        first = np.flatnonzero(labels[:originals] == label)[:1]
        for row in first:
            tiles[label] = images[row::originals]
    return tiles


def fresh_tiles(source: FreshCopies, classes: int) -> np.ma.MaskedArray:
    """Pick the first images of each class, each followed by its copies of the first epoch.

    One image of each class, or as many as have ``SEVERAL`` copies together; of each image at most
    ``MOST`` copies.

    Returns
    -------
    masked float32 array of shape (classes, images * (1 + copies), *image_shape)
    """
    count, copies = len(source.images), min(source.copies, MOST)
    each = math.ceil(SEVERAL / copies)
    tiles = mosaic.blank_tiles(classes, each * (1 + copies), source.images.shape[1:])
    make = source.epoch(1)
    for label in range(classes):
        for number, row in enumerate(np.flatnonzero(source.labels == label)[:each]):
            start = number * (1 + copies)
            tiles[label, start] = source.images[row]
            made, _, (places,) = make(row + count * np.arange(copies)[np.newaxis])
            tiles[label, start + 1 : start + 1 + copies] = made[places]
    return tiles


@use_style()
def preview(
    images: np.ndarray, labels: np.ndarray, augmentation: Mapping[str, Any], classes: Sequence[str]
) -> Figure:
    """Draw a row per class: its first image, then its copies, headed by their transforms.

    Parameters
    ----------
    images, labels : see :func:`preview_tiles`
    augmentation : the section of the configuration
    classes : the labels of the classes
    """
    copies = augmentation["copies"]
    tiles = preview_tiles(images, labels, copies, len(classes))
    kinds = [transforms(kind, augmentation) for kind in KINDS] if copies else []
    groups = [("original", 1), *((kind, copies) for kind in kinds)]
    text = f"The first image of each of {len(classes)} classes"
    if copies:
        text += f" and {copies} random copies of it by each of: {'; '.join(kinds)}"
    return draw(tiles, groups, classes, "One image of each class, augmented", text)


@use_style()
def fresh_preview(source: FreshCopies, classes: Sequence[str]) -> Figure:
    """Draw a row per class: images, each followed by the copies that the first epoch trains on.

    Parameters
    ----------
    source : the copies that a training has
    classes : the labels of the classes
    """
    tiles = fresh_tiles(source, len(classes))
    copies = min(source.copies, MOST)
    kind = transforms(KINDS[-1], source.augmentation)
    groups = [("original", 1), (kind, copies)] * (tiles.shape[1] // (1 + copies))
    text = (
        f"Images of each of {len(classes)} classes, and the copies of them in the first epoch, by"
        f" {kind}"
    )
    return draw(tiles, groups, classes, "Images of each class, and copies in the first epoch", text)


def draw(
    tiles: np.ma.MaskedArray,
    groups: Sequence[tuple[str, int]],
    classes: Sequence[str],
    title: str,
    description: str,
) -> Figure:
    """Draw tiles in a row per class.

    Parameters
    ----------
    tiles : array of shape (classes, columns, *image_shape)
    groups : the heading of each group of columns, and its number of columns
    """
    columns = [count for _, count in groups]
    headings = [broken(heading, max(LETTERS * count, FEWEST)) for heading, count in groups]
    picture = mosaic.lay_out(tiles, columns)
    width, height = picture.size
    lines = max(heading.count("\n") for heading in headings)
    size = max(width + 0.7, 0.09 * len(title) + 0.2), height + 0.85 + 0.13 * lines
    figure = new_figure(*size, description)
    axes = figure.add_subplot()
    mosaic.draw(axes, picture, list(map(shortened, classes)))
    axes.set_ylabel("class")
    for centre, text in zip(mosaic.group_centres(picture, columns), headings, strict=True):
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
    figure.suptitle(title, x=0.02, ha="left")
    return figure


def broken(heading: str, letters: int) -> str:
    """Break a heading into lines of at most so many characters, as far as its words allow.

    A name of two words is broken only where it would not fit into a line.
    """
    names = heading.split(" + ")
    if max(map(len, names)) + 2 <= letters:
        names = [name.replace(" ", "\N{NO-BREAK SPACE}") for name in names]
    glued = " +\N{NO-BREAK SPACE}".join(names)
    lines = textwrap.wrap(glued, letters, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")
