"""Per-class metrics and confusions, against values computed by hand and against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from digits.evaluation.class_metrics import class_table, confusion_table, confusions

# Three classes by hand: class 0 is found 2 times of 3, class 1 in 1 of 2, class 2 in 1 of 1.
TRUTH = np.array([0, 0, 0, 1, 1, 2], np.uint8)
PREDICTED = np.array([0, 0, 2, 1, 0, 2])


def counted(truth, predicted, classes):
    return confusions(truth, predicted, classes)[np.newaxis]


def test_class_figures_are_those_computed_by_hand():
    table = class_table(counted(TRUTH, PREDICTED, 3))
    assert list(table) == ["label", "precision", "recall", "f1", "support"]
    assert table["label"].tolist() == [0, 1, 2]
    assert table["support"].tolist() == [3, 2, 1]
    np.testing.assert_allclose(table["precision"], [2 / 3, 1 / 1, 1 / 2])
    np.testing.assert_allclose(table["recall"], [2 / 3, 1 / 2, 1 / 1])
    np.testing.assert_allclose(table["f1"], [2 / 3, 2 / 3, 2 / 3])


@pytest.mark.filterwarnings("error")
def test_a_class_that_is_never_true_or_never_predicted_has_zeros():
    table = class_table(counted(np.array([0, 1]), np.array([0, 0]), 3)).set_index("label")
    assert table.loc[1].tolist() == [0, 0, 0, 1]  # never predicted
    assert table.loc[2].tolist() == [0, 0, 0, 0]  # neither
    assert table.loc[0].tolist() == [0.5, 1, pytest.approx(2 / 3), 1]


def test_confusions_are_those_counted_by_hand():
    table = confusion_table(counted(TRUTH, PREDICTED, 3))
    assert list(table) == ["label", "predicted", "count"]
    assert table.to_numpy().tolist() == [
        [0, 0, 2], [0, 1, 0], [0, 2, 1],
        [1, 0, 1], [1, 1, 1], [1, 2, 0],
        [2, 0, 0], [2, 1, 0], [2, 2, 1],
    ]  # fmt: skip


def test_classes_whose_pairs_are_beyond_a_byte_are_counted():
    truth = np.arange(200, dtype=np.uint8)
    assert (confusions(truth, truth[::-1], 200) == np.eye(200)[::-1]).all()


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=50))
def test_the_figures_of_several_trials_are_those_of_scikit_learn_to_the_last_digit(pairs):
    truth, predicted = np.array(pairs).T
    trials = [(truth, predicted), (predicted, truth)]
    counts = np.array([confusions(*trial, 5) for trial in trials])
    labels = range(5)
    expected = [confusion_matrix(*trial, labels=labels).ravel() for trial in trials]
    assert confusion_table(counts)["count"].tolist() == np.concatenate(expected).tolist()
    expected = [
        np.column_stack(precision_recall_fscore_support(*trial, labels=labels, zero_division=0))
        for trial in trials
    ]
    figures = class_table(counts)[["precision", "recall", "f1", "support"]]
    assert figures.to_numpy().tolist() == np.concatenate(expected).tolist()
