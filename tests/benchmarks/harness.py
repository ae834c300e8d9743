"""What the benchmarks share: measuring a process, comparing in pairs, and writing the results.

This module imports nothing heavy: a process starts out with the peak memory of the one that
started it, so that a lean parent is needed for what a child of it says to be true.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
RAW = ROOT / "data" / "raw" / "digit-recognizer.zip"
RESULTS = ROOT / "results" / "benchmarks"
PACKAGES = ("tensorflow", "keras", "numpy", "pandas", "pyarrow", "snakemake")

ORDER = (
    *("reference", "fast", "ingest", "augment", "training", "floor"),
    *("startup", "critical_path", "large_design", "growth", "scheduling"),
)
"""The benchmarks as they follow each other in the page of results."""

KERNELS = ("OPENBLAS_", "GOTO_", "MKL_", "OMP_", "NPY_", "ONEDNN_", "DNNL_", "TF_", "XLA_")
"""Prefixes of the variables that choose the kernels of matrix products, or how many threads."""


class BenchmarkError(Exception):
    """A measured process that failed, with the end of what it said."""


@dataclass(frozen=True)
class Run:
    """What a process took: wall and processor seconds, peak memory in bytes, and what it printed.

    Processes that it started and waited for count: their processor time is added, and the peak is
    that of the largest of them.
    """

    seconds: float
    cpu_seconds: float
    peak: int
    output: str

    @property
    def megabytes(self) -> float:
        """The peak memory in units of a million bytes."""
        return self.peak / 1e6

    @property
    def report(self) -> dict[str, Any]:
        """The JSON object on the last line that a piece printed."""
        return json.loads(self.output.splitlines()[-1])


class Process:
    """A process that runs; several may at a time.

    Parameters
    ----------
    environment : variables to add to those of this process
    without : prefixes of variables that it does not get, even if they are set here
    """

    def __init__(
        self,
        command: Sequence[str | Path | int],
        cwd: Path = ROOT,
        environment: dict[str, str] | None = None,
        cores: set[int] | None = None,
        without: tuple[str, ...] = (),
    ) -> None:
        self.command = [str(word) for word in command]
        # Files, not pipes: nothing waits for a reader, and wait4 has to come before all else.
        self.stdout = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by wait()
        self.stderr = tempfile.TemporaryFile("w+")  # noqa: SIM115
        kept = {name: value for name, value in os.environ.items() if not name.startswith(without)}
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            self.command,
            cwd=cwd,
            env=kept | (environment or {}),
            stdout=self.stdout,
            stderr=self.stderr,
        )
        if cores:  # it has no threads yet, which would keep to the cores of their own
            os.sched_setaffinity(self.process.pid, cores)

    def wait(self) -> Run:
        """Wait for the end and return the measurements.

        Raises
        ------
        BenchmarkError
            If the process fails.
        """
        _, status, usage = os.wait4(self.process.pid, 0)
        seconds = time.perf_counter() - self.started
        self.process.returncode = os.waitstatus_to_exitcode(status)
        with self.stdout, self.stderr:
            output, errors = (file.seek(0) or file.read() for file in (self.stdout, self.stderr))
        if self.process.returncode:
            said = "\n".join((output + errors).splitlines()[-20:])
            raise BenchmarkError(f"{' '.join(self.command)}\n{said}")
        return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, output)


def run(command: Sequence[str | Path | int], **options: Any) -> Run:
    """Run a process to its end and return the measurements; options as in :class:`Process`."""
    return Process(command, **options).wait()


def program(rule: str, *arguments: object) -> list[str]:
    """Return the command line of a rule's program, as the rule runs it."""
    return [sys.executable, f"scripts/{rule}.py", *map(str, arguments)]


def piece(name: str, *arguments: object) -> list[str]:
    """Return the command line of a piece of ``pieces.py``, which reports its seconds."""
    return [sys.executable, str(HERE / "pieces.py"), name, *map(str, arguments)]


