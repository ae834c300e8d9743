"""Tests of networks on the same images: McNemar for two, Cochran's Q for all, Holm for many tests.

They compare the trained networks, not their architectures: the images are the sample, and each must
count once. A network trained again, with another seed, is another network.
"""

from collections.abc import Sequence

import numpy as np
from statsmodels.stats.contingency_tables import cochrans_q, mcnemar
from statsmodels.stats.multitest import multipletests

from digits.analysis.estimate import NAN


def count_pairs(first: np.ndarray, second: np.ndarray) -> tuple[int, int, int, int]:
    """Count the images that both networks get right, only the first, only the second, neither.

    Parameters
    ----------
    first, second : arrays of shape (images,), true or 1 where the network is right
    """
    first, second = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    return (
        int((first & second).sum()),
        int((first & ~second).sum()),
        int((~first & second).sum()),
        int((~first & ~second).sum()),
    )


def exact_mcnemar(first_only: int, second_only: int) -> float:
    """Return the two-sided p-value of McNemar's exact test: binomial, on the discordant images.

    The null hypothesis is that each of two given networks is as likely as the other to be the one
    that is right on an image on which they differ (McNemar 1947, Psychometrika 12, 153-157).
    """
    table = [[0, first_only], [second_only, 0]]  # the other two counts do not matter
    return float(mcnemar(table, exact=True).pvalue)


def cochran(right: np.ndarray) -> tuple[float, int, float]:
    """Return Cochran's Q, its degrees of freedom and its p-value (chi-squared).

    The null hypothesis is that all given networks have the same accuracy (Cochran 1950, Biometrika
    37, 256-266). NaN if no two networks differ on any image.

    Parameters
    ----------
    right : array of shape (images, networks), true or 1 where a network is right
    """
    right = np.asarray(right, dtype=int)
    differing = right[right.min(axis=1) != right.max(axis=1)]
    if len(differing) == 0:
        return NAN, right.shape[1] - 1, NAN
    test = cochrans_q(differing)
    return float(test.statistic), int(test.df), float(test.pvalue)


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Adjust the p-values of one family by Holm's method (1979); NaNs are left out of it.

    Rejecting below 0.05 then has a family-wise error rate of at most 5%, however the tests depend
    on each other and whichever of them are picked because of the data.
    """
    p_values = np.asarray(p_values, dtype=float)
    adjusted = np.full(p_values.shape, NAN)
    known = ~np.isnan(p_values)
    if known.any():
        adjusted[known] = multipletests(p_values[known], method="holm")[1]
    return adjusted
