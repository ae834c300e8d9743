"""Measure what Snakemake itself takes, as the design grows: the plan, and a job.

The real workflow runs in a copy of the project whose programs only create their outputs.
"""

import os
import sys
from pathlib import Path

import checkout
from harness import parser, run, scratch, short, write

DESIGNS = {6: (3, 2), 24: (6, 4), 96: (12, 8)}
"""Numbers of layers and of nodes, by the number of cells that they make."""

STAND_IN = """
import os, sys
from pathlib import Path

for argument in sys.argv[1:]:
    path = Path(argument.rpartition("=")[2])
    if path.parts[:1] in {("results",), ("data",)} and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(argument)
"""
"""A program that creates the files among its arguments that are not there: inputs always are."""

TEXT = (
    "*plan* is the whole of `snakemake -n`: before anything has run, and again when all is there."
    " The run executes the real rules, each job with its shell, log, benchmark and checksums, but"
    " with programs that only create their outputs; its wall time without the plan, divided by the"
    " jobs, is what a job costs besides its own work. Python's bare start, {start} s, is part of"
    " it."
)


def copy(folder: Path, cells: int) -> Path:
    """Copy the project, put stand-ins for its programs, and configure so many cells."""
    checkout.copy(folder)
    for program in (folder / "scripts").glob("*.py"):
        program.write_text(STAND_IN)
    layers, nodes = DESIGNS[cells]
    design = {"layers": [*range(1, layers + 1)], "nodes": [100 * n for n in range(1, nodes + 1)]}
    return checkout.write_config(folder / "design.json", {"experiment": "scale", "design": design})


def measure(folder: Path, cells: int) -> dict[str, float]:
    """Plan, run and plan again; return the seconds of each, and the number of jobs."""
    design = copy(folder, cells)
    configs = ["--configfile", "config/config.yaml", design]
    cores = ["--cores", len(os.sched_getaffinity(0))]
    plan = checkout.snakemake(folder, "-n", *configs)
    whole = checkout.snakemake(folder, *cores, *configs)
    again = checkout.snakemake(folder, "-n", *configs)
    jobs = len(list((folder / "results" / "scale" / "logs").rglob("*.log")))
    return {"jobs": jobs, "plan": plan.seconds, "run": whole.seconds, "again": again.seconds}


def row(cells: int, taken: dict[str, float]) -> dict[str, str]:
    """Return a design's row of the table."""
    return {
        "cells": f"{cells}",
        "jobs": f"{taken['jobs']}",
        "plan, nothing there (s)": short(taken["plan"]),
        "plan, all there (s)": short(taken["again"]),
        "run (s)": short(taken["run"]),
        "a job (s)": short((taken["run"] - taken["plan"]) / taken["jobs"]),
    }


def main(argv: list[str] | None = None) -> None:
    """Run the benchmark."""
    options = parser(__doc__)
    options.add_argument("--cells", type=int, nargs="+", default=list(DESIGNS), choices=DESIGNS)
    rows, data = [], {}
    for cells in options.parse_args(argv).cells:
        with scratch() as folder:
            data[cells] = measure(folder / "copy", cells)
        rows.append(row(cells, data[cells]))
        print(f"  {rows[-1]}", flush=True)
    start = run([sys.executable, "-c", ""]).seconds
    write("scheduling", "Growth of the design", TEXT.format(start=short(start)), rows, data)


if __name__ == "__main__":
    main()
