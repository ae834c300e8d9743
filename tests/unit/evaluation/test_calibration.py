"""Calibration, against published worked examples, scikit-learn, a closed form, and invariants."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve

from digits.evaluation.calibration import (
    expected_calibration_error,
    expected_if_calibrated,
    reliability,
)


def error(confidence, right, bins):
    return expected_calibration_error(reliability(np.array(confidence), np.array(right), bins))


# M. Pavlovic, Expected calibration error (ECE): a step by step visual explanation (Towards Data
# Science, 2023): nine predictions, three of which are in each bin of equal mass.
SAID = np.array([0.22, 0.64, 0.92, 0.42, 0.51, 0.15, 0.70, 0.37, 0.83])
RIGHT = (SAID > 0.5) == np.array([0, 1, 0, 0, 0, 1, 1, 0, 1])


def test_the_error_and_the_bins_by_hand():
    table = reliability(SAID, RIGHT, bins=3)
    assert table["bin"].tolist() == [1, 2, 3]
    assert table["count"].tolist() == [3, 3, 3]
    assert table["low"].tolist() == [0.15, 0.42, 0.70]
    assert table["high"].tolist() == [0.37, 0.64, 0.92]
    np.testing.assert_allclose(table["confidence"], [0.74 / 3, 1.57 / 3, 2.45 / 3])
    np.testing.assert_allclose(table["accuracy"], [2 / 3, 2 / 3, 2 / 3])
    gaps = (2 - 0.74) / 3, (2 - 1.57) / 3, (2.45 - 2) / 3
    assert error(SAID, RIGHT, bins=3) == pytest.approx(sum(gaps) / 3)


def test_with_a_single_bin_it_is_the_distance_of_mean_confidence_and_accuracy():
    # torchmetrics 1.x, functional.classification.multiclass_calibration_error, its example.
    probabilities = np.array(
        [[0.25, 0.20, 0.55], [0.55, 0.05, 0.40], [0.10, 0.30, 0.60], [0.90, 0.05, 0.05]]
    )
    right = probabilities.argmax(axis=1) == [0, 1, 2, 0]
    assert error(probabilities.max(axis=1), right, bins=1) == pytest.approx(2.6 / 4 - 0.5)


@pytest.mark.parametrize("bins", [1, 4, 15])
def test_the_curve_is_that_of_scikit_learn(bins):
    generator = np.random.default_rng(bins)
    confidence = 1 - 0.5 * generator.random(500) ** 3
    right = generator.random(500) < confidence
    table = reliability(confidence, right, bins)
    accuracy, mean = calibration_curve(right, confidence, n_bins=bins, strategy="quantile")
    np.testing.assert_allclose(table["accuracy"], accuracy)
    np.testing.assert_allclose(table["confidence"], mean)
    assert np.ptp(table["count"]) <= 1


predictions = st.lists(st.tuples(st.floats(0.001, 1), st.booleans()), min_size=1, max_size=60)


@given(predictions, st.integers(1, 20), st.randoms())
@settings(deadline=None)
def test_every_prediction_is_in_one_bin_whatever_their_order(rows, bins, random):
    confidence, right = map(np.array, zip(*rows, strict=True))
    table = reliability(confidence, right, bins)
    assert table["count"].sum() == len(rows)
    assert table["count"].min() > 0
    assert (table["low"].to_numpy()[1:] > table["high"].to_numpy()[:-1]).all()
    found = expected_calibration_error(table)
    # Within 0 and 1, and no smaller than that of a single bin.
    assert abs(right.mean() - confidence.mean()) - 1e-9 <= found <= 1
    random.shuffle(rows)
    assert error(*zip(*rows, strict=True), bins) == pytest.approx(found, abs=1e-9)


def test_equal_confidences_are_in_one_bin():
    table = reliability(np.array([1.0] * 90 + [0.4] * 10), np.arange(100) < 90)
    assert table["count"].tolist() == [10, 90]
    above = np.nextafter(np.float32(1), np.float32(2))
    assert reliability(np.array([above]), np.array([True]))["count"].tolist() == [1]


def test_the_interval_is_wilsons():
    # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I: 81 of 263, method 3.
    table = reliability(np.full(263, 0.4), np.arange(263) < 81, bins=1)
    interval = table[["accuracy_low", "accuracy_high"]].to_numpy()[0]
    np.testing.assert_allclose(interval, [0.2553, 0.3662], atol=5e-5)
    np.testing.assert_allclose(interval, binomtest(81, 263).proportion_ci(method="wilson"))


@pytest.mark.parametrize(("images", "share"), [(40, 0.5), (300, 0.9), (2000, 0.999)])
def test_a_calibrated_network_shows_the_mean_deviation_of_a_binomial(images, share):
    # De Moivre: E|X - np| = 2 m C(n, m) p^m (1 - p)^(n - m + 1), m the integer part of np plus 1
    m = math.floor(images * share) + 1
    logarithm = math.log(2 * m) + math.log(math.comb(images, m))
    logarithm += m * math.log(share) + (images - m + 1) * math.log1p(-share)
    found = expected_if_calibrated(np.full(images, share))
    assert found == pytest.approx(math.exp(logarithm) / images, rel=0.15)
    assert found == expected_if_calibrated(np.full(images, share))


def test_outcomes_of_a_calibrated_network_have_the_expected_error_on_average():
    generator = np.random.default_rng(1)
    confidence = 1 - 0.5 * generator.random(3000) ** 4
    found = [
        expected_calibration_error(reliability(confidence, generator.random(3000) < confidence))
        for _ in range(150)
    ]
    assert np.mean(found) == pytest.approx(expected_if_calibrated(confidence), rel=0.06)
    assert expected_if_calibrated(np.ones(50)) == 0
