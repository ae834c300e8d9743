"""Given files by their content, whatever their dates say.

Snakemake compares contents only where a file is newer than what was made of it. A file that was
unpacked, moved or synchronised in the place of another often is not. Only the standard library is
used here: the workflow asks for these identities each time it is parsed.
"""

import json
import os
import time
from pathlib import Path

from digits.core.atomic_files import sha256, write_text
from digits.data import sources

HASHES = Path(".snakemake/digits/hashes.json")
"""Where the workflow keeps the hashes of given files."""

SETTLED = 2.0
"""Seconds after which a changed file is sure to have another time stamp."""


def content_identity(path: Path, store: Path) -> str:
    """Return a hash of a file's bytes, read again only when its status has changed.

    Parameters
    ----------
    path : the file
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
    _, modified, changed, _ = status
    if file_status(path) == status and time.time() - max(modified, changed) / 1e9 > SETTLED:
        save_object(store, known, known | {key: [*status, content]})
    return content


def source_identity(source: str, store: Path) -> str:
    """Return the identity of a source's content (see :mod:`digits.data.sources`).

    A member of a zip counts by the checksum and the size that the zip's directory has of it, so
    that it stays the same when another member changes.

    Raises
    ------
    DataError, OSError
        If the zip, or another file, cannot be read.
    """
    return sources.member_identity(source) or content_identity(Path(source), store)


def file_status(path: Path) -> list[int]:
    """Return what changes when a file is written or replaced: size, both times (ns) and number."""
    found = path.stat()
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def renew_replaced(store: Path, folder: Path, names: list[str]) -> list[str]:
    """Give files that were replaced by older ones a new date, so that Snakemake compares contents.

    A file counts as replaced if its size or date differs from that at the last call and it is no
    newer than the newest file of then; whatever is newer than that, Snakemake notices by itself.
    Dates are all that changes, so it does no harm in a dry run, whose plan is then right.

    Parameters
    ----------
    store : JSON file with sizes and dates at the last call; it is brought up to date
    folder : the working folder
    names : files in it, and folders whose files are meant

    Returns
    -------
    the files that have a new date, by their paths in ``folder``
    """
    before, found = read_object(store), sizes_and_dates(folder, names)
    newest = max((date for _, date in before.values()), default=0)
    replaced = []
    for name, status in found.items():
        if name in before and before[name] != status and status[1] <= newest:
            try:
                os.utime(folder / name)
            except OSError:
                found[name] = before[name]  # to be tried again at the next call
                continue
            found[name] = [status[0], (folder / name).stat().st_mtime_ns]
            replaced.append(name)
    # A file that is gone for the moment is remembered, as it may come back as another.
    save_object(store, before, before | found)
    return replaced


def sizes_and_dates(folder: Path, names: list[str]) -> dict[str, list[int]]:
    """Return size and modification time (ns) of files, and of all files below folders, by path.

    Parameters
    ----------
    folder : the working folder; paths are those in it, so that they are the same once it is moved
    names : files and folders in it
    """
    pending, found = list(names), {}
    for name in pending:
        try:
            if not (folder / name).is_dir():
                status = (folder / name).stat()
                found[name] = [status.st_size, status.st_mtime_ns]
                continue
            # There may be tens of thousands of files, at each start.
            for entry in os.scandir(folder / name):
                path = f"{name}/{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    pending.append(path)
                else:
                    status = entry.stat()
                    found[path] = [status.st_size, status.st_mtime_ns]
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
