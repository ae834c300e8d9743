import numpy as np
import pytest
from scipy.stats import norm
from statsmodels.stats.contingency_tables import cochrans_q

from digits.analysis.paired_tests import cochran, count_pairs
from digits.analysis.proportions import paired_difference

pytestmark = pytest.mark.filterwarnings("error")


def networks(generator, images: int, accuracies: list[float]) -> np.ndarray:
    """Right and wrong images of networks that share what is hard, shape (images, networks)."""
    hard = generator.normal(size=(images, 1))
    own = generator.normal(size=(images, len(accuracies)))
    return np.sqrt(0.7) * hard + np.sqrt(0.3) * own < norm.ppf(accuracies)


def test_pairs_are_counted():
    first, second = np.array([1, 1, 0, 0, 1]), np.array([1, 0, 1, 0, 1])
    assert count_pairs(first, second) == (1, 1)


def test_cochrans_q_is_as_published():
    # Conover (1999), Practical Nonparametric Statistics, p. 253, as in NIST's Dataplot
    # reference manual: Q = 2.8 with 2 degrees of freedom, p = 0.246597
    games = np.array(
        [[1, 1, 1]] * 2 + [[0, 1, 0], [1, 1, 0], [0, 0, 0], [1, 1, 1], [1, 1, 1], [1, 1, 0]]
        + [[0, 0, 1], [0, 1, 0], [1, 1, 1], [1, 1, 1]]
    )  # fmt: skip
    statistic, df, p_value = cochran(games)
    assert (statistic, df) == (pytest.approx(2.8), 2)
    assert p_value == pytest.approx(0.246597, abs=5e-7)


def test_networks_that_never_differ_have_no_q():
    statistic, df, p_value = cochran(np.array([[1, 1], [0, 0]]))
    assert np.isnan(statistic)
    assert df == 1
    assert np.isnan(p_value)


def test_cochrans_q_is_that_of_statsmodels():
    generator = np.random.default_rng(7)
    for networks in (2, 3, 6):
        right = generator.random((200, networks)) < 0.8
        theirs = cochrans_q(right)
        assert cochran(right)[:2] == pytest.approx((theirs.statistic, theirs.df), rel=1e-12)
        assert cochran(right)[2] == pytest.approx(theirs.pvalue, rel=1e-9)


def test_mcnemar_and_cochran_give_false_alarms_as_often_as_they_say_and_see_real_differences():
    generator = np.random.default_rng(2)
    alarms, seen = [], []
    for _ in range(800):
        alike = networks(generator, 1500, [0.9, 0.9, 0.9])
        alarms.append((mcnemar(alike) < 0.05, cochran(alike)[2] < 0.05))
        unlike = networks(generator, 1500, [0.93, 0.9, 0.9])
        seen.append((mcnemar(unlike) < 0.05, cochran(unlike)[2] < 0.05))
    rates = np.mean(alarms, axis=0)
    assert 0.03 < rates.min() <= rates.max() < 0.07
    assert np.mean(seen, axis=0).min() > 0.8


def mcnemar(right: np.ndarray) -> float:
    return paired_difference(*count_pairs(right[:, 0], right[:, 1]), len(right)).p
