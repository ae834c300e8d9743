"""The costs of the rules, for the report."""

from typing import Any

import pandas as pd

from digits.core.formatting import fixed
from digits.core.tables import known, records

LEAST = 0.001
"""A share of the time that is smaller is not written as a number."""


def cost_rows(costs: pd.DataFrame) -> dict[str, Any]:
    """Return the costs per rule, with its share of the time in percent, and the totals."""
    seconds = costs["seconds"].sum()
    rules = records(costs)
    for rule in rules:
        rule["share"] = share_of(rule["seconds"] / seconds) if seconds else None
    sums = {name: known(costs[name].sum(min_count=1)) for name in ("jobs", "seconds")}
    sums["cpu_seconds"] = known(costs["cpu_seconds"].sum(min_count=1))
    return {"rules": rules, "total": sums | {"max_rss_mb": known(costs["max_rss_mb"].max())}}


def share_of(share: float) -> str:
    """Write a share in percent: ``12.3%``, and what is too little for that as ``< 0.1%``."""
    return "< 0.1%" if share < LEAST else f"{fixed(100 * share, 1)}%"
