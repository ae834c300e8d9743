"""Plain text for the conclusions: cells, factors, shares, differences, intervals and p-values."""

from collections.abc import Iterable

from digits.core import formatting
from digits.core.design import Design, factor_label
from digits.core.formatting import listing
from digits.core.frames import pd


def names_of(models: Iterable[str], design: Design) -> str:
    """List models by their labels, in running text."""
    return listing([design.model_label(model, unbroken=True) for model in models])


def factors_of(term: str) -> str:
    """Write the factors of a term: ``optimizer and dropout``."""
    return listing([factor_label(factor) for factor in term.split(":")])


def verb(terms: Iterable[str], one: str, many: str) -> str:
    """Return the form of a verb that fits factors: epochs *have*, dropout *has*."""
    terms = list(terms)
    return many if len(terms) > 1 or factor_label(terms[0]).endswith("s") else one


def percent(share: float) -> str:
    """Write a share in percent."""
    return f"{formatting.in_percent(share)}%"


def points(share: float) -> str:
    """Write a difference of shares in percentage points, with its sign."""
    return f"{formatting.in_points(share)} points"


def size(share: float) -> str:
    """Write the size of a difference of shares in percentage points."""
    return f"{formatting.fixed(100 * share, 2)} points"


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


def sentence(text: str) -> str:
    """Return a text as a sentence: with a capital letter and a full stop; empty if it is."""
    return f"{text[:1].upper()}{text[1:]}." if text else ""
