import numpy as np
import pytest
from experiments import SHARE
from peas import accuracies
from statsmodels.formula.api import ols

from digits.analysis.pooled_error import PooledError, pooled_error, pooled_t, training_error
from digits.analysis.resampling import corrected_t

pytestmark = pytest.mark.filterwarnings("error")


def test_with_two_cells_it_is_the_corrected_t_test():
    blocks = np.random.default_rng(0).normal(size=(5, 2))
    pooled = pooled_t(np.diff(blocks).mean(), 5, pooled_error(blocks), SHARE)
    assert pooled == pytest.approx(corrected_t(np.diff(blocks).ravel(), SHARE))


def test_the_error_is_that_of_the_analysis_of_variance_of_cells_and_blocks():
    frame = accuracies(np.random.default_rng(1), 0.2)
    blocks = frame["accuracy"].to_numpy().reshape(6, 5).T.copy()
    frame["cell"] = frame["layers"] * 1000 + frame["nodes"]
    fit = ols("accuracy ~ C(cell) + C(block)", frame).fit()
    assert pooled_error(blocks) == pytest.approx((fit.mse_resid, 20))
    blocks[[0, 2, 2], [1, 3, 4]] = np.nan
    fit = ols("accuracy ~ C(cell) + C(block)", frame.drop(index=[5, 17, 22])).fit()
    assert pooled_error(blocks) == pytest.approx((fit.mse_resid, 17))
    blocks[:, 0] = np.nan  # a cell without a result
    assert pooled_error(blocks).df == 13


def test_the_bound_of_a_loss_is_as_written():
    # loss + t(0.95, (J - 1)(k - 1)) * sqrt(2 * MSE * (1 / J + 1 / (K - 1))), by hand for J = K = 5
    # and k = 6: t = 1.7247, so with MSE = 2e-6 the bound is 0.0018 + 1.7247 * sqrt(1.8e-6)
    found = pooled_t(0.0018, 5, PooledError(2e-6, 20), SHARE, alpha=0.1)
    assert found.high == pytest.approx(0.0018 + 1.7247 * 1.34164e-3, abs=1e-7)
    assert found.df == 20


def test_the_interval_agrees_with_the_test():
    for difference in np.linspace(-3, 3, 41):
        for alpha in (0.05, 0.05 / 15, 0.1):
            found = pooled_t(difference, 5, PooledError(1.0, 20), SHARE, alpha)
            assert (found.p < alpha) == (found.low > 0 or found.high < 0)


def test_what_has_no_error_has_no_interval():
    assert np.isnan(pooled_error(np.full((5, 3), 0.9)).variance)
    assert np.isnan(pooled_error(np.array([[0.9, 0.8, 0.7]])).variance)
    assert pooled_error(np.full((2, 2), np.nan)) == pytest.approx((np.nan, 0), nan_ok=True)
    found = pooled_t(0.1, 5, pooled_error(np.full((5, 3), 0.9)), SHARE)
    assert found[0] == 0.1
    assert np.isnan(found[1:]).all()


def test_the_noise_of_a_training_of_a_single_cell_is_the_variance_over_its_trainings():
    values = np.random.default_rng(2).normal(size=7)
    assert training_error(values[:, None]) == pytest.approx((np.var(values, ddof=1), 6))
    assert training_error(values[:1, None]).df == 0
    several = np.random.default_rng(2).normal(size=(5, 3))
    assert training_error(several) == pooled_error(several)


@pytest.mark.parametrize(("overlap", "test_share"), [(0, 0), (1 / 5, 1 / 4)])
def test_pooled_tests_keep_their_level_and_see_more_than_those_of_single_pairs(overlap, test_share):
    generator = np.random.default_rng(3)
    alarms, seen, alone = [], [], []
    for _ in range(1500):
        common = np.sqrt(overlap) * generator.normal(size=6)  # as Nadeau and Bengio take it to be
        blocks = common + np.sqrt(1 - overlap) * generator.normal(size=(5, 6))
        blocks += 3 * generator.normal(size=(5, 1))
        error, pair = pooled_error(blocks), blocks[:, 5] - blocks[:, 0]
        alarms.append(pooled_t(pair.mean(), 5, error, test_share).p < 0.05)
        if len(seen) < 200:
            family = 15  # the pairs of six cells
            seen.append(pooled_t(pair.mean() + 4, 5, error, test_share).p * family < 0.05)
            alone.append(corrected_t(pair + 4, test_share).p * family < 0.05)
    assert 0.035 < np.mean(alarms) < 0.065
    assert np.mean(seen) > np.mean(alone) + 0.25
