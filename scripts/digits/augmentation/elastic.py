"""Elastic deformation: smooth random displacements of the pixels of an image.

Simard, Steinkraus and Platt (2003), *Best practices for convolutional neural networks applied to
visual document analysis*: two fields of noise, uniform from -1 to 1, are smoothed with a Gaussian
and multiplied by ``alpha``.

The noise is SplitMix64's (Steele, Lea and Flood 2014, *Fast splittable pseudorandom number
generators*): a copy's random numbers are a function of where they begin and of their place, so that
any copy can be made at any time. Only elementary operations in a fixed order are used, none of a
library, so that all processors give the same bytes.
"""

from collections.abc import Mapping
from math import ceil

import numpy as np

from digits.augmentation.compiling import njit

STEP = 0x9E3779B97F4A7C15
"""The difference of SplitMix64's successive states, modulo 2**64."""

WIDTH = 4.0
"""Standard deviations after which the Gaussian is cut off, as in ``scipy.ndimage``."""


def streams(generator: np.random.Generator, count: int, image_shape: tuple[int, int]) -> np.ndarray:
    """Draw where the random numbers of ``count`` copies begin, one behind the other.

    Returns
    -------
    uint64 array of shape (count,), states of SplitMix64
    """
    words = 2 * _padded(image_shape[0]) * _padded(image_shape[1]) // 4
    first = generator.integers(2**64, dtype=np.uint64)
    return first + np.arange(count, dtype=np.uint64) * np.uint64(words * STEP % 2**64)


def elastic_fields(
    starts: np.ndarray, ranges: Mapping[str, float], image_shape: tuple[int, int]
) -> np.ndarray:
    """Make the displacements of some copies.

    Parameters
    ----------
    starts : see :func:`streams`
    ranges : has ``elastic_alpha`` and ``elastic_sigma``, in pixels

    Returns
    -------
    float32 array of shape (n, 2, height, width), in pixels, right and down
    """
    height, width = image_shape
    sigma = ranges["elastic_sigma"]
    down = (ranges["elastic_alpha"] * smoothing(height, sigma)).astype(np.float32)
    right = smoothing(width, sigma).astype(np.float32)
    fields = np.empty((len(starts), 2, height, width), np.float32)
    _elastic(starts, down, right, fields)
    return fields


def smoothing(size: int, sigma: float) -> np.ndarray:
    """Return the matrix that smooths columns of ``size`` numbers, with 0 beyond their ends.

    It is symmetric, and padded with zeros to a multiple of four rows and columns.
    """
    radius = int(WIDTH * sigma + 0.5)
    offsets = np.arange(-radius, radius + 1)
    kernel = np.exp(-0.5 * (offsets / sigma) ** 2)
    kernel /= kernel.sum()
    distances = np.arange(size)[:, None] - np.arange(size)
    near = np.abs(distances) <= radius
    matrix = np.zeros((_padded(size), _padded(size)))
    matrix[:size, :size][near] = kernel[distances[near] + radius]
    return matrix


def _padded(size: int) -> int:
    return 4 * ceil(size / 4)


@njit(cache=True, nogil=True)
def _elastic(starts: np.ndarray, down: np.ndarray, right: np.ndarray, fields: np.ndarray) -> None:
    height, width = fields.shape[2:]
    noise = np.empty((2, len(down), len(right)), np.float32)
    partly, smooth = np.empty_like(noise[0]), np.empty_like(noise[0])
    for i in range(len(starts)):
        fill_with_noise(starts[i], noise)
        for axis in range(2):
            _multiply(down, noise[axis], partly)
            _multiply(partly, right, smooth)
            fields[i, axis] = smooth[:height, :width]


@njit(cache=True, nogil=True)
def fill_with_noise(start: int, noise: np.ndarray) -> None:
    """Fill a float32 array, of a multiple of four values, with uniform noise from -1 to 1.

    A random word gives four values, each the middle of one of 65,536 steps.
    """
    values = noise.reshape(-1)
    for number in range(values.size // 4):
        state = start + np.uint64(number + 1) * np.uint64(STEP)
        word = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        word ^= word >> np.uint64(31)
        for place in range(4):
            bits = np.int32((word >> np.uint64(16 * place)) & np.uint64(0xFFFF))
            middle = np.float32(bits) - np.float32(32767.5)
            values[4 * number + place] = middle * np.float32(1 / 32768)


@njit(cache=True, nogil=True)
def _multiply(left: np.ndarray, right: np.ndarray, result: np.ndarray) -> None:
    """Multiply matrices whose sides are multiples of four: two rows and four products at a time."""
    rows, inner = left.shape
    result[:] = np.float32(0)
    # What is subtracted is 0, but the compiler does not know and makes slower code otherwise.
    for row in range(0, rows - rows % 2, 2):
        upper, lower = result[row], result[row + 1]
        for k in range(0, inner - inner % 4, 4):
            u0, u1, u2, u3 = left[row, k], left[row, k + 1], left[row, k + 2], left[row, k + 3]
            below = row + 1
            l0, l1, l2, l3 = (
                left[below, k],
                left[below, k + 1],
                left[below, k + 2],
                left[below, k + 3],
            )
            r0, r1, r2, r3 = right[k], right[k + 1], right[k + 2], right[k + 3]
            for x in range(right.shape[1]):
                v0, v1, v2, v3 = r0[x], r1[x], r2[x], r3[x]
                upper[x] = upper[x] + u0 * v0 + u1 * v1 + u2 * v2 + u3 * v3
                lower[x] = lower[x] + l0 * v0 + l1 * v1 + l2 * v2 + l3 * v3
