"""What a method says of a quantity: an estimate with its interval and, where it tests, its test."""

from typing import NamedTuple

LEVEL = 0.95
"""Confidence of all intervals, and one minus the level of all tests."""

ALPHA = 1 - LEVEL

NAN = float("nan")


class Estimate(NamedTuple):
    """An estimate; NaN stands for what the data do not give.

    Attributes
    ----------
    estimate : the quantity, as a share of images (0.01 is one percentage point)
    low, high : ends of the 95% interval
    statistic, df, p : of the two-sided test that the quantity is 0
    """

    estimate: float
    low: float = NAN
    high: float = NAN
    statistic: float = NAN
    df: float = NAN
    p: float = NAN
