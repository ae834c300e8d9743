"""Counts of pairs of networks on the same images, and Cochran's Q for all networks.

They compare the trained networks, not their architectures: the images are the sample, and each must
count once. A network trained again, with another seed, is another network.
"""

import numpy as np

from digits.analysis.distributions import chi_squared_tail
from digits.analysis.estimate import NAN


def count_pairs(first: np.ndarray, second: np.ndarray) -> tuple[int, int]:
    """Count the images that only the first network gets right, and those that only the second does.

    Parameters
    ----------
    first, second : arrays of shape (images,), true or 1 where the network is right
    """
    first, second = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    return int((first & ~second).sum()), int((~first & second).sum())


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
    networks, total = differing.shape[1], float(differing.sum())
    by_network, by_image = differing.sum(axis=0, dtype=float), differing.sum(axis=1, dtype=float)
    spread = networks * np.sum(by_network**2) - total**2
    statistic = float((networks - 1) * spread / (networks * total - np.sum(by_image**2)))
    return statistic, networks - 1, chi_squared_tail(statistic, networks - 1)
