import numpy as np
import pytest
from scipy.stats import norm

from digits.analysis.paired_tests import cochran, count_pairs, exact_mcnemar, holm

pytestmark = pytest.mark.filterwarnings("error")


def networks(generator, images: int, accuracies: list[float]) -> np.ndarray:
    """Right and wrong images of networks that share what is hard, shape (images, networks)."""
    hard = generator.normal(size=(images, 1))
    own = generator.normal(size=(images, len(accuracies)))
    return np.sqrt(0.7) * hard + np.sqrt(0.3) * own < norm.ppf(accuracies)


def test_pairs_are_counted():
    first, second = np.array([1, 1, 0, 0, 1]), np.array([1, 0, 1, 0, 1])
    assert count_pairs(first, second) == (2, 1, 1, 1)


@pytest.mark.parametrize(
    ("first_only", "second_only", "p_value"),
    [
        # Fagerland, Lydersen and Laake (2013), BMC Medical Research Methodology 13:91:
        # the exact conditional test of Bentur et al. (2009)
        (1, 7, 0.0703),
        # Armitage and Berry (1994), Statistical Methods in Medical Research, p. 127, as in the
        # help of StatsDirect: "exact two sided p = 0.0129"
        (12, 2, 0.0129),
        # The counts of Agresti (1990), Categorical Data Analysis, p. 350, as in R's mcnemar.test;
        # this p-value is not printed there, it is that of R's binom.test(86, 236)
        (86, 150, 3.716e-05),
        (0, 0, 1.0),
    ],
)
def test_mcnemar_is_as_published(first_only, second_only, p_value):
    assert exact_mcnemar(first_only, second_only) == pytest.approx(p_value, rel=4e-3)


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


def test_holm_is_as_published():
    # The example of Wikipedia's article on the Holm-Bonferroni method
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_holm_leaves_out_what_is_not_known():
    assert holm([0.02, np.nan, 0.5]) == pytest.approx([0.04, np.nan, 0.5], nan_ok=True)
    assert len(holm([])) == 0


def test_mcnemar_and_cochran_give_false_alarms_as_often_as_they_say_and_see_real_differences():
    generator = np.random.default_rng(2)
    alarms, seen = [], []
    for _ in range(800):
        alike = networks(generator, 1500, [0.9, 0.9, 0.9])
        _, first, second, _ = count_pairs(alike[:, 0], alike[:, 1])
        alarms.append((exact_mcnemar(first, second) < 0.05, cochran(alike)[2] < 0.05))
        unlike = networks(generator, 1500, [0.93, 0.9, 0.9])
        _, first, second, _ = count_pairs(unlike[:, 0], unlike[:, 1])
        seen.append((exact_mcnemar(first, second) < 0.05, cochran(unlike)[2] < 0.05))
    exact, q = np.mean(alarms, axis=0)
    assert 0.02 < exact < 0.06  # the exact test errs on the safe side
    assert 0.03 < q < 0.07
    assert np.mean(seen, axis=0).min() > 0.8


def test_holm_keeps_the_false_alarms_of_a_whole_family_at_five_per_cent(monkeypatch):
    monkeypatch.setattr("gc.collect", lambda: 0)  # statsmodels does so each time: a quarter second
    generator = np.random.default_rng(3)
    plain, adjusted = [], []
    for _ in range(400):
        right = networks(generator, 1500, [0.9] * 5)
        pairs = [(a, b) for a in range(5) for b in range(a)]
        counts = [count_pairs(right[:, a], right[:, b]) for a, b in pairs]
        p_values = [exact_mcnemar(first, second) for _, first, second, _ in counts]
        plain.append(min(p_values) < 0.05)
        adjusted.append(holm(p_values).min() < 0.05)
    assert np.mean(plain) > 0.12  # without it, one looks long enough and finds something
    assert 0.005 < np.mean(adjusted) < 0.07
