"""Which runs of the workflow are alive, and which files they are making; read-only.

A run holds a lock on a file of its own (:mod:`digits.workflow.run_lock`), and Snakemake lists its
outputs in another. Files in that list that are older than it have yet to be made again.
"""

from dataclasses import dataclass
from pathlib import Path

from digits.core.file_locks import is_held


@dataclass(frozen=True)
class Run:
    """A run that is alive.

    Attributes
    ----------
    started : time when it locked its outputs, in seconds since 1970
    outputs : the files it makes or has made, as absolute paths
    """

    started: float
    outputs: frozenset[Path]


@dataclass(frozen=True)
class Runs:
    """All runs that are alive."""

    alive: tuple[Run, ...] = ()

    def started(self, path: Path) -> float | None:
        """Return the start of the run that makes a file, None if no run does."""
        times = [run.started for run in self.alive if path.absolute() in run.outputs]
        return max(times, default=None)

    def work_in(self, folder: Path) -> bool:
        """Whether a run makes anything in a folder."""
        inside = folder.absolute()
        return any(path.is_relative_to(inside) for run in self.alive for path in run.outputs)

    def has_made(self, path: Path) -> bool:
        """Whether a file exists and no run will make it again."""
        changed, started = modified(path), self.started(path)
        return changed is not None and (started is None or changed >= started)


def modified(path: Path) -> float | None:
    """Return the modification time of a file in seconds since 1970; None if it does not exist."""
    try:
        return path.stat().st_mtime
    except OSError:
        return None


STORAGE = Path(".snakemake/storage")
"""Where Snakemake has copies of results that it keeps in a storage, in the working folder."""


def results_of(experiment: str, root: Path = Path()) -> Path:
    """Return the results folder of an experiment, or that of the copies of results in a storage.

    Of several, it is the one in which something was logged last.

    Parameters
    ----------
    root : the working folder of Snakemake
    """
    here = root / "results" / experiment
    copies = (root / STORAGE).glob(f"*/**/results/{experiment}")
    # Checkpoints are here, also of a run whose results and logs are in a storage.
    found = [folder for folder in (here, *copies) if (folder / "logs").is_dir()]
    return max(found, key=last_logged, default=here)


def last_logged(folder: Path) -> float:
    """Return when something was last logged in a results folder, in seconds since 1970."""
    logs = folder / "logs"
    return max(modified(path) or 0.0 for path in (logs, *logs.glob("*/*")))


def root_of(folder: Path) -> Path:
    """Return the working folder of Snakemake for a results folder, of copies or not."""
    parts = folder.parts
    if STORAGE.parts[0] in parts:
        return Path(*parts[: parts.index(STORAGE.parts[0])])
    return folder.parents[1]


def read_runs(root: Path) -> Runs:
    """Return the runs that are alive in the working folder of Snakemake."""
    snakemake = root / ".snakemake"
    if not any(_is_alive(path) for path in _files(snakemake / "alive", "*")):
        return Runs()
    runs = (_read_lock(root, path) for path in _files(snakemake / "locks", "*.output.lock"))
    return Runs(tuple(run for run in runs if run))


def _files(folder: Path, pattern: str) -> list[Path]:
    try:
        return sorted(folder.glob(pattern))
    except OSError:
        return []


def _is_alive(record: Path) -> bool:
    try:
        return is_held(record)
    except OSError:
        return False


def _read_lock(root: Path, path: Path) -> Run | None:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return Run(path.stat().st_mtime, frozenset(root.absolute() / line for line in lines))
    except (OSError, UnicodeDecodeError):
        return None
