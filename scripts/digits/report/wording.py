"""How the answer writes cells, shares, differences, intervals and p-values: plain text."""

from collections.abc import Iterable

import pandas as pd

from digits.analysis.names import cell_of
from digits.report import numbers
from digits.report.numbers import listing
from digits.report.results import identity


def name_of(model: str) -> str:
    """Return how the page names a cell, given as ``5L200N``."""
    return str(identity(cell_of(model))["name"])


def names_of(models: Iterable[str]) -> str:
    """List cells by name."""
    return listing([name_of(model) for model in models])


def percent(share: float) -> str:
    """Write a share in percent."""
    return f"{numbers.in_percent(share)}%"


def points(share: float) -> str:
    """Write a difference of shares in percentage points, with its sign."""
    return f"{numbers.in_points(share)} points"


def span(low: float, high: float) -> str:
    """Write an interval of a difference, to follow it; nothing where there is none."""
    if pd.isna(low) or pd.isna(high):
        return ""
    return f", 95% interval {numbers.in_points(low)} to {numbers.in_points(high)}"


def chance(p_value: float, sign: str = "=") -> str:
    """Write a p-value or, with another sign, a bound of several; it is never broken over lines."""
    written = numbers.p_value(p_value)
    told = f"p {written}" if written.startswith("<") else f"p {sign} {written}"
    return told.replace(" ", "\N{NO-BREAK SPACE}")
