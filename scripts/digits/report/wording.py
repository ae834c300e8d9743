"""How the answer writes cells, shares, differences, intervals and p-values: plain text."""

from collections.abc import Iterable

import pandas as pd

from digits.analysis.names import cell_of
from digits.report.numbers import fixed, listing, signed
from digits.report.results import identity


def name_of(model: str) -> str:
    """Return how the page names a cell, given as ``5L200N``."""
    return str(identity(cell_of(model))["name"])


def names_of(models: Iterable[str]) -> str:
    """List cells by name."""
    return listing([name_of(model) for model in models])


def percent(share: float) -> str:
    """Write a share in percent."""
    return f"{fixed(100 * share, 2)}%"


def points(share: float) -> str:
    """Write a difference of shares in percentage points, with its sign."""
    return f"{signed(100 * share, 2)} points"


def span(low: float, high: float) -> str:
    """Write an interval of a difference, to follow it; nothing where there is none."""
    if pd.isna(low) or pd.isna(high):
        return ""
    return f", 95% interval {signed(100 * low, 2)} to {signed(100 * high, 2)}"


def chance(p_value: float, sign: str = "=") -> str:
    """Write a p-value or, with another sign, a bound of several."""
    if p_value < 0.001:
        return "p < 0.001"
    return f"p {sign} {fixed(p_value, 3 if p_value < 0.1 else 2)}"
