"""Show what decides when the first training of an experiment starts and when its report is there.

The times are those that Snakemake records of each job's outputs.
"""

import base64
import json
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import checkout
from harness import Run, parser, scratch, short, write
from inputs import raw_zip

TEXT = (
    "The reference experiment with {configs}, on {cores} cores, from nothing: the seconds until the"
    " first training starts, those of all trainings, and those after the last of them. Below each"
    " stands the chain of jobs that decides it: every job with when it started and what it took,"
    " and how long it had *waited* since the job before it had ended. That is the input that was"
    " made last or, where a job waited longer for a core than {patience} s, the job that left one."
)

TRAINING = "train_cell"

PATIENCE = 0.3
"""Seconds from a job's last input to its start, beyond which it must have lacked a core."""


@dataclass(frozen=True)
class Job:
    """A job that ran, with the seconds of its start and of its end since that of the command."""

    rule: str
    name: str
    inputs: frozenset[str]
    outputs: frozenset[str]
    start: float
    end: float


@dataclass(frozen=True)
class Stretch:
    """A part of a run, with the chain of jobs that decides how long it is."""

    name: str
    seconds: float
    chain: list[Job]


def read_jobs(metadata: Path, started: float) -> list[Job]:
    """Return the jobs of a run from Snakemake's records, one a file, named after the output.

    Parameters
    ----------
    started : when the command was started, in seconds since 1970
    """
    jobs: dict[tuple[str, str], list[tuple[str, dict[str, Any]]]] = {}
    for path in sorted(metadata.rglob("*")):
        if path.is_file():
            record = json.loads(path.read_text())
            name = "".join(path.relative_to(metadata).parts).replace("@", "")
            output = base64.b64decode(name, altchars=b"-_").decode()
            key = record["rule"], Path((record["log"] or [output])[0]).stem
            jobs.setdefault(key, []).append((output, record))
    return [
        Job(
            rule,
            name,
            frozenset(path for _, record in made for path in record["input"]),
            frozenset(output for output, _ in made),
            min(record["starttime"] for _, record in made) - started,
            max(record["endtime"] for _, record in made) - started,
        )
        for (rule, name), made in jobs.items()
    ]


def before(job: Job, jobs: Iterable[Job]) -> Job | None:
    """Return the job that a job waited for, None if it could start at once."""
    ended = [other for other in jobs if other is not job and other.end <= job.start]
    made = [other for other in ended if other.outputs & job.inputs]
    last = max(made, key=lambda other: other.end, default=None)
    if last is None or job.start - last.end > PATIENCE:
        return max(ended, key=lambda other: other.end, default=last)
    return last


def chain(job: Job, jobs: Sequence[Job]) -> list[Job]:
    """Return the jobs that decided when a job ended, it being the last."""
    found = [job]
    while earlier := before(found[0], jobs):
        found.insert(0, earlier)
    return found


def stretches(jobs: Sequence[Job], seconds: float) -> list[Stretch]:
    """Part a run of so many seconds into before, during and after its trainings."""
    trainings = [job for job in jobs if job.rule == TRAINING]
    first = min(trainings, key=lambda job: job.start)
    last = max(trainings, key=lambda job: job.end)
    whole = chain(max(jobs, key=lambda job: job.end), jobs)
    return [
        Stretch("until the first training", first.start, chain(first, jobs)[:-1]),
        Stretch(
            "trainings",
            last.end - first.start,
            [job for job in chain(last, jobs) if job.start >= first.start],
        ),
        Stretch(
            "after the last training",
            seconds - last.end,
            [job for job in whole if job.start >= last.end],
        ),
    ]


def table(parts: Sequence[Stretch]) -> list[dict[str, str]]:
    """Return a row per stretch, and below it one per job of its chain."""
    rows = []
    for part in parts:
        rows.append({"": part.name, "start (s)": "", "seconds": short(part.seconds), "waited": ""})
        ended = None
        for job in part.chain:
            waited = "" if ended is None else short(job.start - ended)
            seconds = short(job.end - job.start)
            name = job.rule if job.name == job.rule else f"{job.rule} {job.name}"
            row = {"": name, "start (s)": short(job.start), "seconds": seconds, "waited": waited}
            rows.append(row)
            ended = job.end
    return rows


def measure_copy(copy: Path, configs: Sequence[object], cores: int) -> tuple[list[Job], Run]:
    """Run the workflow in a copy of the project; return its jobs and the run."""
    started = time.time()
    options = ["--cores", cores, "--resources", "gpu=1", "--configfile", *configs]
    done = checkout.snakemake(copy, *options)
    return read_jobs(copy / ".snakemake" / "metadata", started), done


def main(argv: list[str] | None = None) -> None:
    """Run the benchmark."""
    options = parser(__doc__)
    options.add_argument("--recipe", default="fast", help="recipe of config/recipes to train by")
    options.add_argument("--cores", type=int, default=4, help="as for snakemake")
    arguments = options.parse_args(argv)
    configs = ["config/kaggle.yaml", f"config/recipes/{arguments.recipe}.yaml"]
    with scratch() as folder:
        copy = checkout.with_raw(folder / "copy", raw_zip(folder))
        jobs, done = measure_copy(copy, configs, arguments.cores)
    cores = len(os.sched_getaffinity(0))
    text = TEXT.format(configs=" ".join(configs), cores=cores, patience=PATIENCE)
    times = [[job.rule, job.name, job.start, job.end] for job in jobs]
    write("critical_path", "Critical path", text, table(stretches(jobs, done.seconds)), times)


if __name__ == "__main__":
    main()
