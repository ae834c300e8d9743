"""Per-class metrics and confusions, against values computed by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digits.evaluation.class_metrics import class_table, confusion_table

# Three classes by hand: class 0 is found 2 times of 3, class 1 in 1 of 2, class 2 in 1 of 1.
TRUTH = np.array([0, 0, 0, 1, 1, 2])
PREDICTED = np.array([0, 0, 2, 1, 0, 2])


def test_class_figures_are_those_computed_by_hand():
    table = class_table(TRUTH, PREDICTED, 3)
    assert list(table) == ["label", "precision", "recall", "f1", "support"]
    assert table["label"].tolist() == [0, 1, 2]
    assert table["support"].tolist() == [3, 2, 1]
    np.testing.assert_allclose(table["precision"], [2 / 3, 1 / 1, 1 / 2])
    np.testing.assert_allclose(table["recall"], [2 / 3, 1 / 2, 1 / 1])
    np.testing.assert_allclose(table["f1"], [2 / 3, 2 / 3, 2 / 3])


@pytest.mark.filterwarnings("error")
def test_a_class_that_is_never_true_or_never_predicted_has_zeros():
    table = class_table(np.array([0, 1]), np.array([0, 0]), 3).set_index("label")
    assert table.loc[1].tolist() == [0, 0, 0, 1]  # never predicted
    assert table.loc[2].tolist() == [0, 0, 0, 0]  # neither
    assert table.loc[0].tolist() == [0.5, 1, pytest.approx(2 / 3), 1]


def test_confusions_are_those_counted_by_hand():
    table = confusion_table(TRUTH, PREDICTED, 3)
    assert list(table) == ["label", "predicted", "count"]
    assert table.to_numpy().tolist() == [
        [0, 0, 2], [0, 1, 0], [0, 2, 1],
        [1, 0, 1], [1, 1, 1], [1, 2, 0],
        [2, 0, 0], [2, 1, 0], [2, 2, 1],
    ]  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=50))
@settings(deadline=None)
def test_confusions_and_class_figures_agree(pairs):
    truth, predicted = np.array(pairs).T
    confusion = confusion_table(truth, predicted, 5)
    assert len(confusion) == 25
    assert confusion["count"].sum() == len(pairs)
    classes = class_table(truth, predicted, 5)
    support = confusion.groupby("label")["count"].sum()
    assert support.tolist() == classes["support"].tolist()
    right = confusion.query("label == predicted")["count"].tolist()
    expected = [hits / count if count else 0 for hits, count in zip(right, support, strict=True)]
    np.testing.assert_allclose(classes["recall"], expected)
