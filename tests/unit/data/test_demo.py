"""The demo's data: real digits, as large as MNIST's, split with every class in both parts."""

import numpy as np
import pytest
from scipy import ndimage
from sklearn import datasets

from digits.data import demo


@pytest.fixture(scope="module")
def digits():
    return demo.load_digits()


def test_images_look_like_mnist(digits):
    images, labels = digits
    assert images.shape == (1797, 28, 28)
    assert images.dtype == labels.dtype == np.uint8
    assert images.max() == 255
    margins = images.copy()
    margins[:, 4:24, 4:24] = 0
    assert not margins.any()
    assert 20 < images.mean() < 60
    rows = images.mean(axis=(0, 2))
    assert (rows @ np.arange(28)) / rows.sum() == pytest.approx(13.5, abs=0.5)


def test_enlarging_equals_bilinear_interpolation(digits):
    small = datasets.load_digits().images[:50]
    drawn = digits[0][:50, 4:24, 4:24]
    zoomed = ndimage.zoom(
        small, (1, 2.5, 2.5), order=1, mode="grid-constant", grid_mode=True, prefilter=False
    )
    assert np.abs(drawn - zoomed * 255 / 16).max() <= 0.5 + 1e-9


def test_full_ink_is_white_and_none_is_black():
    assert demo.enlarge(np.full((1, 8, 8), 16))[0, 5:23, 5:23].min() == 255
    assert demo.enlarge(np.zeros((1, 8, 8), dtype=np.int64)).max() == 0


def test_the_split_is_stratified_fixed_and_complete(digits):
    _, labels = digits
    train, test = demo.split(labels)
    assert (len(train), len(test)) == (1437, 360)
    assert sorted([*train, *test]) == list(range(1797))
    share = np.bincount(labels[test]) / np.bincount(labels)
    assert np.abs(share - 0.2).max() < 0.005
    again, _ = demo.split(labels)
    assert np.array_equal(train, again)


def test_no_image_of_the_test_set_is_in_training(digits):
    images, labels = digits
    train, test = demo.split(labels)
    assert demo.count_shared(images[train], images[test]) == 0


def test_shared_images_are_counted():
    a, b = np.zeros((1, 2, 2), np.uint8), np.ones((1, 2, 2), np.uint8)
    assert demo.count_shared(np.concatenate([a, b]), np.concatenate([b, b, a + 2])) == 2


def test_csvs_have_the_headers_and_values_of_kaggle():
    images = np.array([[[0, 255], [7, 8]], [[1, 2], [3, 4]]], dtype=np.uint8)
    labels = np.array([9, 3], dtype=np.uint8)
    pixels = "pixel0,pixel1,pixel2,pixel3"
    assert demo.image_csv(images, labels) == f"label,{pixels}\n9,0,255,7,8\n3,1,2,3,4\n"
    assert demo.image_csv(images) == f"{pixels}\n0,255,7,8\n1,2,3,4\n"
    assert demo.label_csv(labels) == "ImageId,Label\n1,9\n2,3\n"
