"""Telling which runs of the workflow are alive, so that what dead ones left behind can go.

Each run holds an exclusive lock on a file of its own, which the system frees however the run ends.
Whoever gets that lock knows that the run is over: a later run, which may then take Snakemake's
own locks away, or a job of the run, which must not go on writing.
"""

import atexit
import fcntl
import os
import threading
from pathlib import Path

VARIABLE = "DIGITS_RUN"
"""Environment variable that tells a job the lock file of its run."""


def enter(folder: Path) -> Path | None:
    """Mark this process as a run that is alive; remove locks if there is no other.

    Parameters
    ----------
    folder : Snakemake's own, ``.snakemake``

    Returns
    -------
    the lock file, or None where none can be written (then nothing is removed either)
    """
    alive = folder / "alive"
    try:
        alive.mkdir(parents=True, exist_ok=True)
        others = [path for path in alive.iterdir() if not _remove_dead(path)]
        if not others:
            for lock in (folder / "locks").glob("*.lock"):
                lock.unlink(missing_ok=True)
        own = alive / str(os.getpid())
        # The descriptor stays open, and with it the lock, until the process ends.
        fcntl.flock(os.open(own, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC), fcntl.LOCK_EX)
    except OSError:
        return None
    atexit.register(own.unlink, missing_ok=True)
    return own.resolve()


def end_with_run() -> None:
    """End this process as soon as the run that started it has; nothing happens outside of one."""
    path = os.environ.get(VARIABLE)
    if not path:
        return
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return

    def watch() -> None:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _remove_dead(path: Path) -> bool:
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink(missing_ok=True)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
