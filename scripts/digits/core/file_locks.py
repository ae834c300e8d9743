"""Locks on files that the system frees when the process that holds them ends, however it ends.

They are those of ``flock``: a process waits for one without polling, and sees whether one is held
without writing anything.
"""

import fcntl
import os
from pathlib import Path


def create_held(path: Path, content: str) -> None:
    """Write a file whose lock this process holds until it ends.

    The file appears complete and locked, so whoever finds it finds it held.

    Raises
    ------
    OSError
        If the file cannot be written, or the file system has no locks.
    """
    temporary = path.with_name(f".{path.name}.part")
    # The descriptor is never closed, and keeps the lock.
    descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    os.write(descriptor, content.encode())
    temporary.rename(path)


def is_held(path: Path) -> bool:
    """Return whether a process holds the lock of a file; a missing file is held by none.

    Raises
    ------
    OSError
        If the file cannot be read, or the file system has no locks.
    """
    try:
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        pass
    return False


def wait_until_free(descriptor: int) -> None:
    """Wait until no process holds the lock of an open file."""
    fcntl.flock(descriptor, fcntl.LOCK_SH)
