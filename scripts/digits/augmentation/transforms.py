"""Random affine copies of images: translation, zoom and rotation composed to a single warp.

The geometry is that of Keras 3's ``RandomTranslation``, ``RandomZoom`` and ``RandomRotation`` with
``interpolation="bilinear"`` and ``fill_mode="constant"``. Keras applies one layer after the other
and so interpolates up to three times; here, the transforms of a copy are composed to one affine
map and the image is interpolated once, which blurs it less. A single transform differs from
Keras's by rounding only, at most 0.51 grey levels; a composition of three differs by 0.4 levels on
average (at most 17) on smooth images, and by less than 7 on average on the sharpest strokes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numba import config, njit

from digits.core import environment
from digits.core.parallel import in_order
from digits.data.image_tables import Images, digest

KINDS: tuple[tuple[str, ...], ...] = (
    ("translation", "rotation"),
    ("translation", "zoom"),
    ("translation", "zoom", "rotation"),
)
"""The kinds of copies, in the order of their blocks in a tensor; each lists its transforms."""

STAGE = 1
"""Separates the random numbers of this stage from those of others with the same seed."""

# Numba refuses to compile without a folder for its cache.
config.CACHE_DIR = config.CACHE_DIR or str(environment.own_cache("numba") or "")


@dataclass(frozen=True)
class Ranges:
    """Half-widths of the uniform distributions of the transforms' parameters.

    Attributes
    ----------
    translation : share of the height and of the width, drawn independently
    rotation : share of a full turn
    zoom : relative change of scale, height and width drawn independently
    """

    translation: float
    rotation: float
    zoom: float


def translation_matrices(dx: np.ndarray, dy: np.ndarray) -> np.ndarray:
    """Return maps that move content right by ``dx`` and down by ``dy`` pixels.

    As everywhere here, a map takes the homogeneous coordinates (x, y, 1) of an output pixel to the
    input point that it shows.

    Parameters
    ----------
    dx, dy : float arrays of shape (n,), pixels

    Returns
    -------
    float64 array of shape (n, 3, 3)
    """
    matrices = np.tile(np.eye(3), (len(dx), 1, 1))
    matrices[:, 0, 2] = -dx
    matrices[:, 1, 2] = -dy
    return matrices


def zoom_matrices(
    zoom_x: np.ndarray, zoom_y: np.ndarray, image_shape: tuple[int, int]
) -> np.ndarray:
    """Return maps that scale about the centre: (n,) factors give an array of shape (n, 3, 3).

    A factor above 1 shows more of the input, so content shrinks.
    """
    height, width = image_shape
    matrices = np.zeros((len(zoom_x), 3, 3))
    matrices[:, 0, 0] = zoom_x
    matrices[:, 1, 1] = zoom_y
    matrices[:, 0, 2] = (width - 1) / 2 * (1 - zoom_x)
    matrices[:, 1, 2] = (height - 1) / 2 * (1 - zoom_y)
    matrices[:, 2, 2] = 1
    return matrices


def rotation_matrices(angle: np.ndarray, image_shape: tuple[int, int]) -> np.ndarray:
    """Return maps that rotate about the centre by ``angle`` radians, counter-clockwise as seen.

    Angles of shape (n,) give an array of shape (n, 3, 3).
    """
    centre_y, centre_x = (image_shape[0] - 1) / 2, (image_shape[1] - 1) / 2
    cos, sin = np.cos(angle), np.sin(angle)
    matrices = np.zeros((len(angle), 3, 3))
    matrices[:, 0, 0] = cos
    matrices[:, 0, 1] = -sin
    matrices[:, 0, 2] = centre_x - centre_x * cos + centre_y * sin
    matrices[:, 1, 0] = sin
    matrices[:, 1, 1] = cos
    matrices[:, 1, 2] = centre_y - centre_x * sin - centre_y * cos
    matrices[:, 2, 2] = 1
    return matrices


Draws = list[tuple[str, np.ndarray]]
"""The parameters drawn for n copies of one kind: the names of its transforms in order, each with a
float64 array of shape (2, n), shares of height and width or scale factors of both; for a rotation,
of shape (1, n), in radians."""


def draw_transforms(
    generator: np.random.Generator, count: int, kind: tuple[str, ...], ranges: Ranges
) -> Draws:
    """Draw the parameters of the transforms of ``count`` copies of one kind."""

    def uniform(half_width: float, sides: int) -> np.ndarray:
        return generator.uniform(-half_width, half_width, (sides, count))

    def draw(transform: str) -> np.ndarray:
        if transform == "translation":
            return uniform(ranges.translation, 2)
        if transform == "zoom":
            return 1 + uniform(ranges.zoom, 2)
        return uniform(ranges.rotation, 1) * 2 * np.pi

    return [(transform, draw(transform)) for transform in kind]


def compose(draws: Draws, image_shape: tuple[int, int]) -> np.ndarray:
    """Compose the transforms of each copy, in the order of the list, to one affine map.

    Returns
    -------
    float64 array of shape (n, 3, 3)
    """
    height, width = image_shape
    # The last transform produces the output, so its map is applied to coordinates first.
    matrices = np.eye(3)
    for transform, values in draws:
        if transform == "translation":
            step = translation_matrices(values[1] * width, values[0] * height)
        elif transform == "zoom":
            step = zoom_matrices(values[1], values[0], image_shape)
        else:
            step = rotation_matrices(values[0], image_shape)
        matrices = matrices @ step
    return matrices


def warp(images: np.ndarray, matrices: np.ndarray) -> np.ndarray:
    """Apply an affine map to each image, with bilinear interpolation and 0 outside the image.

    Parameters
    ----------
    images : uint8 array of shape (n, height, width)
    matrices : array of shape (n, 3, 3), affine, from output to input coordinates

    Returns
    -------
    uint8 array of shape (n, height, width), rounded to the nearest integer
    """
    rows = np.ascontiguousarray(matrices[:, :2].reshape(-1, 6), dtype=np.float32)
    warped = np.empty_like(images)
    _warp(images, rows, warped)
    return warped


@njit(cache=True, nogil=True)
def _warp(images: np.ndarray, matrices: np.ndarray, warped: np.ndarray) -> None:
    count, height, width = images.shape
    one, zero, half = np.float32(1), np.float32(0), np.float32(0.5)
    # Points outside are clamped into a border of zeros, which saves testing where a point is.
    padded = np.zeros((height + 3, width + 3), np.float32)
    last_x, last_y = np.float32(width + 1), np.float32(height + 1)
    for i in range(count):
        padded[1 : height + 1, 1 : width + 1] = images[i]
        a0, a1, a2, b0, b1, b2 = matrices[i]
        for y in range(height):
            row_x, row_y = a1 * np.float32(y) + a2 + one, b1 * np.float32(y) + b2 + one
            for x in range(width):
                source_x = min(max(a0 * np.float32(x) + row_x, zero), last_x)
                source_y = min(max(b0 * np.float32(x) + row_y, zero), last_y)
                # Unsigned, because numba would otherwise check for negative indices.
                left, top = np.uint32(source_x), np.uint32(source_y)
                right_share, bottom_share = source_x - np.float32(left), source_y - np.float32(top)
                upper_left, lower_left = padded[top, left], padded[top + 1, left]
                upper = upper_left + right_share * (padded[top, left + 1] - upper_left)
                lower = lower_left + right_share * (padded[top + 1, left + 1] - lower_left)
                warped[i, y, x] = np.uint8(upper + bottom_share * (lower - upper) + half)


def augmented_chunks(
    table: Images,
    held_out: np.ndarray,
    *,
    copies: int,
    ranges: Ranges,
    seed: int,
    fold: int,
) -> Iterator[np.ndarray]:
    """Yield the original images, then ``copies`` new random copies of each kind, in chunks.

    Every copy has its own random stream, a function of (seed, fold, kind, copy) alone. A copy that
    happens to equal a validation image (for instance, a stroke moved out of sight, where one of
    those is blank) is replaced by the original image.

    Parameters
    ----------
    table : n images; read once per block, so that none has to be kept in memory
    held_out : hashes of the validation images, V16 array

    Yields
    ------
    uint8 arrays of shape (any, height, width), (1 + 3 copies) n images in total, in blocks of n:
    the originals, then the copies of the first, second and third kind
    """
    for chunk in table.chunks():
        yield chunk.images
    yield from in_order(
        lambda task: warp_unseen(*task, held_out),
        _tasks(table, copies=copies, ranges=ranges, seed=seed, fold=fold),
    )


def _tasks(
    table: Images, *, copies: int, ranges: Ranges, seed: int, fold: int
) -> Iterator[tuple[np.ndarray, Draws]]:
    """Yield the images of each chunk with their drawn parameters, one copy after the other."""
    for (number, kind), copy in product(enumerate(KINDS), range(copies)):
        generator = np.random.default_rng([seed, STAGE, fold, number, copy])
        draws = draw_transforms(generator, len(table), kind, ranges)
        start = 0
        for chunk in table.chunks():
            part = slice(start, start + len(chunk))
            yield chunk.images, [(transform, values[:, part]) for transform, values in draws]
            start = part.stop


def warp_unseen(images: np.ndarray, draws: Draws, held_out: np.ndarray) -> np.ndarray:
    """Return a copy of each image, or the image itself where the copy equals a held-out one."""
    warped = warp(images, compose(draws, images.shape[1:]))
    equal = np.isin(digest(warped), held_out)
    warped[equal] = images[equal]
    return warped
