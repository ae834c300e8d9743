"""Wilson's and Newcombe's intervals of accuracies and their differences, from counts of images.

They are conditional on the trained networks: they cover the variation between samples of images,
not between trainings.
"""

import numpy as np
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    test_proportions_2indep,
)

from digits.analysis.estimate import ALPHA, Estimate


def wilson(right: float, total: float) -> tuple[float, float]:
    """Return the ends of Wilson's 95% score interval of a proportion (Wilson 1927).

    Parameters
    ----------
    right, total : number correct, and number of images
    """
    low, high = proportion_confint(right, total, alpha=ALPHA, method="wilson")
    # Rounding may put an end slightly beyond 0 or 1.
    return max(float(low), 0.0), min(float(high), 1.0)


def independent_difference(
    first: float, first_total: float, second: float, second_total: float
) -> Estimate:
    """Compare two proportions of different samples: Newcombe's interval, score test.

    The interval is method 10 of Newcombe (1998), Statistics in Medicine 17, 873-890; the test is
    that of Miettinen and Nurminen (1985), as the interval comes without a p-value.

    Parameters
    ----------
    first, second : number correct; need not be an integer, as published shares are rounded
    """
    counts = (first, first_total, second, second_total)
    low, high = confint_proportions_2indep(*counts, method="newcomb", compare="diff", alpha=ALPHA)
    difference = first / first_total - second / second_total
    if {first / first_total, second / second_total} in ({0.0}, {1.0}):  # 0 / 0 in the statistic
        return Estimate(difference, float(low), float(high), 0.0, p=1.0)
    with np.errstate(divide="ignore"):  # in ratios that statsmodels also returns
        test = test_proportions_2indep(*counts, method="score", compare="diff")
    return Estimate(
        difference, float(low), float(high), float(test.statistic), p=float(test.pvalue)
    )


def paired_interval(
    both: int, first_only: int, second_only: int, neither: int
) -> tuple[float, float]:
    """Return the ends of the 95% interval of the difference of two proportions of one sample.

    Method 10 of Newcombe (1998), Statistics in Medicine 17, 2635-2650: the Wilson intervals of
    both proportions, squared and added with the correlation of the pairs. Unlike the Wald
    interval it keeps its level with few images and where no pair differs. Neither SciPy 1.17 nor
    statsmodels 0.15 provides it.

    Parameters
    ----------
    both, first_only, second_only, neither : number of images that both networks classify
        correctly, and so on; not all zero
    """
    total = both + first_only + second_only + neither
    first, second = both + first_only, both + second_only
    difference = (first - second) / total
    (low_1, high_1), (low_2, high_2) = wilson(first, total), wilson(second, total)
    down_1, up_1 = first / total - low_1, high_1 - first / total
    down_2, up_2 = second / total - low_2, high_2 - second / total
    phi = _correlation(both, first_only, second_only, neither)
    below = np.sqrt(down_1**2 - 2 * phi * down_1 * up_2 + up_2**2)
    above = np.sqrt(up_1**2 - 2 * phi * up_1 * down_2 + down_2**2)
    return float(difference - below), float(difference + above)


def _correlation(both: int, first_only: int, second_only: int, neither: int) -> float:
    """Return the phi coefficient, its numerator corrected for continuity as Newcombe does."""
    margins = float(both + first_only) * (second_only + neither)
    margins *= float(both + second_only) * (first_only + neither)
    if margins == 0:
        return 0.0
    product = float(both) * neither - float(first_only) * second_only
    total = both + first_only + second_only + neither
    if product > 0:
        product = max(product - total / 2, 0.0)
    return product / float(np.sqrt(margins))
