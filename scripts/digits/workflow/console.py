"""What a run prints: a progress bar, a line per finished training, the errors of failed jobs.

Snakemake's own report, twenty lines a job, is left to its log file; with ``-p``, ``--verbose``,
``--debug-dag`` or another ``--logger`` it is printed as Snakemake does.
"""

import json
import logging
import os
import re
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from digits.workflow import storage_errors
from digits.core.design import read_design
from digits.core.formatting import duration, one_line

if TYPE_CHECKING:
    from rich.progress import Progress

SNAKEMAKE = logging.getLogger("snakemake.logging")

OMITTED = (
    *("Building DAG of jobs", "Assuming unrestricted", "Using shell:", "host:", "Select jobs"),
    *("Conda environments: ignored", "Singularity containers: ignored", "Group jobs: inactive"),
    *("Exiting because a job execution failed", "Shutting down, this might take some time"),
    *("Submitted job", "Submitted group job", "Some jobs were triggered by provenance"),
    "Activating conda environment",
    *("Retrieving from storage:", "Finished retrieval", "Storing in storage:", "Finished upload"),
    *("Removing local copy of storage file", "Storing output in storage"),
    *("Uploading source archive", "Get status with: kubectl", "Job snakejob-"),
)
"""Beginnings of Snakemake's messages that are of no use to the user of an experiment."""

SUBMITTED = "has been submitted with SLURM jobid"
"""What the executor for SLURM says of each job, after the job's number."""

STORED = re.compile(r"(?P<address>(?P<scheme>\w+)://(?P<place>.*?))(?: \([\w ,]+\))?")
"""How Snakemake's records name a file that its storage keeps: by its address, and what is done."""

COPIES = Path(".snakemake/storage")
"""Where Snakemake has copies of such files."""

retrieve: Callable[[str], object] = str
"""Called for the address of such a file that has no copy yet, to make one if it can."""

FULL = "No space left on device"
ROOM = 2**20
"""Bytes; with less, a disk counts as full."""

REPEATED = ("CalledProcessError", "At least one job did not complete successfully")
"""Parts of the first two lines of the exceptions that only say again that a job failed."""

TAIL = 20
"""Lines of a failed job's log to print where none of them says what is wrong."""


def install() -> None:
    """Print runs as this module does, in place of Snakemake's own handler for the terminal."""
    for handler in [each for each in SNAKEMAKE.handlers if each.name == "DefaultStreamHandler"]:
        (settings,) = handler.filters
        if settings.printshellcmds or settings.verbose or settings.debug_dag:
            handler.formatter.show_failed_logs = True
            continue
        quiet = {item.name.lower() for item in settings.quiet}
        SNAKEMAKE.removeHandler(handler)
        SNAKEMAKE.addHandler(
            RunHandler(handler.stream, quiet=quiet, dry=settings.dryrun, plain=handler.nocolor)
        )


