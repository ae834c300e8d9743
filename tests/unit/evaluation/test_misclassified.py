"""Confused pairs against scikit-learn's matrix, hard images against plain counting."""

from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from digits.core.design import Design
from digits.evaluation.misclassified import answers, confused_pairs, hardest_columns, hardest_images
from digits.evaluation.predictions import mean_probabilities

CLASSES = 4
DESIGN = Design({"layers": (1, 2, 3, 4), "nodes": (8,)}, folds=(0, 1), seeds=(1,))
labels = st.lists(
    st.tuples(st.integers(0, CLASSES - 1), st.integers(0, CLASSES - 1)), min_size=1, max_size=50
)


@given(labels)
@settings(deadline=None)
def test_the_pairs_are_what_lies_beside_the_diagonal_of_the_confusion_matrix(rows):
    label, predicted = map(np.array, zip(*rows, strict=True))
    matrix = confusion_matrix(label, predicted, labels=range(CLASSES))
    rates = confusion_matrix(label, predicted, labels=range(CLASSES), normalize="true")
    pairs = confused_pairs(label, predicted)
    found = np.diag(matrix.diagonal())
    found[pairs["label"], pairs["predicted"]] = pairs["count"]
    np.testing.assert_array_equal(found, matrix)
    np.testing.assert_allclose(pairs["share"], rates[pairs["label"], pairs["predicted"]])
    assert (pairs["count"] > 0).all()
    assert pairs["count"].is_monotonic_decreasing


def test_of_pairs_as_frequent_the_lower_classes_come_first():
    pairs = confused_pairs(np.array([2, 1, 1, 0]), np.array([1, 2, 0, 0]))
    assert pairs[["label", "predicted"]].to_numpy().tolist() == [[1, 0], [1, 2], [2, 1]]


def test_without_mistakes_there_are_no_pairs_and_no_images():
    pairs = confused_pairs(np.array([0, 1]), np.array([0, 1]))
    assert pairs.columns.tolist() == ["label", "predicted", "count", "share"]
    assert pairs.empty
    table = hardest(*of_trials([[[0.9, 0.1], [0.2, 0.8]]], [0, 1]))
    assert table.columns.tolist() == hardest_columns(DESIGN)
    assert table.empty


def test_an_answer_is_the_most_probable_class_with_its_probability():
    keys = pd.DataFrame({"row": [7, 9], "label": np.array([0, 2], np.uint8)})
    table = answers(keys, np.array([[0.5, 0.25, 0.25], [0.25, 0.5, 0.25]], np.float32))
    assert table.to_dict("list") == {
        "row": [7, 9],
        "label": [0, 2],
        "predicted": [0, 1],
        "confidence": [0.5, 0.5],
        "label_probability": [0.5, 0.25],
    }


def of_trials(probabilities, label, fold=0, first=10):
    """Answers of trials that differ in their layers, and those of their mean."""
    keys = {"row": np.arange(first, first + len(label)), "label": np.array(label)}
    tables = [(keys, np.array(table)) for table in probabilities]
    trials = [
        answers(*table).assign(layers=layers, nodes=8, fold=fold, seed=1)
        for layers, table in enumerate(tables, start=1)
    ]
    mean = mean_probabilities(tables, [Path("a")] * len(tables))
    return pd.concat(trials), answers(*mean).assign(fold=fold, trials=len(tables))


def hardest(trials, ensemble):
    wrong = trials[trials["predicted"] != trials["label"]]
    return hardest_images(wrong, ensemble, DESIGN)


def test_an_image_is_listed_with_its_most_confident_error_and_the_number_of_wrong_trials():
    one = [[0.9, 0.1, 0.0], [0.0, 0.3, 0.7], [0.6, 0.4, 0.0]]
    two = [[0.8, 0.2, 0.0], [0.4, 0.3, 0.3], [0.2, 0.8, 0.0]]
    table = hardest(*of_trials([one, two], [0, 1, 1]))
    assert table["row"].tolist() == [11, 12]  # row 10 is right in both
    assert table[["predicted", "layers", "wrong", "trials"]].to_numpy().tolist() == [
        [2, 1, 2, 2],
        [0, 1, 1, 2],
    ]
    np.testing.assert_allclose(table["confidence"], [0.7, 0.6])
    # The means are 0.2 0.3 0.5 and 0.4 0.6 0.0: together they get the second one right.
    assert table["ensemble"].tolist() == [2, 1]
    np.testing.assert_allclose(table["ensemble_confidence"], [0.5, 0.6])
    np.testing.assert_allclose(table["label_probability"], [0.3, 0.6])


def test_images_of_several_folds_are_counted_by_the_trials_that_saw_them():
    folds = [
        of_trials([[[0.1, 0.9]], [[0.3, 0.7]]], [0], fold=0, first=3),
        of_trials([[[0.2, 0.8]]], [0], fold=1, first=4),
    ]
    trials, ensemble = (pd.concat(tables) for tables in zip(*folds, strict=True))
    table = hardest(trials, ensemble)
    assert table[["fold", "row", "wrong", "trials"]].to_numpy().tolist() == [
        [0, 3, 2, 2],
        [1, 4, 1, 1],
    ]


def test_the_order_of_the_answers_does_not_matter():
    random = np.random.default_rng(3).dirichlet([1, 1, 1], size=(4, 30))
    trials, ensemble = of_trials(random, np.arange(30) % 3)
    expected = hardest(trials, ensemble)
    shuffled = trials.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(hardest(shuffled, ensemble), expected)
    wrong = trials.assign(wrong=trials["predicted"] != trials["label"]).groupby("row")["wrong"]
    counts = wrong.sum()
    assert expected.set_index("row")["wrong"].to_dict() == counts[counts > 0].to_dict()
