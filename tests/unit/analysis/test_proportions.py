import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from statsmodels.stats.contingency_tables import mcnemar

from digits.analysis.proportions import independent_difference, paired_difference

pytestmark = pytest.mark.filterwarnings("error")
COUNTS = st.integers(0, 60)
NOISE = st.sampled_from([{}, {"training_error": 0.02, "training_df": 20}])
ALPHAS = st.sampled_from([0.1, 0.05, 0.05 / 15, 0.05 / 4560])


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
    assert (found.p < 0.05) == (found.low > 0)


def test_p_value_of_independent_proportions_is_close_to_that_of_the_chi_squared_test():
    # 56/70 against 48/80: chi-squared is 7.0229 (2 x 2 table by hand), p = 0.00805
    found = independent_difference(56, 70, 48, 80)
    assert found.p == pytest.approx(0.00805, rel=0.02)
    assert found.statistic == pytest.approx(7.0229**0.5, abs=0.01)


@given(COUNTS, COUNTS, COUNTS, COUNTS, NOISE)
@settings(deadline=None)
def test_interval_and_p_value_of_independent_proportions_agree(first, wrong, second, missed, noise):
    if not (first + wrong and second + missed):
        return
    found = independent_difference(first, first + wrong, second, second + missed, **noise)
    assert found.low - 1e-12 <= found.estimate <= found.high + 1e-12
    assert (found.p < 0.05) == (found.low > 1e-12 or found.high < -1e-12)
    turned = independent_difference(second, second + missed, first, first + wrong, **noise)
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))
    assert turned.p == pytest.approx(found.p)


def test_equal_perfect_proportions_do_not_differ():
    assert independent_difference(10, 10, 30, 30).p == 1


def test_noise_between_trainings_widens_the_interval_by_the_squares():
    plain = independent_difference(8220, 8400, 8210, 8400)
    noisy = independent_difference(8220, 8400, 8210, 8400, training_error=0.0015, training_df=20)
    assert noisy.high - noisy.estimate == pytest.approx(
        np.hypot(plain.high - plain.estimate, 2.08596 * 0.0015), rel=1e-5
    )
    assert noisy.df == 20
    assert noisy.p > plain.p


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        # Fagerland, Lydersen and Laake (2014), Statistics in Medicine 33, 2850-2875, Tango's
        # asymptotic score interval of Bentur et al. (2009): -0.517 to -0.026
        ((1, 7, 21), -0.517, -0.026),
    ],
)
def test_interval_of_paired_proportions_is_as_published(counts, low, high):
    found = paired_difference(*counts)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-4)
    # McNemar's asymptotic test of the same counts there: p = 0.034
    assert found.p == pytest.approx(0.034, abs=5e-4)


@given(COUNTS, COUNTS, st.integers(0, 400), ALPHAS)
@settings(deadline=None)
def test_mcnemars_test_and_its_interval_agree(first, second, alike, alpha):
    total = first + second + alike
    if total == 0:
        return
    found = paired_difference(first, second, total, alpha)
    assert -1 <= found.low <= found.estimate + 1e-12
    assert found.estimate - 1e-12 <= found.high <= 1
    assert found.low < found.high
    assert (found.p < alpha) == (found.low > 1e-12 or found.high < -1e-12)
    if first + second:
        expected = mcnemar([[0, first], [second, 0]], exact=False, correction=False).pvalue
        assert found.p == pytest.approx(expected)
    turned = paired_difference(second, first, total, alpha)
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))


@pytest.mark.parametrize(("first", "second", "total"), [(30, 12, 400), (0, 5, 90), (60, 45, 8400)])
def test_the_ends_of_the_interval_are_where_the_score_test_would_just_reject(first, second, total):
    # The score test of a difference d, by maximising the likelihood over the other parameter.
    found = paired_difference(first, second, total)
    for end in (found.low, found.high):
        grid = np.linspace(max(0, -end), (1 - end) / 2, 2_000_001)[1:-1]
        same = 1 - 2 * grid - end
        likelihood = first * np.log(grid + end) + second * np.log(grid)
        likelihood += (total - first - second) * np.log(same)
        other = grid[likelihood.argmax()]
        variance = total * (2 * other + end - end**2)
        distance = abs(first - second - total * end) / variance**0.5
        assert distance == pytest.approx(norm.isf(0.025), abs=2e-3)


def test_a_bound_is_close_to_walds_for_many_images_and_has_a_width_where_none_differ():
    b, c, n = 105, 90, 8400
    wald = (b - c) / n + 1.6449 * (b + c - (b - c) ** 2 / n) ** 0.5 / n
    assert paired_difference(b, c, n, 0.1).high == pytest.approx(wald, rel=0.02)
    z = norm.isf(0.05)
    assert paired_difference(0, 0, 288, 0.1).high == pytest.approx(z**2 / (288 + z**2))
    assert paired_difference(20, 0, 20).low < 0.9 < paired_difference(20, 0, 20).high == 1


@pytest.mark.parametrize(("totals", "true"), [((8400, 8400), 0.975), ((300, 200), 0.9)])
def test_false_alarms_about_published_accuracies_keep_to_the_level(totals, true):
    generator = np.random.default_rng(5)
    draws = zip(*(generator.binomial(total, true, size=1000) for total in totals), strict=True)
    found = [independent_difference(int(one), totals[0], int(two), totals[1]) for one, two in draws]
    assert 0.03 < np.mean([difference.p < 0.05 for difference in found]) < 0.07
    assert independent_difference(0.97 * 8400, 8400, 0.98 * 8400, 8400).p < 0.001


def test_intervals_of_pairs_hold_the_true_difference_as_often_as_they_say():
    generator = np.random.default_rng(1)
    draws = generator.multinomial(300, (0.05, 0.02, 0.93), size=2000)
    found = [paired_difference(int(first), int(second), 300) for first, second, _ in draws]
    holds = [each.low <= 0.03 <= each.high for each in found]
    assert 0.935 < np.mean(holds) < 0.965
    # An interval for independent samples would be far wider here.
    assert np.mean([each.high - each.low for each in found]) < 0.07
