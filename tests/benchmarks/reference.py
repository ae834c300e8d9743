"""Measure the whole reference experiment, from the zip to the report, against the procedure."""

import csv
import dataclasses
import json
import os
import sys
from functools import partial
from pathlib import Path

import checkout
from harness import HERE, Run, alternate, compare, parser, run, scratch, write
from inputs import raw_zip

TEXT = (
    "From the competition's zip to the report, six cells: the published procedure as a plain"
    " script, and `snakemake --cores 4 --resources gpu=1 --configfile {configs}` in a copy of the"
    " project, both on all {cores} cores of the machine. The peak is that of the largest process."
    " The trainings' times are the sums over the cells: of `fit` in the script, one after the"
    " other on all cores; of `training_seconds` and `cpu_seconds` in the table of results, side by"
    " side on one core each."
)


def workflow(raw: Path, configs: list[str], epochs: int | None) -> Run:
    """Run the workflow in a copy of the project, from nothing."""
    with scratch() as folder:
        copy = checkout.with_raw(folder / "copy", raw)
        options = ["--cores", 4, "--resources", "gpu=1", "--configfile", *configs]
        if epochs:
            few = {"training": {"epochs": epochs}}
            options.append(checkout.write_config(copy / "few.json", few))
        return with_trainings(checkout.snakemake(copy, *options), copy)


def with_trainings(done: Run, folder: Path) -> Run:
    """Add the seconds of the trainings to a run, in the last line, as the procedure prints them."""
    [path] = folder.glob("results/*/tables/results.csv")
    with path.open() as file:
        rows = list(csv.DictReader(file))
    sums = {
        "seconds": sum(float(row["training_seconds"]) for row in rows),
        "cpu_seconds": sum(float(row["cpu_seconds"]) for row in rows),
    }
    return dataclasses.replace(done, output=f"{done.output}\n{json.dumps({'fit': sums})}")


def of_trainings(done: Run, unit: str) -> float:
    """Return the sum over the trainings of ``seconds`` or ``cpu_seconds``."""
    return sum(stage[unit] for name, stage in done.report.items() if name.startswith("fit"))


def procedure(raw: Path, epochs: int | None) -> Run:
    """Run the procedure."""
    with scratch() as folder:
        script = [sys.executable, HERE / "procedure.py", "--epochs", epochs or 10]
        return run([*script, "--raw", raw, "--output", folder])


def main(argv: list[str] | None = None) -> None:
    """Run the benchmark."""
    options = parser(__doc__, repeats=1)
    options.add_argument("--epochs", type=int, help="of each training, if not as published")
    options.add_argument("--recipe", help="train by this recipe of config/recipes, such as fast")
    arguments = options.parse_args(argv)
    recipe, epochs = arguments.recipe, arguments.epochs
    configs = ["config/kaggle.yaml"] + ([f"config/recipes/{recipe}.yaml"] if recipe else [])
    with scratch() as folder:
        raw = raw_zip(folder)
        ours = partial(workflow, raw, configs, epochs)
        pairs = alternate(arguments.repeats, partial(procedure, raw, epochs), ours)
    names = ("procedure", "workflow")
    wall_time = partial(of_trainings, unit="seconds")
    processor_time = partial(of_trainings, unit="cpu_seconds")
    rows = [
        compare("wall time", pairs, lambda run: run.seconds, "s", names),
        compare("processor time", pairs, lambda run: run.cpu_seconds, "s", names),
        compare("peak memory", pairs, lambda run: run.megabytes, "MB", names),
        compare("trainings, wall time", pairs, wall_time, "s", names),
        compare("trainings, processor time", pairs, processor_time, "s", names),
    ]
    text = TEXT.format(cores=len(os.sched_getaffinity(0)), configs=" ".join(configs))
    title = "The whole reference experiment" + (f", recipe {recipe}" if recipe else "")
    title += f", {epochs} epochs" if epochs else ""
    write(recipe or "reference", title, text, rows, pairs)


if __name__ == "__main__":
    main()
