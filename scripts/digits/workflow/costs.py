"""Run time and memory of each rule, summed up from Snakemake's benchmark files."""

from pathlib import Path

import pandas as pd

from digits.core.intermediate_files import reading

MEASURED = ["s", "cpu_time", "max_rss"]
"""Columns of Snakemake's: seconds, seconds of processor time, and peak memory in MiB."""


def cost_table(benchmarks: list[Path]) -> pd.DataFrame:
    """Sum up benchmark files, which are in a folder named after their rule.

    Returns
    -------
    a row per rule, in the order in which the rules first appear: ``rule``, ``jobs``, ``seconds``
    (wall time, sum over jobs), ``cpu_seconds`` (sum), ``max_rss_mb`` (peak memory of any job, MiB)
    """
    rows = [_read(path) for path in benchmarks]
    return (
        pd.DataFrame(rows)
        .groupby("rule", sort=False)
        .agg(
            jobs=("rule", "size"),
            seconds=("s", "sum"),
            cpu_seconds=("cpu_time", "sum"),
            max_rss_mb=("max_rss", "max"),
        )
        .round(2)
        .reset_index()
    )


def _read(path: Path) -> dict:
    with reading(path):
        table = pd.read_csv(path, sep="\t", na_values="-", usecols=MEASURED)
        return {"rule": path.parent.name, **table.iloc[-1].astype(float)}
