import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digits.analysis.proportions import independent_difference, paired_interval, wilson

pytestmark = pytest.mark.filterwarnings("error")
COUNTS = st.integers(0, 60)


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


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0),
    ],
)
def test_interval_of_independent_proportions_is_as_published(counts, low, high):
    found = independent_difference(*counts)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    assert found.estimate == pytest.approx(counts[0] / counts[1] - counts[2] / counts[3])


def test_score_test_of_independent_proportions_is_the_corrected_chi_squared():
    # 56/70 against 48/80: chi-squared is 7.0229 (2 x 2 table by hand), times (n - 1) / n as
    # Miettinen and Nurminen (1985) have it.
    found = independent_difference(56, 70, 48, 80)
    assert found.statistic**2 == pytest.approx(7.0229 * 149 / 150, abs=1e-3)
    assert found.p == pytest.approx(0.00826, abs=1e-5)


def test_equal_perfect_proportions_do_not_differ():
    assert independent_difference(10, 10, 30, 30).p == 1


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        # Fagerland, Lydersen and Laake (2017), Statistical Analysis of Contingency Tables,
        # chapter 8, as printed by their R package contingencytables: Cavo et al. (2012)
        ((59, 6, 16, 80), -0.1186, -0.0046),
        # the same, Bentur et al. (2009)
        ((1, 1, 7, 12), -0.507, -0.026),
    ],
)
def test_interval_of_paired_proportions_is_as_published(counts, low, high):
    decimals = 5e-5 if counts[0] == 59 else 5e-4
    assert paired_interval(*counts) == pytest.approx((low, high), abs=decimals)


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_interval_of_pairs_holds_the_difference_and_turns_with_it(both, first, second, neither):
    total = both + first + second + neither
    if total == 0:
        return
    low, high = paired_interval(both, first, second, neither)
    assert -1 - 1e-9 <= low <= (first - second) / total + 1e-9
    assert (first - second) / total - 1e-9 <= high <= 1 + 1e-9
    turned = paired_interval(both, second, first, neither)
    assert turned == pytest.approx((-high, -low), abs=1e-9)


@pytest.mark.parametrize(("total", "true"), [(60, 0.9), (400, 0.97), (8400, 0.978)])
def test_wilson_intervals_hold_the_true_accuracy_as_often_as_they_say(total, true):
    draws = np.random.default_rng(4).binomial(total, true, size=4000).tolist()
    intervals = {right: wilson(right, total) for right in set(draws)}
    holds = [intervals[right][0] <= true <= intervals[right][1] for right in draws]
    assert 0.935 < np.mean(holds) < 0.965


@pytest.mark.parametrize(("totals", "true"), [((8400, 8400), 0.975), ((300, 200), 0.9)])
def test_false_alarms_about_published_accuracies_keep_to_the_level(totals, true):
    generator = np.random.default_rng(5)
    draws = zip(*(generator.binomial(total, true, size=2000) for total in totals), strict=True)
    found = [independent_difference(one, totals[0], two, totals[1]) for one, two in draws]
    assert 0.035 < np.mean([difference.p < 0.05 for difference in found]) < 0.065
    assert 0.935 < np.mean([difference.low <= 0 <= difference.high for difference in found]) < 0.97
    unlike = [independent_difference(0.97 * 8400, 8400, 0.98 * 8400, 8400) for _ in range(2)]
    assert max(difference.p for difference in unlike) < 0.001


def test_intervals_of_pairs_hold_the_true_difference_as_often_as_they_say():
    generator = np.random.default_rng(1)
    probabilities = (0.9, 0.05, 0.02, 0.03)
    draws = generator.multinomial(300, probabilities, size=2000)
    intervals = np.array([paired_interval(*map(int, draw)) for draw in draws])
    holds = (intervals[:, 0] <= 0.03) & (intervals[:, 1] >= 0.03)
    assert 0.935 < holds.mean() < 0.972
    # An interval for independent samples would be far wider here.
    assert np.mean(intervals[:, 1] - intervals[:, 0]) < 0.07
