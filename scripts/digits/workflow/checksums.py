"""Snakemake's checksums of files, for which a run reads each file once.

As it records a finished job, Snakemake reads all of the job's inputs once for each of its outputs,
before it starts the next one: a tensor of hundreds of megabytes three times for every training.
"""

import functools
import os
import time
from pathlib import Path
from typing import Any

from digits.data.content_hashes import SETTLED, file_status


def read_files_once() -> None:
    """Make Snakemake keep checksums until a file's status changes, as long as the process lives."""
    from snakemake.io import _IOFile

    if hasattr(_IOFile.checksum, "__wrapped__"):
        return
    original, known = _IOFile.checksum, {}

    @functools.wraps(original)
    async def checksum(
        file: Any, threshold: int | None = None, force: bool = False, algorithm: Any = None
    ) -> str | None:
        own = None if file.is_storage or algorithm else settled_status(Path(file.file))
        key = own and (os.path.abspath(file.file), threshold, force, *own)  # noqa: PTH100 - fast
        if key in known:
            return known[key]
        found = await original(file, threshold, force, algorithm)
        if key and found and settled_status(Path(file.file)) == own:
            known[key] = found
        return found

    _IOFile.checksum = checksum


def settled_status(path: Path) -> list[int] | None:
    """Return the status of a file, or None where it may change again within the same time stamp."""
    try:
        status = file_status(path)
    except OSError:
        return None
    _, modified, changed, _ = status
    return status if time.time() - max(modified, changed) / 1e9 > SETTLED else None
