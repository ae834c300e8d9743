"""What the report says of how an experiment was made: costs, versions and devices."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from digits.report.results import known, records


def cost_rows(costs: pd.DataFrame) -> dict[str, Any]:
    """Return the costs per rule with each one's share of the time, and their totals."""
    seconds = costs["seconds"].sum()
    shares = costs.assign(share=costs["seconds"] / seconds if seconds else None)
    total = {name: known(costs[name].sum()) for name in ("jobs", "seconds", "cpu_seconds")}
    return {
        "rules": records(shares),
        "total": total | {"max_rss_mb": known(costs.max_rss_mb.max())},
    }


def versions(metrics: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return per package every version that a training ran with."""
    found: dict[str, set[str]] = {}
    for record in metrics:
        for package, version in record["versions"].items():
            found.setdefault(package, set()).add(str(version))
    return [{"package": package, "versions": sorted(found[package])} for package in sorted(found)]


def devices(metrics: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return per device the number of trainings that ran on it."""
    counts = pd.Series([str(record["device"]) for record in metrics], dtype=str).value_counts()
    return [{"device": device, "trainings": int(counts[device])} for device in sorted(counts.index)]
