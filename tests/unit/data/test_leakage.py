"""Leakage: copies of validation images are found wherever they are and kept out of training."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from digits.core.class_labels import labels_of
from digits.core.errors import DataError
from digits.data.folds import split_fold
from digits.data.image_tables import ImageTable, take
from digits.data.leakage import check_fold, without_copies


@given(
    arrays.arrays(np.uint8, st.tuples(st.integers(1, 60), st.just(1), st.integers(1, 3)),
                  elements=st.integers(0, 2)),
    st.data(),
)  # fmt: skip
@settings(deadline=None)
def test_training_rows_without_copies_are_those_whose_bytes_are_not_validated(images, data):
    cut = data.draw(st.integers(0, len(images)))
    rows = np.array(data.draw(st.permutations(range(len(images)))), dtype=int)
    train, validation = rows[:cut], rows[cut:]
    held_out = {bytes(images[row].ravel().tolist()) for row in validation}
    expected = [row for row in train if bytes(images[row].ravel().tolist()) not in held_out]
    assert without_copies(ImageTable(images), train, validation).tolist() == expected


def table(values, rows):
    images = np.array(values, dtype=np.uint8).reshape(-1, 1, 1).repeat(4, axis=2)
    return ImageTable(
        images, np.arange(len(images), dtype=np.uint8), np.array(rows, dtype=np.int32)
    )


TRAIN, VALIDATION = table([1, 2, 3], [10, 11, 12]), table([8, 9], [20, 21])


def tensor(*values):
    return table(values, values).images


def check(images, train=TRAIN, validation=VALIDATION):
    """Check a tensor whose labels are those of the training images, over and over."""
    return check_fold(train, validation, images, np.resize(train.labels, len(images)))


def test_a_clean_fold_passes_with_the_numbers_that_were_compared():
    compared = check(tensor(1, 2, 3, 4, 5, 6))
    assert compared == {"train": 3, "validation": 2, "tensor": 6}


def test_a_row_in_both_parts_is_told():
    validation = table([8, 9], [20, 11])
    with pytest.raises(DataError, match=r"^row 11 is in the training and in the validation part$"):
        check(tensor(1, 2, 3), validation=validation)


@pytest.mark.parametrize("chunk", [2, 3, 8192])
@pytest.mark.parametrize("position", [3, 4, 8])
def test_a_validation_image_anywhere_in_the_tensor_is_told_by_its_place(
    monkeypatch, chunk, position
):
    monkeypatch.setattr("digits.data.leakage.CHUNK", chunk)
    monkeypatch.setattr("digits.data.image_tables.CHUNK", chunk)
    images = tensor(1, 2, 3, 4, 5, 6, 7, 10, 11)
    images[position] = VALIDATION.images[1]
    with pytest.raises(DataError) as caught:
        check(images)
    assert str(caught.value) == f"image {position} of the training tensor is a validation image"


def test_a_training_image_that_is_a_copy_of_a_validation_image_is_told():
    train = table([1, 9, 3], [10, 11, 12])
    with pytest.raises(DataError, match=r"^image 1 of the training tensor is a validation image$"):
        check(tensor(1, 9, 3), train)


def test_one_pixel_of_difference_is_no_copy():
    images = tensor(1, 2, 3, 9, 5, 6)
    images[3, 0, -1] = 0
    assert check(images)["tensor"] == 6


def test_a_validation_part_of_another_shape_is_refused_as_nothing_could_be_compared():
    validation = ImageTable(VALIDATION.images.reshape(2, 2, 2), VALIDATION.labels, VALIDATION.rows)
    with pytest.raises(DataError, match="images of different shapes"):
        check(tensor(1, 2, 3), validation=validation)


@pytest.mark.parametrize(
    "labels",
    [[0, 1, 2, 0, 2, 1], [0, 1, 2], [0, 1, 2, 3, 4, 5], [1, 2, 0, 1, 2, 0]],
    ids=["swapped", "too few", "of other classes", "moved"],
)
def test_labels_other_than_those_of_the_training_images_are_refused(labels):
    with pytest.raises(DataError, match="labels of the training tensor are not those of"):
        check_fold(TRAIN, VALIDATION, tensor(1, 2, 3, 4, 5, 6), np.array(labels, np.uint8))


def test_a_tensor_with_a_part_of_a_block_is_refused():
    with pytest.raises(DataError, match="labels of the training tensor are not those of"):
        check(tensor(1, 2, 3, 4))


@pytest.mark.parametrize(
    "images",
    [tensor(1, 3, 2), tensor(1, 2), tensor(1, 2, 4, 3), tensor(1, 2, 3).reshape(3, 2, 2)],
    ids=["another order", "too few", "another image", "another shape"],
)
def test_a_tensor_that_does_not_start_with_the_training_images_is_refused(images):
    with pytest.raises(DataError, match="does not start with the fold's training images"):
        check(images)


def test_shuffled_halves_of_the_bundled_digits_share_no_image():
    from sklearn.datasets import load_digits

    images = load_digits().images.astype(np.uint8).reshape(-1, 8, 8)
    images = np.concatenate([images, images[:300]])  # as if 300 had been handed in twice
    labels = np.concatenate([load_digits().target, load_digits().target[:300]])
    train, validation = split_fold(labels, labels_of(10), splits=5, fold=1, seed=3)
    everything = ImageTable(images, labels)
    kept = without_copies(everything, train, validation)
    assert len(kept) < len(train)
    counts = Counter(image.tobytes() for image in images[validation])
    assert not any(image.tobytes() in counts for image in images[kept])
    parts = [next(take(everything, rows)) for rows in (kept, validation)]
    check_fold(*parts, images[kept], labels[kept])
