"""Differences of accuracies, from counts of images: intervals that agree with their tests.

They are conditional on the trained networks: they cover the variation between samples of images,
and that between trainings only where it is given.
"""

import math
from collections.abc import Callable

from scipy.optimize import brentq

from digits.analysis.distributions import normal_quantile, normal_tail, t_quantile
from digits.analysis.estimate import ALPHA, NAN, Estimate
from digits.evaluation.intervals import wilson


def independent_difference(
    first: float,
    first_total: float,
    second: float,
    second_total: float,
    *,
    training_error: float = 0.0,
    training_df: float = NAN,
) -> Estimate:
    """Compare two proportions of different samples.

    The interval is method 10 of Newcombe (1998), Statistics in Medicine 17, 873-890: the distances
    of both proportions to the ends of their Wilson intervals, squared and added. Noise between
    trainings is one more term of that sum, as in Zou and Donner (2008), Statistics in Medicine 27,
    1693-1702. The p-value is the level at which the interval touches 0, so that the two agree.

    Parameters
    ----------
    first, second : number correct; need not be an integer, as published shares are rounded
    training_error, training_df : standard error of the difference because of noise between
        trainings, and its degrees of freedom; 0 and NaN if it is not known
    """
    one, other = first / first_total, second / second_total
    difference = one - other

    def reach(alpha: float, *, down: bool) -> float:
        quantile = normal_quantile(alpha / 2)
        low_1, high_1 = wilson(first, first_total, quantile)
        low_2, high_2 = wilson(second, second_total, quantile)
        images = (one - low_1, high_2 - other) if down else (high_1 - one, other - low_2)
        if not training_error:
            return math.hypot(*images)
        return math.hypot(*images, training_error * t_quantile(alpha / 2, training_df))

    ends = difference - reach(ALPHA, down=True), difference + reach(ALPHA, down=False)
    p_value = _touching(lambda alpha: reach(alpha, down=difference > 0) - abs(difference))
    statistic = math.copysign(normal_quantile(p_value / 2), difference) if difference else 0.0
    return Estimate(difference, *ends, statistic, training_df, p_value)


def _touching(excess: Callable[[float], float]) -> float:
    """Return the level at which an interval touches 0, from what it reaches beyond 0 at a level."""
    if excess(1.0) >= 0:
        return 1.0
    smallest = 1e-12
    return smallest if excess(smallest) <= 0 else float(brentq(excess, smallest, 1.0, xtol=1e-13))


def paired_difference(
    first_only: int, second_only: int, total: int, alpha: float = ALPHA
) -> Estimate:
    """Compare two networks on the same images: McNemar's test and Tango's interval.

    Both are score methods, so p is below ``alpha`` exactly where the interval excludes 0: McNemar
    (1947), Psychometrika 12, 153-157, without a continuity correction, and Tango (1998), Statistics
    in Medicine 17, 891-908. Fagerland, Lydersen and Laake (2014), Statistics in Medicine 33,
    2850-2875, recommend them. Unlike Wald's, the interval has a width where no image tells the two
    apart.

    Parameters
    ----------
    first_only, second_only : number of images that only one of the two classifies correctly
    total : number of images
    alpha : one minus the level of the interval
    """
    difference = (first_only - second_only) / total
    differing = first_only + second_only
    statistic = (first_only - second_only) / math.sqrt(differing) if differing else 0.0
    quantile = normal_quantile(alpha / 2)
    high = _tango(first_only, second_only, total, quantile)
    low = -_tango(second_only, first_only, total, quantile)
    p_value = 2 * normal_tail(abs(statistic))
    return Estimate(difference, low, high, statistic, p=p_value)


def _tango(first_only: int, second_only: int, total: int, quantile: float) -> float:
    """Return the upper end of Tango's interval."""
    difference = (first_only - second_only) / total
    # Where all images agree, the variance at the difference itself is 0, which is no end.
    if first_only == second_only == 0:
        return quantile**2 / (total + quantile**2)
    if difference == -1:
        return (quantile**2 - total) / (quantile**2 + total)
    if difference == 1:
        return 1.0

    def excess(true: float) -> float:
        """Return by how much the squared distance from a true difference is beyond the limit."""
        linear = (2 * total - first_only + second_only) * true - first_only - second_only
        product = 2 * total * second_only * true * (1 - true)
        second = (math.sqrt(linear**2 + 4 * product) - linear) / (4 * total)
        variance = total * (2 * second + true * (1 - true))
        return (first_only - second_only - total * true) ** 2 - quantile**2 * variance

    return float(brentq(excess, difference, 1.0, xtol=1e-15))
