"""Measure the whole reference experiment, from the zip to the report, against the procedure."""

import os
import sys
from functools import partial
from pathlib import Path

import checkout
from harness import HERE, RAW, ROOT, Run, alternate, compare, parser, run, scratch, write
from inputs import raw_zip

TEXT = (
    "From the competition's zip to the report, {epochs} epochs for each of six cells: the published"
    " procedure as a plain script, and `snakemake --cores 4 --resources gpu=1 --configfile"
    " config/kaggle.yaml` in a copy of the project, both on all {cores} cores of the machine. The"
    " peak is that of the largest process."
)


def workflow(raw: Path, epochs: int) -> Run:
    """Run the workflow in a copy of the project, from nothing."""
    with scratch() as folder:
        copy = checkout.copy(folder / "copy")
        place = copy / RAW.relative_to(ROOT)
        place.parent.mkdir(parents=True)
        place.symlink_to(raw)
        few = checkout.write_config(copy / "few.json", {"training": {"epochs": epochs}})
        configs = ["--configfile", "config/kaggle.yaml", few]
        return checkout.snakemake(copy, "--cores", 4, "--resources", "gpu=1", *configs)


def procedure(raw: Path, epochs: int) -> Run:
    """Run the procedure."""
    with scratch() as folder:
        script = [sys.executable, HERE / "procedure.py", "--epochs", epochs]
        return run([*script, "--raw", raw, "--output", folder])


def main(argv: list[str] | None = None) -> None:
    """Run the benchmark."""
    options = parser(__doc__, repeats=1)
    options.add_argument("--epochs", type=int, default=10, help="of each training")
    arguments = options.parse_args(argv)
    cores, epochs = len(os.sched_getaffinity(0)), arguments.epochs
    with scratch() as folder:
        raw = raw_zip(folder)
        ours = partial(workflow, raw, epochs)
        pairs = alternate(arguments.repeats, partial(procedure, raw, epochs), ours)
    names = ("procedure", "workflow")
    rows = [
        compare("wall time", pairs, lambda run: run.seconds, "s", names),
        compare("processor time", pairs, lambda run: run.cpu_seconds, "s", names),
        compare("peak memory", pairs, lambda run: run.megabytes, "MB", names),
    ]
    text = TEXT.format(cores=cores, epochs=epochs)
    write("reference", "The whole reference experiment", text, rows, pairs)


if __name__ == "__main__":
    main()
