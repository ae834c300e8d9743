"""Folds: the same as scikit-learn's; errors name the configuration's key."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedKFold

from digits.core.class_labels import labels_of
from digits.core.errors import ConfigError
from digits.data.folds import hold_out, split_fold

CLASSES = labels_of(62)


@st.composite
def splittable(draw):
    """Labels of which every class has at least as many images as there are splits."""
    splits = draw(st.integers(2, 6))
    classes = draw(st.lists(st.integers(0, 61), min_size=1, max_size=5, unique=True))
    counts = draw(st.lists(st.integers(splits, 20), min_size=len(classes), max_size=len(classes)))
    labels = np.repeat(np.array(classes, dtype=np.uint8), counts)
    return draw(st.permutations(labels.tolist())), splits


@given(splittable(), st.integers(0, 2**31))
@settings(deadline=None)
def test_folds_are_those_of_scikit_learn_and_part_the_rows(case, seed):
    labels, splits = np.array(case[0], dtype=np.uint8), case[1]
    theirs = StratifiedKFold(n_splits=splits, shuffle=True, random_state=seed)
    ours = [
        split_fold(labels, CLASSES, splits=splits, fold=fold, seed=seed) for fold in range(splits)
    ]
    for mine, other in zip(ours, theirs.split(labels, labels), strict=True):
        assert [part.tolist() for part in mine] == [part.tolist() for part in other]
    validated = np.concatenate([validation for _, validation in ours])
    assert sorted(validated.tolist()) == list(range(len(labels)))
    for train, validation in ours:
        assert sorted([*train, *validation]) == list(range(len(labels)))


def test_the_reference_split_has_the_published_sizes():
    counts = [4132, 4684, 4177, 4351, 4072, 3795, 4137, 4401, 4063, 4188]
    labels = np.random.default_rng(1).permutation(np.repeat(np.arange(10), counts))
    train, validation = split_fold(labels, CLASSES, splits=5, fold=0, seed=422)
    assert (len(train), len(validation)) == (33600, 8400)


def test_another_seed_gives_another_split():
    labels = np.arange(100) % 5
    splits = {
        tuple(split_fold(labels, CLASSES, splits=5, fold=0, seed=s)[1].tolist()) for s in range(9)
    }
    assert len(splits) == 9


def test_a_class_with_fewer_images_than_splits_is_told_by_key_and_class():
    labels = np.array([0] * 9 + [3] * 4 + [7] * 5)
    with pytest.raises(ConfigError) as caught:
        split_fold(labels, CLASSES, splits=5, fold=0, seed=1)
    assert str(caught.value) == (
        "cross_validation.splits: 5 folds need 5 images of every class, but class 3 has 4"
    )
    split_fold(labels, CLASSES, splits=4, fold=0, seed=1)


@pytest.mark.parametrize("fold", [-1, 5])
def test_a_fold_that_is_not_among_the_splits_is_told_by_key(fold):
    with pytest.raises(ConfigError) as caught:
        split_fold(np.arange(50) % 2, CLASSES, splits=5, fold=fold, seed=1)
    assert str(caught.value) == (
        f"cross_validation.folds: expected 0 to 4 for 5 splits, found {fold}"
    )


def test_a_share_of_each_class_is_held_out():
    labels = np.repeat(np.arange(3, dtype=np.uint8), [10, 20, 70])
    train, test = hold_out(labels, 0.2, 1, ("a", "b", "c"))
    assert np.bincount(labels[test]).tolist() == [2, 4, 14]
    assert sorted([*train, *test]) == list(range(100))
    assert (np.diff(train) > 0).all()
    assert test.tolist() != hold_out(labels, 0.2, 2, ("a", "b", "c"))[1].tolist()


@pytest.mark.parametrize(("counts", "share"), [([1, 9], 0.5), ([5, 5], 0.1)])
def test_a_share_that_leaves_a_class_without_images_is_refused(counts, share):
    labels = np.repeat(np.arange(2, dtype=np.uint8), counts)
    with pytest.raises(ConfigError, match=r"dataset.test_share: 0.\d of 10 images leaves a class"):
        hold_out(labels, share, 1, ("a", "b"))
