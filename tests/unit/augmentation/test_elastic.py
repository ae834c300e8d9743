"""Elastic deformation: its noise, and its smoothing compared with SciPy's."""

import numpy as np
import pytest
from scipy import ndimage, stats

from digits.augmentation.elastic import elastic_fields, fill_with_noise, smoothing, streams

RANGES = {"elastic_alpha": 36, "elastic_sigma": 5}


def split_mix(state: int, count: int) -> list[int]:
    """The generator as its authors give it, in Python's integers."""
    words, mask = [], 2**64 - 1
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & mask
        word = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
        word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & mask
        words.append(word ^ (word >> 31))
    return words


def noise_from(start: int, shape: tuple[int, ...]) -> np.ndarray:
    noise = np.empty(shape, np.float32)
    fill_with_noise(np.uint64(start), noise)
    return noise


def test_the_noise_is_that_of_split_mix():
    words = split_mix(1234567, 7)
    assert words[0] == 6457827717110365317  # the first of the reference implementation's output
    values = [(word >> 16 * place) & 0xFFFF for word in words for place in range(4)]
    expected = (np.array(values) + 0.5) / 32768 - 1
    np.testing.assert_allclose(noise_from(1234567, (7, 4)).ravel(), expected, atol=1e-7)


def test_the_noise_is_uniform_and_independent():
    noise = noise_from(5, (1000, 1000)).astype(float)
    assert -1 < noise.min() < -0.9999 < 0.9999 < noise.max() < 1
    # Reproducible, so no run fails by chance.
    assert stats.kstest(noise.ravel(), stats.uniform(-1, 2).cdf).pvalue > 0.01
    for shift in (1, 2, 3, 4, 784, 1568):
        later = noise.ravel()[shift:]
        assert abs(np.corrcoef(noise.ravel()[:-shift], later)[0, 1]) < 0.005


@pytest.mark.parametrize("shape", [(28, 28), (5, 12), (9, 7), (1, 1)])
@pytest.mark.parametrize("sigma", [0.5, 4, 30])
def test_fields_are_noise_smoothed_as_by_scipy(shape, sigma):
    starts = streams(np.random.default_rng(3), 4, shape)
    ranges = {"elastic_alpha": 7, "elastic_sigma": sigma}
    fields = elastic_fields(starts, ranges, shape)
    assert (fields.dtype, fields.shape) == (np.float32, (4, 2, *shape))
    grid = [4 * -(-side // 4) for side in shape]
    for start, pair in zip(starts, fields, strict=True):
        noise = noise_from(start, (2, *grid))[:, : shape[0], : shape[1]].astype(float)
        for raw, field in zip(noise, pair, strict=True):
            smooth = ndimage.gaussian_filter(raw, sigma, mode="constant", truncate=4.0)
            np.testing.assert_allclose(field, 7 * smooth, atol=1e-5)


def test_smoothing_keeps_what_is_far_from_the_edges():
    matrix = smoothing(50, 2)
    np.testing.assert_allclose(matrix[:, 8:42].sum(axis=0), 1)
    np.testing.assert_array_equal(matrix[50:], 0)


def test_displacements_are_as_large_as_their_description_says():
    fields = elastic_fields(streams(np.random.default_rng(0), 3000, (28, 28)), RANGES, (28, 28))
    inner = fields[:, :, 10:18, 10:18]
    # The variance of uniform noise, times the sum of the squared weights of the Gaussian.
    expected = 36 * np.sqrt(1 / 3) / (2 * 5 * np.sqrt(np.pi))
    assert inner.std() == pytest.approx(expected, rel=0.03)
    assert abs(inner.mean()) < 0.02


def test_copies_share_no_random_numbers():
    shape = (9, 7)  # on a grid of 12 x 8
    starts = streams(np.random.default_rng(1), 3, shape)
    whole = noise_from(starts[0], (3, 2, 12, 8))
    for start, noise in zip(starts, whole, strict=True):
        np.testing.assert_array_equal(noise_from(start, (2, 12, 8)), noise)


def test_a_field_is_a_function_of_its_start_alone():
    starts = streams(np.random.default_rng(1), 9, (8, 8))
    fields = elastic_fields(starts, RANGES, (8, 8))
    np.testing.assert_array_equal(elastic_fields(starts[[7, 2]], RANGES, (8, 8)), fields[[7, 2]])
