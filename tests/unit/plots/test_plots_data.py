import math
import tracemalloc
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digits.data.image_tables import ImageTable
from digits.data.luminance import luma
from digits.plots import data
from digits.plots.style import save

pytestmark = pytest.mark.filterwarnings("error")


def digits(count: int, classes: int, shape=(6, 5), seed: int = 0) -> ImageTable:
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, *shape), dtype=np.uint8)
    images[:, 0, 0] = 7  # a pixel that never varies
    return ImageTable(images, (np.arange(count) % classes).astype(np.uint8))


def tick_texts(axis) -> list[str]:
    return [label.get_text() for label in axis.get_ticklabels()]


def test_class_distribution_shows_counts_and_shares():
    figure = data.class_distribution(np.array([0, 0, 0, 2], dtype=np.uint8), range(3))
    axes = figure.axes[0]
    assert [bar.get_height() for bar in axes.patches] == [3, 0, 1]
    texts = [text.get_text() for text in axes.texts]
    assert texts == ["3", "75.0%", "0", "0.0%", "1", "25.0%", "mean\n1"]
    assert tick_texts(axes.xaxis) == ["0", "1", "2"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("class", "images")
    assert "4 in all" in axes.get_title(loc="left")


def test_correlations_equal_numpys():
    table = digits(50, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = np.corrcoef(table.images.reshape(50, -1).T.astype(float))
    actual = data.correlations(table)
    assert np.isnan(actual[0]).all() and np.isnan(actual[:, 0]).all()
    np.testing.assert_allclose(actual, expected, atol=1e-12)


def test_correlations_do_not_depend_on_the_order_of_images(monkeypatch):
    table = digits(50, 2)
    first = data.correlations(table)
    monkeypatch.setattr("digits.data.image_tables.CHUNK", 7)
    np.testing.assert_array_equal(data.correlations(ImageTable(table.images[::-1])), first)


@given(st.integers(1, 12), st.integers(1, 5), st.integers(0, 99))
def test_block_means_average_what_is_known(side, factor, seed):
    rng = np.random.default_rng(seed)
    matrix = np.where(rng.random((side, side)) < 0.4, np.nan, rng.random((side, side)))
    shrunk = data.block_means(matrix, factor)
    assert len(shrunk) == -(-side // factor)
    for row, column in np.ndindex(*shrunk.shape):
        block = matrix[row * factor :, column * factor :][:factor, :factor]
        known = block[~np.isnan(block)]
        expected = known.mean() if len(known) else np.nan
        np.testing.assert_allclose(shrunk[row, column], expected)


def test_pixel_correlation_draws_the_matrix_and_leaves_constant_pixels_blank():
    table = digits(40, 2)
    figure = data.pixel_correlation(table)
    drawn = figure.axes[0].images[0].get_array()
    assert drawn.mask[0].all() and drawn.mask[:, 0].all()
    np.testing.assert_array_equal(drawn[1:, 1:], data.correlations(table)[1:, 1:])
    assert figure.axes[0].get_xlabel() == "pixel (5 \N{MULTIPLICATION SIGN} row + column)"
    assert tick_texts(figure.axes[0].yaxis) == ["0", "5", "10", "15", "20", "25"]
    assert "1 pixels that never vary" in figure.axes[1].get_ylabel()


def test_large_correlations_are_shrunk_and_keep_their_axes(monkeypatch):
    monkeypatch.setattr(data, "MAX_SIDE", 8)
    axes = data.pixel_correlation(digits(40, 2)).axes[0]
    assert axes.images[0].get_array().shape == (8, 8)  # blocks of 4 x 4, the last one partial
    assert axes.images[0].get_extent() == [-0.5, 31.5, 31.5, -0.5]
    assert axes.get_xlim() == (-0.5, 29.5)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 5))
def test_block_sums_add_up_every_pixel_once(height, width, side):
    images = np.random.default_rng(0).integers(0, 256, (3, height, width), dtype=np.uint8)
    sums = data.block_sums(images, side)
    assert sums.shape[1:] == data.blocks_of((height, width), side)
    for row, column in np.ndindex(*sums.shape[1:]):
        block = images[:, row * side :, column * side :][:, :side, :side]
        np.testing.assert_array_equal(sums[:, row, column], block.sum(axis=(1, 2)))


@pytest.mark.parametrize(
    ("shape", "side"),
    [((28, 28), 1), ((64, 64), 1), ((65, 64), 2), ((1, 256), 1), ((256, 256), 4), ((256, 17), 2)],
)
def test_images_are_correlated_in_blocks_only_where_their_pixels_are_many(shape, side):
    assert data.side_of_blocks(shape) == side
    assert math.prod(data.blocks_of(shape, side)) <= 64 * 64


def test_blocks_are_named_as_such(monkeypatch):
    monkeypatch.setattr(data, "MAX_PIXELS", 9)
    table = digits(40, 2)
    figure = data.pixel_correlation(table)
    axes, blocks = figure.axes[0], "blocks of 2 \N{MULTIPLICATION SIGN} 2 pixels"
    np.testing.assert_array_equal(axes.images[0].get_array(), data.correlations(table, 2))
    assert axes.images[0].get_array().shape == (9, 9)
    assert axes.get_title(loc="left") == f"Correlation between {blocks} over 40 images"
    assert axes.get_xlabel() == "block (3 \N{MULTIPLICATION SIGN} row + column)"
    assert "0 blocks that never vary" in figure.axes[1].get_ylabel()


def test_the_largest_images_are_correlated_in_bounded_memory():
    table = digits(2, 2, (256, 256))
    tracemalloc.start()
    try:
        data.pixel_correlation(table)
        assert tracemalloc.get_traced_memory()[1] < 1 << 30
    finally:
        tracemalloc.stop()


def test_sample_digits_shows_the_first_images_of_each_class_in_order():
    table = digits(50, 3)
    figure = data.sample_digits(table, range(3), per_class=4)
    axes = figure.axes[0]
    pixels = axes.images[0].get_array()
    for label in range(3):
        members = table.images[table.labels == label]
        for column in range(4):
            shown = pixels[7 * label : 7 * label + 6, 6 * column : 6 * column + 5]
            np.testing.assert_array_equal(shown, members[column])
    assert len(axes.images) == 1
    assert tick_texts(axes.yaxis) == ["0", "1", "2"]


def test_classes_with_few_images_end_in_blank_tiles():
    table = digits(5, 2)  # class 0 has three images, class 1 has two, class 2 none
    pixels = data.sample_digits(table, range(3), per_class=3).axes[0].images[0].get_array()
    assert pixels.count() == 5 * 30
    assert pixels.mask[14:].all()


def test_mean_digits_shows_mean_and_standard_deviation(monkeypatch):
    monkeypatch.setattr("digits.data.image_tables.CHUNK", 7)
    table = digits(20, 2)
    figure = data.mean_digits(table, range(3))
    mean, deviation = (axes.images[0] for axes in figure.axes[:2])
    for label, left in ((0, 0), (1, 6)):
        members = table.images[table.labels == label].astype(float)
        shown = mean.get_array()[:, left : left + 5]
        np.testing.assert_allclose(shown, members.mean(axis=0), rtol=1e-6)
        shown = deviation.get_array()[:, left : left + 5]
        np.testing.assert_allclose(shown, members.std(axis=0), rtol=1e-6)
    assert mean.get_array().mask[:, 12:].all()
    assert (mean.get_clim(), deviation.get_clim()) == ((0, 255), (0, 127.5))
    assert tick_texts(figure.axes[1].xaxis) == ["0", "1", "2"]


def test_the_same_images_give_the_same_bytes(tmp_path):
    table = digits(30, 2)
    for name in ("first.svg", "second.svg"):
        save(data.mean_digits(table, range(2)), tmp_path / name)
    assert (tmp_path / "first.svg").read_bytes() == (tmp_path / "second.svg").read_bytes()


def test_colours_have_samples_and_means_in_colour_and_the_rest_by_luminance():
    table = digits(20, 2, (6, 5, 3))
    grey = ImageTable(luma(table.images), table.labels)
    drawn = data.sample_digits(table, range(2), 3).axes[0].images[0].get_array()
    np.testing.assert_array_equal(drawn[:6, :5, :3], table.images[0])
    figure = data.pixel_correlation(table)
    expected = data.pixel_correlation(grey).axes[0].images[0].get_array()
    np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), expected)
    title = figure.axes[0].get_title(loc="left")
    assert title == "Correlation between pixels by luminance over 20 images"
    mean, deviation, *bars = data.mean_digits(table, range(2)).axes
    first = table.images[table.labels == 0]
    np.testing.assert_array_equal(
        mean.images[0].get_array()[:, :5, :3], np.round(first.mean(axis=0).astype(np.float32))
    )
    of_grey = data.mean_digits(grey, range(2)).axes[1].images[0].get_array()
    np.testing.assert_array_equal(deviation.images[0].get_array(), of_grey)
    assert tick_texts(deviation.yaxis) == ["standard\ndeviation\nof luminance"]
    assert len(bars) == 1
