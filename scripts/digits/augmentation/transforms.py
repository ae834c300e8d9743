"""Random copies of images: affine transforms and displacements composed to a single warp.

The geometry is that of Keras 3's ``RandomTranslation``, ``RandomZoom``, ``RandomRotation`` and
``RandomShear`` with ``interpolation="bilinear"`` and ``fill_mode="constant"``, but that a shear is
about the centre. Keras applies one layer after the other and so interpolates up to three times;
here, the transforms of a copy are composed to one map and the image is interpolated once, which
blurs it less. A single transform differs from Keras's by rounding only, at most 0.51 grey levels; a
composition of three differs by 0.4 levels on average (at most 17) on smooth images, and by less
than 7 on average on the sharpest strokes. The channels of a colour image move together.

A further affine transform is a function in ``AFFINE`` and a key of the configuration with its name;
another kind of displacement, one in ``DISPLACEMENTS``.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import product

import numpy as np

from digits.augmentation.compiling import njit
from digits.augmentation.elastic import elastic_fields, streams
from digits.core.parallel import in_order
from digits.data.held_out import HeldOut
from digits.data.image_tables import Images

KINDS: tuple[tuple[str, ...], ...] = (
    ("translation", "rotation"),
    ("translation", "zoom"),
    ("translation", "zoom", "rotation"),
)
"""The kinds of copies, in the order of their blocks in a tensor; each lists its transforms."""

STAGE = 1
"""Separates the random numbers of this stage from those of others with the same seed."""


Ranges = Mapping[str, float]
"""The section ``augmentation`` of a configuration. By the name of an affine transform, it has the
half-width of the uniform distribution of the transform's parameters: for a translation, shares of
the height and of the width; for a zoom, relative changes of both; for a shear, pixels per pixel,
along both; for a rotation, a share of a full turn."""

Uniform = Callable[[int], np.ndarray]
"""Draws so many parameters of n copies, uniformly: a float64 array with n columns."""


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


def shear_matrices(
    shear_x: np.ndarray, shear_y: np.ndarray, image_shape: tuple[int, int]
) -> np.ndarray:
    """Return maps that shear about the centre: (n,) factors give an array of shape (n, 3, 3).

    A point is taken from ``shear_x`` times its distance below the centre further right, and from
    ``shear_y`` times its distance right of the centre further down.
    """
    centre_y, centre_x = (image_shape[0] - 1) / 2, (image_shape[1] - 1) / 2
    matrices = np.tile(np.eye(3), (len(shear_x), 1, 1))
    matrices[:, 0, 1] = shear_x
    matrices[:, 1, 0] = shear_y
    matrices[:, 0, 2] = -centre_y * shear_x
    matrices[:, 1, 2] = -centre_x * shear_y
    return matrices


def translation(uniform: Uniform, image_shape: tuple[int, int]) -> np.ndarray:
    """Draw translations along both axes."""
    dy, dx = uniform(2)
    return translation_matrices(dx * image_shape[1], dy * image_shape[0])


def rotation(uniform: Uniform, image_shape: tuple[int, int]) -> np.ndarray:
    """Draw rotations."""
    (turn,) = uniform(1)
    return rotation_matrices(turn * 2 * np.pi, image_shape)


def zoom(uniform: Uniform, image_shape: tuple[int, int]) -> np.ndarray:
    """Draw changes of height and of width."""
    zoom_y, zoom_x = 1 + uniform(2)
    return zoom_matrices(zoom_x, zoom_y, image_shape)


def shear(uniform: Uniform, image_shape: tuple[int, int]) -> np.ndarray:
    """Draw shears along both axes."""
    shear_y, shear_x = uniform(2)
    return shear_matrices(shear_x, shear_y, image_shape)


AFFINE = {"translation": translation, "rotation": rotation, "zoom": zoom, "shear": shear}
"""The affine transforms, by the keys of their ranges. Each draws the maps of n copies, an array of
shape (n, 3, 3)."""

DISPLACEMENTS = {"elastic_alpha": elastic_fields}
"""The kinds of displacements, by the keys of their strengths. Each makes the fields of some copies
from their random streams; see :func:`digits.augmentation.elastic.elastic_fields`."""


@dataclass(frozen=True)
class Warps:
    """How n copies are made.

    Attributes
    ----------
    maps : float32 array of shape (n, 2, 3), the affine maps without their last rows
    streams : per kind of displacement in use a uint64 array of shape (n,), where the random numbers
        of a copy begin
    """

    maps: np.ndarray
    streams: Mapping[str, np.ndarray]

    def of(self, chosen: slice | np.ndarray) -> "Warps":
        """Return those of some of the copies."""
        streams = {name: starts[chosen] for name, starts in self.streams.items()}
        return Warps(self.maps[chosen], streams)


def draw_warps(
    generator: np.random.Generator,
    count: int,
    kind: tuple[str, ...],
    ranges: Ranges,
    image_shape: tuple[int, int],
) -> Warps:
    """Draw how ``count`` copies of one kind are made.

    What has a range of 0 and is in none of ``KINDS`` draws no random numbers.

    Parameters
    ----------
    kind : names of affine transforms, in order; further ones with a range follow
    """

    def uniform(name: str) -> Uniform:
        return lambda sides: generator.uniform(-ranges[name], ranges[name], (sides, count))

    # The last transform produces the output, so its map is applied to coordinates first.
    matrices = np.eye(3)
    further = [name for name in AFFINE if name not in KINDS[-1] and ranges[name]]
    for name in (*kind, *further):
        matrices = matrices @ AFFINE[name](uniform(name), image_shape)
    used = [name for name in DISPLACEMENTS if ranges[name]]
    return Warps(
        matrices[:, :2].astype(np.float32),
        {name: streams(generator, count, image_shape) for name in used},
    )


STRIP = 256
"""Copies whose displacements are made at a time, so that they stay in the processor's cache."""


