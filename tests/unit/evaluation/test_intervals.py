import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, norm
from statsmodels.stats.proportion import proportion_confint

from digits.evaluation.intervals import wilson

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval_is_as_published(right, total, low, high):
    assert wilson(right, total) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 500), st.integers(0, 500))
def test_wilson_interval_is_that_of_scipy_and_statsmodels(right, wrong):
    total = right + wrong
    if total == 0:
        return
    found = wilson(right, total)
    assert found == pytest.approx(tuple(binomtest(right, total).proportion_ci(method="wilson")))
    assert found == pytest.approx(proportion_confint(right, total, method="wilson"))
    assert 0 <= found[0] <= right / total + 1e-12
    assert right / total - 1e-12 <= found[1] <= 1
    narrow = proportion_confint(right, total, alpha=0.5, method="wilson")
    assert wilson(right, total, norm.isf(0.25)) == pytest.approx(narrow)


def test_many_intervals_at_once_are_those_of_each():
    right, total = np.array([0, 5, 9]), np.array([4, 7, 9])
    low, high = wilson(right, total)
    each = [wilson(int(one), int(all_)) for one, all_ in zip(right, total, strict=True)]
    assert list(zip(low, high, strict=True)) == each


@pytest.mark.parametrize(("total", "true"), [(60, 0.9), (400, 0.97), (8400, 0.978)])
def test_wilson_intervals_hold_the_true_accuracy_as_often_as_they_say(total, true):
    draws = np.random.default_rng(4).binomial(total, true, size=4000)
    low, high = wilson(draws, np.full(4000, total))
    assert 0.935 < np.mean((low <= true) & (true <= high)) < 0.965
