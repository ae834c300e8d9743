"""Number formats of the report: fixed decimals, signs, durations, lists in words."""

from collections.abc import Sequence
from typing import Any

UNKNOWN = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"


def fixed(number: float | None, digits: int = 0) -> str:
    """Format a number with a fixed number of decimals: ``33,600``, ``0.9785``; None is a dash."""
    if number is None:
        return UNKNOWN
    rounded = round(number, digits) + 0.0  # avoids a negative zero
    return f"{rounded:,.{digits}f}".replace("-", MINUS)


def signed(number: float, digits: int = 0) -> str:
    """Format a difference with its sign: ``+0.0012``, ``−0.0003``, ``±0.0000``."""  # noqa: RUF002
    sign = "±" if round(number, digits) == 0 else "+" if number > 0 else ""
    return sign + fixed(number, digits)


def spread(value: dict[str, Any], digits: int, scale: float = 1) -> str:
    """Format a mean, with its standard deviation if there are several trials."""
    mean, sd = (None if part is None else scale * part for part in (value["mean"], value["sd"]))
    return fixed(mean, digits) if sd is None else f"{fixed(mean, digits)} ± {fixed(sd, digits)}"


def in_percent(share: float | None, digits: int = 2) -> str:
    """Format a share in percent, without the sign: ``97.90``; None is a dash."""
    return fixed(None if share is None else 100 * share, digits)


def in_points(share: float | None, digits: int = 2) -> str:
    """Format a difference of shares in percentage points, with its sign; None is a dash."""
    return UNKNOWN if share is None else signed(100 * share, digits)


def p_value(probability: float | None) -> str:
    """Format a p-value: ``0.017``, ``0.26``, ``< 0.001``; None is a dash."""
    if probability is None:
        return UNKNOWN
    return "< 0.001" if probability < 0.001 else fixed(probability, 3 if probability < 0.1 else 2)


def between(limits: Sequence[int], one: str, many: str) -> str:
    """Format a count or a range with its noun: ``1 trial``, ``5 trials``, ``3 to 5 trials``."""
    low, high = limits
    amount = fixed(low) if low == high else f"{fixed(low)} to {fixed(high)}"
    return f"{amount} {one if high == 1 else many}"


def duration(seconds: float) -> str:
    """Format a duration in seconds: ``41 s``, ``19 min 39 s``, ``2 h 05 min``."""
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    if hours:
        return f"{hours:,} h {minutes:02d} min"
    return f"{minutes} min {whole % 60:02d} s" if minutes else f"{whole} s"


def listing(items: Sequence[Any]) -> str:
    """Format a list in words: ``2, 3 and 5``."""
    texts = [str(item) for item in items]
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


FILTERS = {
    function.__name__: function
    for function in (
        *(fixed, signed, spread, in_percent, in_points, p_value),
        *(between, duration, listing),
    )
}


def one_line(text: str) -> str:
    """Return a text as one line of printable characters.

    Each run of white space, control characters included, becomes a single space.
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
