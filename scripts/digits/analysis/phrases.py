"""How the answer writes cells, shares, differences, intervals and p-values: plain text."""

from collections.abc import Iterable

import pandas as pd

from digits.core import formatting
from digits.core.design import cell_identity, cell_of
from digits.core.formatting import listing


def name_of(model: str) -> str:
    """Return how the page names a cell, given as ``5L200N``."""
    return str(cell_identity(cell_of(model))["name"])


def names_of(models: Iterable[str]) -> str:
    """List cells by name."""
    return listing([name_of(model) for model in models])


def percent(share: float) -> str:
    """Write a share in percent."""
    return f"{formatting.in_percent(share)}%"


def points(share: float) -> str:
    """Write a difference of shares in percentage points, with its sign."""
    return f"{formatting.in_points(share)} points"


def span(low: float, high: float) -> str:
    """Write an interval of a difference, to follow it; nothing where there is none."""
    if pd.isna(low) or pd.isna(high):
        return ""
    return f", 95% interval {formatting.in_points(low)} to {formatting.in_points(high)}"


def chance(p_value: float, sign: str = "=") -> str:
    """Write a p-value or, with another sign, a bound of several; it is never broken over lines."""
    written = formatting.p_value(p_value)
    told = f"p {written}" if written.startswith("<") else f"p {sign} {written}"
    return told.replace(" ", "\N{NO-BREAK SPACE}")
