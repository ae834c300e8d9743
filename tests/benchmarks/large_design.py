"""Measure a design of many small networks, where what is not training decides."""

from pathlib import Path

import checkout
from critical_path import Job, measure_copy
from harness import Run, parser, scratch, short, write
from reference import of_trainings, with_trainings

LAYERS, NODES, FOLDS = 8, 12, 5

TEXT = (
    "{layers} x {nodes} cells (1 to {layers} layers of 10 to {most} nodes) on {folds} folds of the"
    " demo's images, {trials} trainings of {epochs} epochs, from nothing to the report, with"
    " `--cores {cores}`: the rules that took the most, added up over their jobs, which run side by"
    " side. *trainings* are the networks' own training seconds, a part of `train_cell`."
)

SHOWN = 8
"""The number of rules in the table."""


def configuration(folder: Path, epochs: int) -> Path:
    """Write the configuration of the design, to be added to the demo's."""
    design = {
        "layers": [*range(1, LAYERS + 1)],
        "nodes": [10 * step for step in range(1, NODES + 1)],
    }
    config = {
        "experiment": "large",
        "design": design,
        "cross_validation": {"splits": FOLDS, "folds": [*range(FOLDS)]},
        "training": {"epochs": epochs},
    }
    return checkout.write_config(folder / "large.json", config)


def measure(epochs: int, cores: int) -> tuple[list[Job], Run]:
    """Run the design in a copy of the project, from nothing."""
    with scratch() as folder:
        copy = checkout.copy(folder / "copy")
        configs = ["config/config.yaml", configuration(folder, epochs)]
        jobs, done = measure_copy(copy, configs, cores)
        return jobs, with_trainings(done, copy)


def table(jobs: list[Job], done: Run) -> list[dict[str, str]]:
    """Return a row for the whole run, one for its trainings, and one per rule, largest first."""
    taken: dict[str, list[float]] = {}
    for job in jobs:
        taken.setdefault(job.rule, []).append(job.end - job.start)
    ordered = sorted(taken.items(), key=lambda rule: -sum(rule[1]))[:SHOWN]
    parts = [
        ("whole run", 1, done.seconds),
        ("processor time of all", "", done.cpu_seconds),
        ("trainings", "", of_trainings(done, "seconds")),
        *((rule, len(seconds), sum(seconds)) for rule, seconds in ordered),
    ]
    return [
        {"": name, "jobs": str(number), "seconds": short(seconds)}
        for name, number, seconds in parts
    ]


def main(argv: list[str] | None = None) -> None:
    """Run the benchmark."""
    options = parser(__doc__)
    options.add_argument("--epochs", type=int, default=5, help="of each training")
    options.add_argument("--cores", type=int, default=4, help="as for snakemake")
    arguments = options.parse_args(argv)
    jobs, done = measure(arguments.epochs, arguments.cores)
    text = TEXT.format(
        layers=LAYERS,
        nodes=NODES,
        most=10 * NODES,
        folds=FOLDS,
        trials=LAYERS * NODES * FOLDS,
        epochs=arguments.epochs,
        cores=arguments.cores,
    )
    data = [[job.rule, job.name, job.start, job.end] for job in jobs]
    write("large_design", "Large design", text, table(jobs, done), data)


if __name__ == "__main__":
    main()
