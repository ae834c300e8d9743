"""An estimate with its confidence interval and its test."""

from typing import NamedTuple

LEVEL = 0.95
"""Confidence level of all intervals; one minus the significance level of all tests."""

ALPHA = 1 - LEVEL

NAN = float("nan")


class Estimate(NamedTuple):
    """An estimate; NaN where the data give no value.

    Attributes
    ----------
    estimate : the quantity, as a share of the images (0.01 is one percentage point)
    low, high : ends of the 95% interval, or of that of a family of intervals that hold jointly
    statistic, df, p : of the two-sided test that the quantity is 0
    """

    estimate: float
    low: float = NAN
    high: float = NAN
    statistic: float = NAN
    df: float = NAN
    p: float = NAN


def mirrored(found: Estimate) -> Estimate:
    """Return the estimate of the same quantity with the other sign."""
    return found._replace(
        estimate=-found.estimate, low=-found.high, high=-found.low, statistic=-found.statistic
    )
