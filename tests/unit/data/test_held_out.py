"""Images that equal a held-out one are found, all of them and no others."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from digits.data import held_out
from digits.data.held_out import HeldOut, sums_of
from digits.data.image_tables import ImageTable


def images_of(count):
    sides = st.tuples(st.just(count), st.integers(1, 2), st.integers(1, 9))
    return arrays.arrays(np.uint8, sides, elements=st.integers(0, 1))


@given(images_of(40), st.integers(0, 40), st.integers(1, 9))
@settings(deadline=None)
def test_images_are_found_by_their_bytes_whatever_tables_the_others_came_in(images, cut, size):
    kept, others = images[:cut], images[cut:]
    tables = [ImageTable(kept[start : start + size]) for start in range(0, cut, size)]
    known = {bytes(image.ravel().tolist()) for image in kept}
    expected = [bytes(image.ravel().tolist()) in known for image in others]
    assert HeldOut(tables).contains(others).tolist() == expected


@pytest.mark.parametrize("shape", [(28, 28), (3, 5), (4, 4, 3)])
def test_a_pixel_that_differs_makes_another_image(shape):
    image = np.random.default_rng(1).integers(0, 256, (1, *shape), dtype=np.uint8)
    others = np.repeat(image, image.size, axis=0)
    others.reshape(image.size, -1)[np.diag_indices(image.size)] ^= 128
    known = HeldOut([ImageTable(image)])
    assert known.contains(image).all()
    assert not known.contains(others).any()


def test_images_of_the_same_sum_are_told_apart(monkeypatch):
    images = np.arange(12, dtype=np.uint8).reshape(6, 1, 2)
    monkeypatch.setattr(held_out, "sums_of", lambda images: np.zeros(len(images), np.uint64))
    assert HeldOut([ImageTable(images[::2])]).contains(images).tolist() == [True, False] * 3


def test_sums_depend_on_the_place_of_each_pixel():
    images = np.eye(30, dtype=np.uint8).reshape(30, 5, 6)
    assert len(set(sums_of(images).tolist())) == 30


def test_nothing_is_found_among_no_images():
    assert HeldOut([]).contains(np.zeros((3, 2, 2), np.uint8)).tolist() == [False] * 3
    assert HeldOut([ImageTable(np.zeros((1, 2, 2), np.uint8))]).contains(
        np.zeros((0, 2, 2), np.uint8)
    ).shape == (0,)