def alternate(repeats: int, *sides: Callable[[], Any]) -> list[tuple[Any, ...]]:
    """Measure A B A B ..., so that a slower spell of the machine meets all sides."""
    rounds = []
    for number in range(1, repeats + 1):
        rounds.append(tuple(side() for side in sides))
        print(f"  round {number} of {repeats}", flush=True)
    return rounds


@dataclass(frozen=True)
class Spread:
    """The median, the least and the greatest of some numbers."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{short(self.median)} ({short(self.low)}–{short(self.high)})"  # noqa: RUF001


def ratios(pairs: Iterable[tuple[float, float]]) -> Spread:
    """Divide pair by pair, the first by the second."""
    return Spread.of([a / b for a, b in pairs])


def compare(
    what: str,
    pairs: Sequence[tuple[Run, Run]],
    value: Callable[[Run], float],
    unit: str,
    names: tuple[str, str],
) -> dict[str, str]:
    """Return the row of a table that sets the two sides of pairs against each other."""
    values = [(value(a), value(b)) for a, b in pairs]
    sides = [f"{Spread.of(side)} {unit}" for side in zip(*values, strict=True)]
    return {"": what, names[0]: sides[0], names[1]: sides[1], "ratio": str(ratios(values))}


def short(value: float) -> str:
    """Write a number with three digits, or all there are before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:#.3g}".rstrip(".")


def machine() -> dict[str, str]:
    """Describe the machine, the software and the data, all from the machine itself."""

    def field(path: str, name: str) -> str:
        lines = Path(path).read_text().splitlines()
        found = (line.partition(":")[2].strip() for line in lines if line.startswith(name))
        return next(found, "unknown")

    memory = int(field("/proc/meminfo", "MemTotal").split()[0]) * 1024
    return {
        "processor": field("/proc/cpuinfo", "model name"),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory / 1e9:.0f} GB",
        "kernel": f"{platform.system()} {platform.release()}",
        "images": "of Kaggle" if RAW.exists() else "made up",
        "python": platform.python_version(),
    } | {package: version(package) for package in PACKAGES}


def write(name: str, title: str, text: str, rows: list[dict[str, Any]], data: Any = None) -> None:
    """Keep a benchmark's table, with what it was made of, and bring the page of all up to date."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    result = {"title": title, "text": text, "machine": machine(), "rows": rows, "data": data}
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(result, indent=2, ensure_ascii=False, default=vars) + "\n")
    print(f"\n{title}\n\n{table(rows)}\n\n{text}\n", flush=True)
    paths = (RESULTS / f"{other}.json" for other in ORDER)
    results = [json.loads(path.read_text()) for path in paths if path.exists()]
    (RESULTS / "README.md").write_text("# Benchmarks\n" + "".join(map(section, results)))


def section(result: dict[str, Any]) -> str:
    """Return a benchmark's part of the page."""
    about = ", ".join(f"{key} {value}" for key, value in result["machine"].items())
    parts = (
        f"## {result['title']}",
        table(result["rows"]),
        result["text"],
        f"Measured on: {about}.",
    )
    return "".join(f"\n{part}\n" for part in parts)


def table(rows: list[dict[str, Any]]) -> str:
    """Return rows, all of the same keys, as a table in Markdown."""
    lines = [list(rows[0]), ["---"] + ["---:"] * (len(rows[0]) - 1)]
    lines += [list(map(str, row.values())) for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder that is removed afterwards, on the disk of the results, never in memory."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="scratch-", dir=RESULTS) as folder:
        yield Path(folder)


def parser(doc: str | None, repeats: int | None = None) -> argparse.ArgumentParser:
    """Make a parser, with the option of how often to measure where there is a default for it."""
    result = argparse.ArgumentParser(description=doc)
    if repeats:
        result.add_argument("--repeats", type=int, default=repeats, help="rounds of all sides")
    return result
