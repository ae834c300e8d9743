"""The error of differences between cells, pooled over all cells and trainings."""

import math
from typing import NamedTuple

import numpy as np

from digits.analysis.distributions import t_quantile, t_tail
from digits.analysis.estimate import ALPHA, NAN, Estimate

TINY = 1e-24
"""Variance below which accuracies differ by rounding alone."""


class PooledError(NamedTuple):
    """What is left of the variance of accuracies when cells and blocks are allowed for.

    Attributes
    ----------
    variance : mean square of the residuals of the analysis of variance of cells and blocks; NaN
        without degrees of freedom or without variance
    df : its degrees of freedom
    """

    variance: float
    df: int


def pooled_error(accuracies: np.ndarray) -> PooledError:
    """Estimate the variance that cells and blocks do not explain, from all cells together.

    With J blocks and k cells, all known, it has (J - 1)(k - 1) degrees of freedom, where the
    differences of a single pair of cells have J - 1. It takes this variance to be the same for all
    cells.

    Parameters
    ----------
    accuracies : float array of shape (blocks, cells), NaN where there is none
    """
    known = ~np.isnan(accuracies)
    blocks, cells = np.nonzero(known)
    values = accuracies[known]
    if len(values) == 0:
        return PooledError(NAN, 0)
    model = np.zeros((len(values), sum(accuracies.shape)))
    model[np.arange(len(values)), blocks] = 1
    model[np.arange(len(values)), accuracies.shape[0] + cells] = 1
    found, _, rank, _ = np.linalg.lstsq(model, values - values.mean())
    df = len(values) - int(rank)
    squares = float(((values - values.mean() - model @ found) ** 2).sum())
    return PooledError(squares / df if df and squares / df > TINY else NAN, df)


def pooled_t(
    difference: float, blocks: int, error: PooledError, test_share: float, alpha: float = ALPHA
) -> Estimate:
    """Test the difference between the mean accuracies of two cells, with the pooled error.

    The variance of the difference is ``2 * variance * (1 / blocks + test_share)``: that of the
    corrected resampled t test (see :func:`digits.analysis.resampling.corrected_t`), with the error
    of the whole design in place of the pair's own.

    Parameters
    ----------
    difference : as a share of the images
    blocks : number of folds, or of seeds where there is one fold, in which both cells have a result
    error : see :func:`pooled_error`
    test_share : validation images per training image, 1 / (splits - 1)
    alpha : one minus the level of the interval
    """
    if math.isnan(error.variance) or not blocks:
        return Estimate(difference)
    deviation = math.sqrt(2 * error.variance * (1 / blocks + test_share))
    reach = deviation * t_quantile(alpha / 2, error.df)
    statistic = difference / deviation
    p_value = 2 * t_tail(abs(statistic), error.df)
    return Estimate(
        difference, difference - reach, difference + reach, statistic, error.df, p_value
    )


def training_error(accuracies: np.ndarray) -> PooledError:
    """Estimate the variance of the accuracy of one training, for comparisons with others' figures.

    That of :func:`pooled_error`; with one cell it is the variance over its trainings, which
    includes that between folds.

    Parameters
    ----------
    accuracies : float array of shape (trainings, cells), NaN where there is none
    """
    if accuracies.shape[1] > 1:
        return pooled_error(accuracies)
    values = accuracies[~np.isnan(accuracies)]
    if len(values) < 2 or np.var(values) <= TINY:
        return PooledError(NAN, 0)
    return PooledError(float(np.var(values, ddof=1)), len(values) - 1)