def make_copies(images: np.ndarray, warps: Warps, ranges: Ranges) -> np.ndarray:
    """Return a copy of each image: uint8 arrays of shape (n, height, width[, 3]) in and out."""
    if not warps.streams:
        return warp(images, warps.maps)
    copies = np.empty_like(images)
    for start in range(0, len(images), STRIP):
        part = slice(start, start + STRIP)
        own = warps.of(part)
        fields = reduce(
            np.add,
            (
                DISPLACEMENTS[name](starts, ranges, images.shape[1:3])
                for name, starts in own.streams.items()
            ),
        )
        copies[part] = warp(images[part], own.maps, fields)
    return copies


def warp(images: np.ndarray, matrices: np.ndarray, fields: np.ndarray | None = None) -> np.ndarray:
    """Apply a map to each image, with bilinear interpolation and 0 outside the image.

    Parameters
    ----------
    images : uint8 array of shape (n, height, width), or (n, height, width, 3) in colour
    matrices : array of shape (n, 2 or 3, 3), affine, from output to input coordinates
    fields : displacements right and down that are added to the input coordinates, in pixels;
        float32 array of shape (n, 2, height, width); none by default

    Returns
    -------
    uint8 array of the shape of ``images``, rounded to the nearest integer
    """
    if images.ndim == 4:
        planes = np.moveaxis(images, -1, 0)
        warped = [warp(np.ascontiguousarray(plane), matrices, fields) for plane in planes]
        return np.stack(warped, axis=-1)
    rows = np.ascontiguousarray(matrices[:, :2].reshape(-1, 6), dtype=np.float32)
    height, width = images.shape[1:]
    padded, warped = np.zeros((height + 3, width + 3), np.float32), np.empty_like(images)
    if fields is None:
        _warp(images, rows, padded, warped)
    else:
        _warp_displaced(images, rows, fields, padded, warped)
    return warped


# The loops below keep to single elements: arrays that are made, sliced or unpacked in them would
# take numba several seconds to compile.


@njit(cache=True, nogil=True)
def _copy_inside(images: np.ndarray, number: int, padded: np.ndarray) -> None:
    """Copy an image into the middle of an array with a border of zeros, one wide and two wide."""
    for y in range(images.shape[1]):
        for x in range(images.shape[2]):
            padded[y + 1, x + 1] = images[number, y, x]


