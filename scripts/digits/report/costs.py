"""The costs of the rules, for the report."""

from typing import Any

import pandas as pd

from digits.core.tables import known, records


def cost_rows(costs: pd.DataFrame) -> dict[str, Any]:
    """Return the costs per rule, with its share of the time, and the totals."""
    seconds = costs["seconds"].sum()
    shares = costs.assign(share=costs["seconds"] / seconds if seconds else None)
    total = {name: known(costs[name].sum()) for name in ("jobs", "seconds", "cpu_seconds")}
    return {
        "rules": records(shares),
        "total": total | {"max_rss_mb": known(costs.max_rss_mb.max())},
    }
