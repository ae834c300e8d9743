"""Given files by their content, whatever their dates say.

Snakemake compares contents only where a file is newer than what was made of it. A file that was
unpacked, moved or synchronised in the place of another often is not. Only the standard library is
used here: the workflow asks for these identities each time it is parsed.
"""

import json
import os
import time
from pathlib import Path

from digits import sources
from digits.files import sha256, write_text

SETTLED = 2.0
"""Seconds after which a changed file is sure to have another time stamp."""


def content_identity(path: Path, store: Path) -> str:
    """Return a hash of a file's bytes, read again only when its status has changed.

    Parameters
    ----------
    store : JSON file to keep hashes in; where it cannot be written, each call reads the file

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    key, status = str(path.absolute()), file_status(path)
    known = read_object(store)
    if isinstance(known.get(key), list) and known[key][:-1] == status:
        return known[key][-1]
    content = sha256(path)
    # A file that has just been written could change once more under the same time stamp.
    if file_status(path) == status and time.time() - max(status[1:3]) / 1e9 > SETTLED:
        save_object(store, known, known | {key: [*status, content]})
    return content


def source_identity(source: str, store: Path) -> str:
    """Return the identity of a source's content (see :mod:`digits.sources`).

    A member of a zip counts by the checksum and the size that the zip's directory has of it, so
    that it stays the same when another member changes.
    """
    return sources.member_identity(source) or content_identity(Path(source), store)


def file_status(path: Path) -> list[int]:
    """Return what changes when a file is written or replaced: size, both times (ns) and number."""
    found = path.stat()
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def renew_replaced(store: Path, roots: list[Path]) -> list[Path]:
    """Give files that were replaced by older ones a new date, so that Snakemake compares contents.

    A file counts as replaced if its size or date is another than at the last call and no newer
    than the newest file of then; whatever is newer than that, Snakemake notices by itself.

    Parameters
    ----------
    store : JSON file with sizes and dates at the last call; it is brought up to date
    roots : files, and folders whose files are meant

    Returns
    -------
    the files that have a new date
    """
    before, found = read_object(store), sizes_and_dates(roots)
    newest = max((date for _, date in before.values()), default=0)
    replaced = []
    for name, status in found.items():
        if name in before and before[name] != status and status[1] <= newest:
            try:
                os.utime(name)
            except OSError:
                found[name] = before[name]  # to be tried again at the next call
                continue
            found[name] = [status[0], Path(name).stat().st_mtime_ns]
            replaced.append(Path(name))
    # A file that is gone for the moment is remembered, as it may come back as another.
    save_object(store, before, before | found)
    return replaced


def sizes_and_dates(roots: list[Path]) -> dict[str, list[int]]:
    """Return size and modification time (ns) of files, and of all files below folders, by path."""
    pending, found = [str(root) for root in roots], {}
    for name in pending:
        try:
            if not os.path.isdir(name):  # noqa: PTH112 - tens of thousands of files, at each start
                status = os.stat(name)  # noqa: PTH116
                found[name] = [status.st_size, status.st_mtime_ns]
                continue
            for entry in os.scandir(name):
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                else:
                    status = entry.stat()
                    found[entry.path] = [status.st_size, status.st_mtime_ns]
        except OSError:
            continue
    return found


def read_object(path: Path) -> dict:
    """Read a JSON object that this module wrote; a missing or damaged file is an empty one."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def save_object(path: Path, before: dict, now: dict) -> None:
    """Write a JSON object if it is another than before; without it, files are read once more."""
    if now != before:
        try:
            write_text(path, json.dumps(now))
        except OSError:
            return
