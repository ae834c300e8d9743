"""New copies for every epoch: a function of seed, fold, epoch, copy and image alone."""

import numpy as np
import pytest

from digits.augmentation.fresh import FreshCopies
from digits.data.held_out import HeldOut
from digits.data.image_tables import ImageTable

IMAGES = np.random.default_rng(1).integers(1, 256, (30, 9, 8), dtype=np.uint8)
LABELS = np.arange(30, dtype=np.uint8)
NONE = np.empty((0, 9, 8), np.uint8)
SETTINGS = {
    "copies": 1, "translation": 0.1, "rotation": 0.1, "zoom": 0.15, "shear": 0.1,
    "elastic_alpha": 20, "elastic_sigma": 3, "seed": 422,
}  # fmt: skip


def source(held_out=NONE, fold=0, **changes) -> FreshCopies:
    return FreshCopies((IMAGES, LABELS), HeldOut([ImageTable(held_out)]), SETTINGS | changes, fold)


def copies(epoch=1, order=None, **changes) -> np.ndarray:
    """The copies of an epoch in an order, by default copy by copy and image by image."""
    order = np.arange(120, dtype=np.int32) if order is None else order
    return source(**changes).epoch(epoch)(order[None])[0]


def test_an_epoch_has_as_many_images_as_the_tensor_of_fixed_copies_with_their_labels():
    still = dict.fromkeys(("translation", "rotation", "zoom", "shear", "elastic_alpha"), 0)
    fresh = source(**still)
    assert len(fresh) == 120
    batches = np.random.default_rng(0).permutation(120).astype(np.int32).reshape(12, 10)
    images, labels, places = fresh.epoch(1)(batches)
    assert np.bincount(labels).tolist() == [4] * 30
    np.testing.assert_array_equal(images, IMAGES[labels])
    np.testing.assert_array_equal(labels[places], LABELS[batches % 30])


def test_no_two_copies_are_alike_nor_is_any_the_image():
    blocks = np.concatenate([IMAGES, copies(epoch=1), copies(epoch=2)]).reshape(9, 30, -1)
    for number in range(9):
        for other in range(number):
            assert (blocks[number] != blocks[other]).any(axis=1).all()


@pytest.mark.parametrize("elastic_alpha", [0, 20])
def test_a_copy_is_the_same_in_any_order_and_in_any_part(elastic_alpha):
    whole = copies(elastic_alpha=elastic_alpha)
    order = np.random.default_rng(0).permutation(120).astype(np.int32)
    np.testing.assert_array_equal(copies(order=order, elastic_alpha=elastic_alpha), whole[order])
    make = source(elastic_alpha=elastic_alpha).epoch(1)
    parts = [make(order[None, start : start + 7])[0] for start in range(0, 120, 7)]
    np.testing.assert_array_equal(np.concatenate(parts), whole[order])


def test_other_seeds_folds_and_epochs_have_other_copies():
    once = copies()
    np.testing.assert_array_equal(copies(), once)
    for change in ({"seed": 423}, {"fold": 1}, {"epoch": 2}):
        assert (copies(**change) != once).any(axis=(1, 2)).all()
    # More copies leave the first as they are.
    np.testing.assert_array_equal(copies(copies=2), once)


def test_a_copy_that_happens_to_be_a_held_out_image_gives_way_to_the_image_itself():
    free = copies()
    expected = free.copy()
    for place in (4, 33, 89):
        expected[place] = IMAGES[place % 30]
    np.testing.assert_array_equal(copies(held_out=free[[4, 33, 89]]), expected)


def test_the_channels_of_a_colour_image_are_copied_together():
    colours = np.stack([IMAGES] * 3, axis=-1)
    fresh = FreshCopies((colours, LABELS), HeldOut([]), SETTINGS, 0)
    order = np.arange(120, dtype=np.int32)
    found = fresh.epoch(1)(order[None])[0]
    np.testing.assert_array_equal(found, np.stack([copies()] * 3, axis=-1))