class RunHandler(logging.Handler):
    """Prints Snakemake's records briefly.

    Parameters
    ----------
    stream : where to print
    quiet : what not to print, as Snakemake's ``--quiet`` names it; errors are always printed
    dry : whether nothing is run
    plain : whether to use no colours
    """

    def __init__(
        self,
        stream: IO[str],
        *,
        quiet: Iterable[str] = (),
        dry: bool = False,
        plain: bool = False,
    ) -> None:
        super().__init__()
        self.stream, self.quiet, self.dry, self.plain = stream, set(quiet), dry, plain
        self.bar: Progress | None = None
        self.jobs: dict[int, dict[str, Any]] = {}
        self.noted: set[str] = set()
        self.planned = self.done = 0
        self.storage_failed = False
        self.started = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        """Print what a record says, if it is for the user."""
        try:
            event = str(getattr(record, "event", "message"))
            getattr(self, f"on_{event}", self.ignore)(vars(record) | {"text": record.getMessage()})
        except BrokenPipeError:  # as in: snakemake -n | head
            pass
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Take the progress bar away."""
        if self.bar:
            self.bar.stop()
            self.bar = None
        super().close()

    def ignore(self, record: Mapping[str, Any]) -> None:
        """Leave a kind of event to the log file."""

    def on_run_info(self, record: Mapping[str, Any]) -> None:
        """Say how much there is to do; in a dry run, rule by rule."""
        first, self.planned = not self.planned, record["stats"]["total"]
        if self.dry:
            # Snakemake sends the table twice, before the list of jobs and after it.
            self.write(record["text"] if first else None)
            return
        trainings = record["stats"].get("train_cell")
        among = f", {_count(trainings, 'cell')} to train among them" if trainings else ""
        self.report(f"{_count(self.planned, 'job')} to run{among}")
        self.bar = self.bar or self.make_bar()

    def on_job_info(self, record: Mapping[str, Any]) -> None:
        """Note a job that starts; a copy of its log, if there is one, is that of an earlier one."""
        if not self.dry:
            self.jobs[record["jobid"]] = dict(record)
            for name in record.get("log") or []:
                if STORED.fullmatch(name):
                    local_copy(name).unlink(missing_ok=True)
            self.move_bar()

    def on_job_finished(self, record: Mapping[str, Any]) -> None:
        """Print how the trainings of a job turned out, and once what several note alike."""
        job = self.jobs.pop(record["job_id"], None)
        if job and job["rule_name"] == "train_cell":
            for line in read_lines(job["log"]):
                if line.startswith("note: ") and line not in self.noted:
                    self.report(one_line(line))
                    self.noted.add(line)
            for name in job["output"]:
                if name_of(name).endswith("/metrics.json") and (path := copy_of(name)).exists():
                    self.report(describe_training(path, read_lines(job["log"])))

    def on_progress(self, record: Mapping[str, Any]) -> None:
        """Note how many jobs are done."""
        self.done = record["done"]
        self.move_bar()

    def on_job_error(self, record: Mapping[str, Any]) -> None:
        """Print what a failed job says about it."""
        if self.jobs.pop(record["jobid"], None):
            self.write("\n".join(describe_failure(record)), style="red")
            self.move_bar()

    def on_group_error(self, record: Mapping[str, Any]) -> None:
        """Print what the jobs of a failed group say about it: those whose logs have an error.

        Snakemake names all, also those that had succeeded, and then each once more.
        """
        jobs = record["job_error_info"]
        for job in [job for job in jobs if errors_in(read_lines(job["log"]))] or jobs:
            self.on_job_error(job)
        for job in jobs:
            self.jobs.pop(job["jobid"], None)

    def on_error(self, record: Mapping[str, Any]) -> None:
        """Print an exception, unless it only says that a job failed; the first of the storage's."""
        if line := storage_errors.describe(record["text"]):
            if not self.storage_failed:
                self.write(f"error: {line}", style="red")
            self.storage_failed = True
            return
        # Below them may stand the output of a program, such as conda.
        beginning = "\n".join(record["text"].splitlines()[:2])
        if not any(text in beginning for text in REPEATED):
            self.write(record["text"], style="red")

    def on_message(self, record: Mapping[str, Any]) -> None:
        """Print a message that is no event, unless it is chatter."""
        text = record["text"]
        if text.startswith(OMITTED) or SUBMITTED in text:
            return
        if text.startswith("Elapsed time:"):
            seconds = time.monotonic() - self.started
            self.report(f"{self.done} of {_count(self.planned, 'job')} done in {duration(seconds)}")
        elif record["levelno"] >= logging.WARNING:
            self.write(text, style="yellow")
        elif self.dry or "all" not in self.quiet:
            self.write(text.replace("check individual jobs above", "for each job: snakemake -n -p"))

    def report(self, text: str) -> None:
        """Print an error, or a line on progress unless the user wants none."""
        if text.startswith("error: "):
            self.write(text, style="red")
        elif not self.quiet & {"all", "progress"}:
            self.write(text)

    def write(self, text: str | None, style: str = "") -> None:
        """Print lines unwrapped, above the bar if there is one."""
        if text and self.bar:
            from rich.text import Text

            self.bar.console.print(Text(text, style), soft_wrap=True)
        elif text:
            # A dry run prints to standard output, but errors belong on the other.
            stream = sys.stderr if style == "red" else self.stream
            print(text, file=stream, flush=True)

    def make_bar(self) -> "Progress | None":
        """Return a started progress bar, or None where no terminal could show it."""
        shown = self.stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        if not shown or self.quiet & {"all", "progress"}:
            return None
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
        from rich.table import Column

        bar = Progress(
            BarColumn(bar_width=30),
            TextColumn("{task.completed} of {task.total} jobs", table_column=Column(no_wrap=True)),
            TimeElapsedColumn(),
            TextColumn("{task.description}", table_column=Column(no_wrap=True, ratio=1)),
            console=Console(file=self.stream, highlight=False, no_color=self.plain or None),
            refresh_per_second=4,
            transient=True,
            expand=True,
        )
        bar.add_task("", total=self.planned)
        bar.start()
        return bar

    def move_bar(self) -> None:
        """Show on the bar how many jobs are done and which are running."""
        if self.bar:
            running = Counter(job["rule_name"] for job in self.jobs.values())
            names = [name if n == 1 else f"{n} {name}" for name, n in sorted(running.items())]
            task = self.bar.task_ids[0]
            about = {"completed": self.done, "total": self.planned}
            self.bar.update(task, description=", ".join(names), **about)


