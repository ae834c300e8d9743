"""Wilson's interval of an accuracy, from counts of images."""

from typing import Any

import numpy as np

NORMAL = 1.959963984540054
"""The 97.5% quantile of the normal distribution, of two-sided 95% intervals."""


def wilson(right: Any, total: Any, quantile: float = NORMAL) -> tuple[Any, Any]:
    """Return the ends of Wilson's score interval of a proportion (Wilson 1927, JASA 22, 209-212).

    It is conditional on the trained networks: it covers the variation between samples of images,
    not between trainings.

    Parameters
    ----------
    right, total : number correct, and number of images; numbers or arrays
    quantile : of the normal distribution; by default that of a 95% interval
    """
    share, square = right / total, quantile**2
    centre = (share + square / (2 * total)) / (1 + square / total)
    spread = share * (1 - share) / total + square / (4 * total**2)
    half = quantile * spread**0.5 / (1 + square / total)
    # Rounding may put an end slightly beyond 0 or 1.
    low, high = np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)
    return (low, high) if np.ndim(low) else (float(low), float(high))