@njit(cache=True, nogil=True)
def _sample(padded: np.ndarray, x: float, y: float) -> int:
    """Interpolate at a point of an image that is padded with a border of zeros."""
    # Points outside are clamped into the border, which saves testing where a point is.
    source_x = min(max(x, np.float32(0)), np.float32(padded.shape[1] - 2))
    source_y = min(max(y, np.float32(0)), np.float32(padded.shape[0] - 2))
    # Unsigned, because numba would otherwise check for negative indices.
    left, top = np.uint32(source_x), np.uint32(source_y)
    right_share, bottom_share = source_x - np.float32(left), source_y - np.float32(top)
    upper_left, lower_left = padded[top, left], padded[top + 1, left]
    upper = upper_left + right_share * (padded[top, left + 1] - upper_left)
    lower = lower_left + right_share * (padded[top + 1, left + 1] - lower_left)
    return np.uint8(upper + bottom_share * (lower - upper) + np.float32(0.5))


@njit(cache=True, nogil=True)
def _warp(images: np.ndarray, matrices: np.ndarray, padded: np.ndarray, warped: np.ndarray) -> None:
    count, height, width = images.shape
    one = np.float32(1)
    for i in range(count):
        _copy_inside(images, i, padded)
        a0, a1, a2 = matrices[i, 0], matrices[i, 1], matrices[i, 2]
        b0, b1, b2 = matrices[i, 3], matrices[i, 4], matrices[i, 5]
        for y in range(height):
            row_x, row_y = a1 * np.float32(y) + a2 + one, b1 * np.float32(y) + b2 + one
            for x in range(width):
                warped[i, y, x] = _sample(
                    padded, a0 * np.float32(x) + row_x, b0 * np.float32(x) + row_y
                )


@njit(cache=True, nogil=True)
def _warp_displaced(
    images: np.ndarray,
    matrices: np.ndarray,
    fields: np.ndarray,
    padded: np.ndarray,
    warped: np.ndarray,
) -> None:
    count, height, width = images.shape
    one = np.float32(1)
    for i in range(count):
        _copy_inside(images, i, padded)
        a0, a1, a2 = matrices[i, 0], matrices[i, 1], matrices[i, 2]
        b0, b1, b2 = matrices[i, 3], matrices[i, 4], matrices[i, 5]
        for y in range(height):
            row_x, row_y = a1 * np.float32(y) + a2 + one, b1 * np.float32(y) + b2 + one
            for x in range(width):
                warped[i, y, x] = _sample(
                    padded,
                    a0 * np.float32(x) + row_x + fields[i, 0, y, x],
                    b0 * np.float32(x) + row_y + fields[i, 1, y, x],
                )


def augmented_chunks(
    table: Images,
    held_out: HeldOut,
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
    held_out : the validation images

    Yields
    ------
    uint8 arrays of shape (any, *image_shape), (1 + 3 copies) n images in total, in blocks of n:
    the originals, then the copies of the first, second and third kind
    """
    for chunk in table.chunks():
        yield chunk.images
    yield from in_order(
        lambda task: unseen_copies(*task, ranges, held_out),
        _tasks(table, copies=copies, ranges=ranges, seed=seed, fold=fold),
    )


def _tasks(
    table: Images, *, copies: int, ranges: Ranges, seed: int, fold: int
) -> Iterator[tuple[np.ndarray, Warps]]:
    """Yield the images of each chunk with how they are copied, one copy after the other."""
    for (number, kind), copy in product(enumerate(KINDS), range(copies)):
        generator = np.random.default_rng([seed, STAGE, fold, number, copy])
        warps = draw_warps(generator, len(table), kind, ranges, table.image_shape[:2])
        start = 0
        for chunk in table.chunks():
            part = slice(start, start + len(chunk))
            yield chunk.images, warps.of(part)
            start = part.stop


def unseen_copies(
    images: np.ndarray, warps: Warps, ranges: Ranges, held_out: HeldOut
) -> np.ndarray:
    """Return a copy of each image, or the image itself where the copy equals a held-out one."""
    copies = make_copies(images, warps, ranges)
    equal = held_out.contains(copies)
    copies[equal] = images[equal]
    return copies
