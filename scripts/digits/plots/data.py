"""The training images: class counts, samples, class means and pixel correlations."""

import math
from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from digits.data.image_tables import Images, take
from digits.data.luminance import Luminance, in_grey, is_colour
from digits.plots import mosaic
from digits.plots.style import BLANK, BLUE, INK, fix_ticks, new_figure, shortened, use_style

MAX_SIDE = 400  # of the raster of correlations, in dots: keeps the file small
MAX_PIXELS = 64 * 64  # to correlate: a matrix of all pairs takes 134 MB, and there are several


@use_style()
def class_distribution(labels: np.ndarray, classes: Sequence[str]) -> Figure:
    """Draw the number of images per class as bars, each with its count and share.

    Parameters
    ----------
    labels : integer array of shape (n,), the numbers of classes
    classes : labels of the classes; a class without images gets an empty bar
    """
    order = range(len(classes))
    figure = new_figure(
        max(4.6, 1.6 + 0.56 * len(order)),
        3.2,
        f"Bar chart of the number of images per class; {len(labels):,} images,"
        f" {len(order)} classes",
    )
    axes = figure.add_subplot()
    counts = np.bincount(labels, minlength=len(order))
    axes.bar(np.array(order) - 0.36, counts, width=0.72, align="edge", color=BLUE)
    write_counts(axes, counts)
    mark_mean(axes, len(labels) / len(order))
    axes.set(xlabel="class", ylabel="images")
    axes.set(xlim=(-0.5, len(order) - 0.5), ylim=(0, counts.max() * 1.08 + 1))
    fix_ticks(axes.xaxis, list(order), list(map(shortened, classes)), room=7)
    axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.yaxis.grid(True)
    axes.tick_params(axis="x", length=0)
    axes.set_title(f"Images per class ({len(labels):,} in all)")
    return figure


def write_counts(axes: Axes, counts: np.ndarray) -> None:
    """Write count and share at the foot of each bar, or above a low one."""
    for label, count in enumerate(counts):
        inside = count > 0.2 * counts.max()  # where the text does not meet the line of the mean
        at = {
            "xy": (label, 0 if inside else count),
            "textcoords": "offset points",
            "ha": "center",
            "color": "white" if inside else INK,
        }
        axes.annotate(f"{count:,}", xytext=(0, 15), fontsize=8, fontweight="bold", **at)
        axes.annotate(f"{count / max(counts.sum(), 1):.1%}", xytext=(0, 5), fontsize=7.5, **at)


