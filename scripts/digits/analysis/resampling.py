"""Means with intervals and tests, over trainings or over images."""

import math

import numpy as np

from digits.analysis.distributions import t_quantile, t_tail
from digits.analysis.estimate import ALPHA, NAN, Estimate


def corrected_t(values: np.ndarray, test_share: float, comparisons: float = 1) -> Estimate:
    """Test that a mean over trainings is 0, by the corrected resampled t test.

    Nadeau and Bengio (2003), Machine Learning 52, 239-281: the variance of the mean of J values is
    taken as ``(1 / J + test_share)`` times their sample variance, since the training parts of the
    folds overlap and the values are therefore not independent. The p-value is for the
    architecture, trained on sets of this size of images like these. It assumes the correlation of
    the values of Nadeau and Bengio, an approximation. Where the values come from seeds on a single
    fold, all share its images: the test is stricter than one on seeds alone, but still does not
    cover other validation images.

    Parameters
    ----------
    values : float array of shape (J,), one value per fold (the mean over its seeds), or per seed
        where there is one fold
    test_share : validation images per training image, 1 / (splits - 1)
    comparisons : number of intervals that are to hold jointly at 95% (Bonferroni); 1/2 for the ends
        of a one-sided interval

    Returns
    -------
    with J - 1 degrees of freedom; without interval and test for one value, or if all values are
    the same and not 0, so that their error is unknown
    """
    values = np.asarray(values, dtype=float)
    count, mean = len(values), float(np.mean(values))
    if count < 2:
        return Estimate(mean)
    deviation = float(np.std(values, ddof=1))
    if deviation <= 1e-12:  # all the same, apart from rounding
        same = abs(mean) <= 1e-12
        return Estimate(mean, df=count - 1, statistic=0.0 if same else NAN, p=1.0 if same else NAN)
    error = deviation * math.sqrt(1 / count + test_share)
    reach = error * t_quantile(ALPHA / comparisons / 2, count - 1)
    statistic = mean / error
    p_value = 2 * t_tail(abs(statistic), count - 1)
    return Estimate(mean, mean - reach, mean + reach, statistic, count - 1, p_value)


def over_images(values: np.ndarray, comparisons: float = 1) -> Estimate:
    """Test that a mean over images is 0, by the one-sample t test.

    Conditional on the trained networks, and each image counts once: the results of several
    networks of a cell on one image must have been averaged before. For the difference of two cells
    with several seeds it is McNemar's test with the image as cluster (Obuchowski 1998, Statistics
    in Medicine 17, 1495-1507), whose chi-squared is this t squared, but for the centring of the
    variance.

    Parameters
    ----------
    values : float array of shape (images,)
    comparisons : number of intervals that are to hold jointly at 95% (Bonferroni)
    """
    values = np.asarray(values, dtype=float)
    count, mean = len(values), float(np.mean(values))
    if count < 2:
        return Estimate(mean)
    if np.ptp(values) <= 1e-12:  # no variance to estimate the error from
        same = abs(mean) <= 1e-12
        return Estimate(mean, df=count - 1, statistic=0.0 if same else NAN, p=1.0 if same else NAN)
    variance = np.mean((values - mean) ** 2) * (count / (count - 1))
    error = math.sqrt(variance / count)
    tail = (1 - (1 - ALPHA / comparisons)) / 2
    low, high = (mean - t_quantile(share, count - 1) * error for share in (tail, 1 - tail))
    p_value = 2 * t_tail(abs(mean / error), count - 1)
    return Estimate(mean, low, high, mean / error, count - 1, p_value)
