"""Calibration, against published worked examples, a plain loop over the bins, and invariants."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from digits.evaluation.calibration import expected_calibration_error, reliability


def error(confidence, right, bins):
    return expected_calibration_error(reliability(np.array(confidence), np.array(right), bins))


def test_the_error_is_that_of_the_documentation_of_torchmetrics():
    # torchmetrics 1.x, functional.classification.multiclass_calibration_error, its example.
    probabilities = np.array(
        [[0.25, 0.20, 0.55], [0.55, 0.05, 0.40], [0.10, 0.30, 0.60], [0.90, 0.05, 0.05]]
    )
    right = probabilities.argmax(axis=1) == [0, 1, 2, 0]
    assert error(probabilities.max(axis=1), right, bins=3) == pytest.approx(0.2, abs=1e-12)


def test_the_error_and_the_bins_are_those_of_a_published_walk_through():
    # M. Pavlovic, Expected calibration error (ECE): a step by step visual explanation (Towards
    # Data Science, 2023): nine predictions in three bins, computed by hand as 0.23778.
    said = np.array([0.22, 0.64, 0.92, 0.42, 0.51, 0.15, 0.70, 0.37, 0.83])
    labels = np.array([0, 1, 0, 0, 0, 1, 1, 0, 1])
    right = (said > 0.5) == labels
    table = reliability(said, right, bins=3)
    assert table["bin"].tolist() == [1, 2, 3]
    assert table["count"].tolist() == [2, 4, 3]
    np.testing.assert_allclose(table["confidence"], [0.185, 0.485, 2.45 / 3])
    np.testing.assert_allclose(table["accuracy"], [1 / 2, 3 / 4, 2 / 3])
    assert error(said, right, bins=3) == pytest.approx(0.23778, abs=5e-6)


def test_a_bin_holds_its_upper_limit_and_not_its_lower_one():
    table = reliability(np.array([0.25, 0.5, 0.75, 1.0]), np.ones(4, bool), bins=4)
    assert table["count"].tolist() == [1, 1, 1, 1]
    assert table["low"].tolist() == [0, 0.25, 0.5, 0.75]
    assert table["high"].tolist() == [0.25, 0.5, 0.75, 1]


def test_a_confidence_a_little_above_1_is_in_the_last_bin():
    above = np.nextafter(np.float32(1), np.float32(2))
    table = reliability(np.array([above]), np.array([True]))
    assert table["count"].tolist() == [0] * 14 + [1]


def test_a_bin_without_predictions_has_no_figures_and_no_weight():
    table = reliability(np.array([0.9]), np.array([True]), bins=2)
    assert table.iloc[0][["confidence", "accuracy", "accuracy_low", "accuracy_high"]].isna().all()
    assert expected_calibration_error(table) == pytest.approx(0.1)


def test_the_interval_is_wilsons():
    # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I: 81 of 263, method 3.
    table = reliability(np.full(263, 0.4), np.arange(263) < 81, bins=1)
    interval = table[["accuracy_low", "accuracy_high"]].to_numpy()[0]
    np.testing.assert_allclose(interval, [0.2553, 0.3662], atol=5e-5)
    np.testing.assert_allclose(interval, binomtest(81, 263).proportion_ci(method="wilson"))


predictions = st.lists(st.tuples(st.floats(0.001, 1), st.booleans()), min_size=1, max_size=60)


@given(predictions, st.integers(1, 20), st.randoms())
@settings(deadline=None)
def test_the_error_is_that_of_a_loop_over_the_bins(rows, bins, random):
    confidence, right = map(np.array, zip(*rows, strict=True))
    edges = np.linspace(0, 1, bins + 1)
    expected, counted = 0.0, 0
    for low, high in pairwise(edges):
        inside = (confidence > low) & (confidence <= high)
        counted += inside.sum()
        if inside.any():
            gap = abs(right[inside].mean() - confidence[inside].mean())
            expected += gap * inside.sum() / len(rows)
    assert counted == reliability(confidence, right, bins)["count"].sum() == len(rows)
    assert error(confidence, right, bins) == pytest.approx(expected, abs=1e-9)
    random.shuffle(rows)
    assert error(*zip(*rows, strict=True), bins) == pytest.approx(expected, abs=1e-9)
    # Within 0 and 1, and no smaller than that of a single bin.
    whole = abs(right.mean() - confidence.mean())
    assert whole - 1e-9 <= expected <= 1
