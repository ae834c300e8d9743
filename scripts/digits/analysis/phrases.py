"""Plain text for the conclusions: cells, shares, differences, intervals and p-values."""

from collections.abc import Iterable

import pandas as pd

from digits.core import formatting
from digits.core.design import model_label
from digits.core.formatting import listing


def names_of(models: Iterable[str]) -> str:
    """List models by their labels, in running text."""
    return listing([model_label(model, unbroken=True) for model in models])


def percent(share: float) -> str:
    """Write a share in percent."""
    return f"{formatting.in_percent(share)}%"


def points(share: float) -> str:
    """Write a difference of shares in percentage points, with its sign."""
    return f"{formatting.in_points(share)} points"


def span(low: float, high: float) -> str:
    """Write the interval of a difference, to follow it; empty if there is none."""
    if pd.isna(low) or pd.isna(high):
        return ""
    return f", 95% interval {formatting.in_points(low)} to {formatting.in_points(high)}"


def chance(p_value: float, sign: str = "=") -> str:
    """Write a p-value or, with another sign, a bound of several, with no-break spaces."""
    written = formatting.p_value(p_value)
    text = f"p {written}" if written.startswith("<") else f"p {sign} {written}"
    return text.replace(" ", "\N{NO-BREAK SPACE}")