def mark_mean(axes: Axes, mean: float) -> None:
    """Draw a dashed line at the mean of all bars, labelled at its end."""
    axes.axhline(mean, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
    axes.annotate(
        f"mean\n{mean:,.0f}",
        (1, mean),
        xycoords=("axes fraction", "data"),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        fontsize=7.5,
        annotation_clip=False,
    )


def blocks_of(image_shape: tuple[int, int], side: int) -> tuple[int, int]:
    """Return how many rows and columns of side x side blocks cover an image, the last partial."""
    height, width = image_shape
    return -(-height // side), -(-width // side)


def side_of_blocks(image_shape: tuple[int, int]) -> int:
    """Return the smallest side of blocks at which an image has at most MAX_PIXELS of them."""
    sides = range(1, max(image_shape) + 1)
    return next(side for side in sides if math.prod(blocks_of(image_shape, side)) <= MAX_PIXELS)


def block_sums(images: np.ndarray, side: int) -> np.ndarray:
    """Sum up blocks of side x side pixels of each image."""
    if side == 1:
        return images
    sums = np.zeros((len(images), *blocks_of(images.shape[1:], side)), np.uint32)
    for row, column in np.ndindex(side, side):
        part = images[:, row::side, column::side]  # partial blocks may lack it
        sums[:, : part.shape[1], : part.shape[2]] += part
    return sums


def correlations(table: Images | Luminance, side: int = 1) -> np.ndarray:
    """Return Pearson's correlation between all pairs of pixels, or of blocks of pixels.

    Returns
    -------
    float64 array of shape (n, n) for n blocks of side x side pixels, in row-major order; NaN where
    a block has the same sum in all images. Sums of integers are exact in float64, so that the
    result does not depend on the number of threads.
    """
    pixels = math.prod(blocks_of(table.image_shape, side))
    products, sums = np.zeros((pixels, pixels)), np.zeros(pixels)
    for chunk in table.chunks():
        part = block_sums(chunk.images, side).reshape(-1, pixels).astype(np.float64)
        products += part.T @ part
        sums += part.sum(axis=0)
    covariances = len(table) * products - np.outer(sums, sums)
    variances = covariances.diagonal()
    deviations = np.sqrt(np.where(variances > 0, variances, np.nan))
    return (covariances / deviations[:, None] / deviations).clip(-1, 1)


def block_means(matrix: np.ndarray, factor: int) -> np.ndarray:
    """Shrink a square matrix by averaging blocks of factor x factor, leaving out NaN.

    A block of NaN alone stays NaN; the last row and column of blocks may be partial.
    """
    side = -(-len(matrix) // factor)
    padded = np.full((side * factor, side * factor), np.nan)
    padded[: len(matrix), : len(matrix)] = matrix
    blocks = padded.reshape(side, factor, side, factor)
    known = (~np.isnan(blocks)).sum(axis=(1, 3))
    return np.nansum(blocks, axis=(1, 3)) / np.where(known > 0, known, np.nan)


@use_style()
def pixel_correlation(table: Images) -> Figure:
    """Draw the correlation between all pairs of pixels, or of blocks of pixels in large images.

    That of colours is the correlation of their luminance.
    """
    colour, table = is_colour(table.image_shape), in_grey(table)
    side = side_of_blocks(table.image_shape)
    height, width = blocks_of(table.image_shape, side)
    one, all_ = ("pixel", "pixels")
    if side > 1:
        one, all_ = "block", f"blocks of {side} \N{MULTIPLICATION SIGN} {side} pixels"
    by = " by luminance" * colour
    matrix = correlations(table, side)
    constant = int(np.isnan(matrix.diagonal()).sum())
    factor = -(-len(matrix) // MAX_SIDE)
    figure = new_figure(
        6.2,
        5.3,
        f"Heat map of the correlation between all pairs of {len(matrix)} {all_}{by}; "
        f"{constant} {one}s with the same value in all images are left blank",
    )
    axes = figure.add_subplot()
    dots = block_means(matrix, factor)
    end = len(dots) * factor - 0.5
    image = axes.imshow(
        dots,
        cmap=matplotlib.colormaps["RdBu_r"].with_extremes(bad=BLANK),
        vmin=-1,
        vmax=1,
        extent=(-0.5, end, end, -0.5),
        interpolation="none",
    )
    step = -(-height // 7) * width
    for axis in (axes.xaxis, axes.yaxis):
        fix_ticks(axis, list(range(0, len(matrix), step)))
    index = f"{one} ({width} \N{MULTIPLICATION SIGN} row + column)"
    limits = (-0.5, len(matrix) - 0.5)
    axes.set(xlim=limits, ylim=limits[::-1], xlabel=index, ylabel=index)
    axes.set_title(f"Correlation between {all_}{by} over {len(table):,} images")
    bar = figure.colorbar(image, ax=axes, shrink=0.7, pad=0.02)
    bar.set_label(f"correlation (grey: {constant} {one}s that never vary)")
    bar.outline.set_visible(False)
    return figure


@use_style()
def sample_digits(table: Images, classes: Sequence[str], per_class: int = 10) -> Figure:
    """Draw the first ``per_class`` images of each class, a row per class.

    The row of a class with fewer images ends in blank tiles.
    """
    count = len(classes)
    tiles = mosaic.blank_tiles(count, per_class, table.image_shape)
    first = [np.flatnonzero(table.labels == label)[:per_class] for label in range(count)]
    filled = [0] * count
    for part in take(table, np.sort(np.concatenate(first))):
        for image, label in zip(part.images, part.labels, strict=True):
            tiles[label, filled[label]] = image
            filled[label] += 1
    picture = mosaic.lay_out(tiles)
    width, height = picture.size
    figure = new_figure(
        width + 0.6,
        height + 0.5,
        f"The first {per_class} training images of each of {count} classes, a row per class",
    )
    axes = figure.add_subplot()
    mosaic.draw(axes, picture, list(map(shortened, classes)))
    axes.set_ylabel("class")
    axes.set_title(f"The first {per_class} images of each class")
    return figure


def class_sums(
    table: Images | Luminance, classes: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sum up the images of each class, pixel by pixel.

    Returns
    -------
    int64 arrays: images of each class, of shape (classes,); the sums of their pixels, and of the
    squares of these, of shape (classes, *image_shape)
    """
    counts = np.zeros(classes, np.int64)
    sums = np.zeros((classes, *table.image_shape), np.int64)
    squares = sums.copy()
    for chunk in table.chunks():
        for label in np.unique(chunk.labels):
            members = chunk.images[chunk.labels == label].astype(np.int64)
            counts[label] += len(members)
            sums[label] += members.sum(axis=0)
            squares[label] += (members**2).sum(axis=0)
    return counts, sums, squares


def mean_tiles(counts: np.ndarray, sums: np.ndarray) -> np.ma.MaskedArray:
    """Return the mean image of each class as a row of tiles; see :func:`class_sums`."""
    tiles = mosaic.blank_tiles(1, len(counts), sums.shape[1:])
    for label in np.flatnonzero(counts):
        tiles[0, label] = sums[label] / counts[label]
    return tiles


@use_style()
def mean_digits(table: Images, classes: Sequence[str]) -> Figure:
    """Draw the mean and the standard deviation of each class's images.

    In colour, the deviation is that of the luminance.
    """
    colour = is_colour(table.image_shape)
    counts, sums, squares = class_sums(table, len(classes))
    means = mean_tiles(counts, sums)
    if colour:
        _, sums, squares = class_sums(in_grey(table), len(classes))
    deviations = mosaic.blank_tiles(1, len(classes), sums.shape[1:])
    for label in np.flatnonzero(counts):
        variance = squares[label] / counts[label] - (sums[label] / counts[label]) ** 2
        deviations[0, label] = np.sqrt(variance)
    pictures = [mosaic.lay_out(tiles) for tiles in (means, deviations)]
    width, height = pictures[0].size
    figure = new_figure(
        max(width + 1.6, 3.4),
        2 * height + 0.95,
        f"Mean and standard deviation of the images of each of {len(classes)} classes,"
        " pixel by pixel" + ", the latter of the luminance" * colour,
    )
    rows = figure.subplots(2, sharex=True)
    # Values from 0 to 255 have a standard deviation of at most 127.5.
    names = "mean", "standard\ndeviation" + "\nof luminance" * colour
    for axes, picture, name, darkest in zip(rows, pictures, names, (255, 127.5), strict=True):
        image = mosaic.draw(axes, picture, [name], darkest)
        if picture.pixels.ndim == 3:
            axes.set_anchor("E")  # as a bar would have it
            continue
        bar = figure.colorbar(image, ax=axes, pad=0.015, ticks=[0, darkest], aspect=8)
        bar.outline.set_visible(False)
    labels_at = list(pictures[0].columns)
    fix_ticks(rows[-1].xaxis, labels_at, list(map(shortened, classes)), room=7)
    rows[-1].set_xlabel("class")
    rows[0].set_title("Mean image of each class")
    return figure
