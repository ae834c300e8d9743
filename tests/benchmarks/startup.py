"""Show the seconds of the demo's jobs: interpreter, imports, TensorFlow, work."""

import json
import os
import shutil
from collections import defaultdict
from pathlib import Path

import checkout
from harness import HERE, ROOT, parser, scratch, write

PARTS = ("interpreter", "imports", "tensorflow", "work")

TEXT = (
    "Seconds of all jobs of the demo, summed up by rule; many run side by side. *interpreter* is"
    " the time until Python is up, *imports* that of all packages but TensorFlow and Keras, which"
    " have a column of their own; the rest is work. {commands}"
)

Seconds = dict[str, dict[str, float]]


def measure(folder: Path, source: Path, cores: int) -> tuple[Seconds, float]:
    """Run the demo of a checkout in a copy; return the seconds by rule and of the whole command."""
    checkout.copy(folder, source)
    short = {"experiment": "short", "training": {"epochs": 1}}
    short_config = checkout.write_config(folder / "short.json", short)
    # What a first run compiles, bytecode and loops, is of no interest here.
    arguments = ["--cores", cores, "--quiet", "all"]
    configs = ["--configfile", "config/config.yaml", short_config]
    checkout.snakemake(folder, *arguments, *configs)
    shutil.rmtree(folder / "data")
    records = folder / "records.jsonl"
    environment = {"PYTHONPATH": str(HERE), "STARTUP_RECORDS": str(records)}
    whole = checkout.snakemake(folder, *arguments, **environment)
    rules = {path.stem for path in (folder / "scripts").glob("*.py")}
    return add_up(records.read_text().splitlines(), rules), whole.seconds


def add_up(lines: list[str], rules: set[str]) -> Seconds:
    """Add up the records of processes by rule, the longest rule first, and those of all rules.

    Other processes, such as Snakemake's own, are left out.
    """
    seconds: Seconds = defaultdict(lambda: dict.fromkeys(("jobs", *PARTS, "total"), 0))
    for record in map(json.loads, lines):
        if record["program"] not in rules:
            continue
        amounts = {part: record[part] for part in PARTS}
        for name in (record["program"], "all"):
            for key, amount in ({"jobs": 1, "total": sum(amounts.values())} | amounts).items():
                seconds[name][key] += amount
    return dict(sorted(seconds.items(), key=lambda item: (item[0] == "all", -item[1]["total"])))


def table(sides: list[Seconds]) -> list[dict[str, str]]:
    """Return a row per rule; with two sides, before and after, a cell shows both."""
    rows = []
    for rule in sides[-1] | sides[0]:
        row = {"rule": rule}
        for key in ("jobs", *PARTS, "total"):
            form = ",.0f" if key == "jobs" else ",.1f"
            values = [format(side[rule][key], form) if rule in side else "" for side in sides]
            row[key] = " → ".join(values)
        rows.append(row)
    return rows


def main(argv: list[str] | None = None) -> None:
    """Run the benchmark."""
    options = parser(__doc__)
    options.add_argument("--before", type=Path, help="another checkout, to show beside this one")
    arguments = options.parse_args(argv)
    cores = len(os.sched_getaffinity(0))
    sides, wholes = [], []
    for source in [arguments.before, ROOT] if arguments.before else [ROOT]:
        with scratch() as folder:
            seconds, whole = measure(folder / "copy", source.resolve(), cores)
        sides.append(seconds)
        wholes.append(f"{whole:.0f} s")
        print(f"  {source}: {wholes[-1]}", flush=True)
    said = f"The whole command with {cores} cores, a second run from nothing: {' → '.join(wholes)}."
    write("startup", "Start-up", TEXT.format(commands=said), table(sides), sides)


if __name__ == "__main__":
    main()