def describe_training(metrics: Path, log: list[str]) -> str:
    """Say in one line how a training turned out, by its record of metrics and its log."""
    record = json.loads(metrics.read_text(encoding="utf-8"))
    name = _name(metrics, record)
    if record["failed"]:
        return f"error: {name}: {one_line(record['failed'])}"
    trial = f", fold {record['fold']}, seed {record['seed']} | "
    stored = any(f"{trial}taken from " in line for line in log)
    how = "taken from the store" if stored else duration(record["training_seconds"])
    epochs = _count(record["epochs"], "epoch")
    return f"{name}: {record['val_accuracy']:.2%} validation accuracy after {epochs}, {how}"


def _name(metrics: Path, record: Mapping[str, Any]) -> str:
    """Name a trial as its design does, or by its folder where there is no design beside it."""
    file = metrics.parents[3] / "design.json"
    if not file.exists():
        return "/".join(metrics.parts[-3:-1])
    design = read_design(file)
    return design.trial_label(design.trial_of(record))


def describe_failure(record: Mapping[str, Any]) -> list[str]:
    """Return the lines to print for a failed job: its own errors, or else the end of its log.

    Where a cluster ran the job, what it says comes in between.
    """
    logs, rule = ", ".join(map(name_of, record["log"])), record["rule_name"]
    said = [one_line(record["rule_msg"])] if record["rule_msg"] else []
    lines = read_lines(record["log"])
    # What a job would have said may not have fitted on the disk, or in part only.
    full = any(is_full(copy_of(path).parent) for path in record["log"])
    unsaid = full and not any(FULL in line for line in lines)
    reason = f": {FULL}" if unsaid else ""
    if errors := errors_in(lines):
        return [*errors, *said, f"{rule} failed{reason}; its log: {logs}"]
    if line := storage_errors.describe("\n".join(lines)):
        return [f"error: {line}", f"{rule} failed; its log: {logs}"]
    tail = [f"  {one_line(line)}" for line in lines[-TAIL:]]
    ending = "; its log ends with" if tail else ""
    return [f"error: {rule} failed{reason}{ending}", *tail, *said, f"log: {logs}"]


def copy_of(name: str) -> Path:
    """Return the path of a file, or of the copy here of one in a storage, as a record names it."""
    copy, stored = local_copy(name), STORED.fullmatch(name)
    if stored and not copy.exists():  # the job ran on another machine
        retrieve(stored["address"])
    return copy


def local_copy(name: str) -> Path:
    """Return where the copy of a file in a storage is, there or not; of another file, its path."""
    stored = STORED.fullmatch(name)
    return COPIES / stored["scheme"] / stored["place"] if stored else Path(name)


def name_of(name: str) -> str:
    """Return the path of a file, or its address in a storage, as a record names it."""
    stored = STORED.fullmatch(name)
    return stored["address"] if stored else name


def errors_in(lines: Iterable[str]) -> list[str]:
    """Return the errors that a program reported in its log."""
    return [one_line(line) for line in lines if line.startswith("error: ")]


def is_full(folder: Path) -> bool:
    """Whether a disk has hardly any room, perhaps only what the failed job has left again."""
    return folder.is_dir() and shutil.disk_usage(folder).free < ROOM


def read_lines(logs: Iterable[str]) -> list[str]:
    """Return the lines of a job's log files; one that cannot be read has none."""
    lines = []
    for path in logs:
        try:
            lines += copy_of(path).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
    return lines


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
