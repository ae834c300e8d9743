"""Tails and quantiles of distributions, the same as those of ``scipy.stats``.

Importing ``scipy.stats`` takes longer than the analysis of an experiment; it computes these by the
same functions of ``scipy.special``.
"""

import numpy as np
from scipy import special

Numbers = float | np.ndarray


def normal_tail(value: float) -> float:
    """Return the probability that a standard normal variable exceeds a value."""
    return float(special.ndtr(-value))


def normal_quantile(tail: float) -> float:
    """Return the value that a standard normal variable exceeds with a probability of ``tail``."""
    return -float(special.ndtri(tail))


def t_tail(value: float, df: float) -> float:
    """Return the probability that Student's t with ``df`` degrees of freedom exceeds a value."""
    return float(special.stdtr(df, -value))


def t_quantile(tail: float, df: float) -> float:
    """Return the value that Student's t exceeds with a probability of ``tail``."""
    return -float(special.stdtrit(df, tail))


def f_tail(values: Numbers, df: Numbers, df_error: Numbers) -> Numbers:
    """Return the probability that F exceeds each value; arrays of one shape, or numbers."""
    return special.fdtrc(df, df_error, values)


def chi_squared_tail(value: float, df: float) -> float:
    """Return the probability that chi-squared exceeds a value."""
    return float(special.chdtrc(df, value))
