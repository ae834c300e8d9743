"""Hashes of the user's files by content, so that dates do not matter.

Snakemake compares contents only where an input is newer than the output. A file that was unpacked,
moved or synchronised over another often is not. Only the standard library is used here, because
the workflow needs these identities each time it is parsed.
"""

import hashlib
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

from digits.core.atomic_files import sha256, write_text
from digits.data import sources, trees

HASHES = Path(".snakemake/digits/hashes.json")
"""Where the workflow caches the hashes of the user's files."""

SETTLED = 2.0
"""Seconds after which a changed file certainly has a different time stamp."""


def content_identity(path: Path, store: Path) -> str:
    """Return the SHA-256 of a file, which is read again only when its status has changed.

    Parameters
    ----------
    path : the file
    store : JSON file that caches the hashes; if it is not writable, each call reads the file

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
    # A file that has just been written could change again within the same time stamp.
    _, modified, changed, _ = status
    if file_status(path) == status and time.time() - max(modified, changed) / 1e9 > SETTLED:
        save_object(store, known, known | {key: [*status, content]})
    return content


def source_identity(source: str, store: Path) -> str:
    """Return the identity of a source's content (see :mod:`digits.data.sources`).

    Members of a zip are identified by their checksums and sizes in the zip's directory, so the
    identity stays the same when another member changes.

    Raises
    ------
    DataError, OSError
        If the zip, or another file, cannot be read.
    """
    if sources.is_folder(source):
        tree = trees.tree_of(source)
        if isinstance(tree, trees.ZipTree):
            return tree.identity()
        return folder_identity(tree, store)
    return sources.member_identity(source) or content_identity(Path(source), store)


def folder_identity(tree: trees.FolderTree, store: Path) -> str:
    """Return the identity of a folder of files, which are read again only when one has changed."""
    names = [(path, *_status_in(tree, path)) for path in trees.files_below(tree)]
    status = hashlib.sha256(json.dumps(names).encode()).hexdigest()
    key, known = f"{Path(tree.source).absolute()}/", read_object(store)
    if isinstance(known.get(key), list) and known[key][:-1] == [status]:
        return known[key][-1]
    content = trees.content_hash(tree)
    latest = max((max(each[2:4]) for each in names), default=0)
    if time.time() - latest / 1e9 > SETTLED:
        save_object(store, known, known | {key: [status, content]})
    return content


def content_hash(source: str) -> str:
    """Return the SHA-256 of a source, decompressed, or of a folder's files, in hexadecimal."""
    if sources.is_folder(source):
        return trees.content_hash(trees.tree_of(source))
    return sources.sha256_of(source)


def identity_of_all(found: Sequence[str], store: Path) -> str:
    """Return the identity of the contents of several sources, in order; of one, its own."""
    identities = [source_identity(source, store) for source in found]
    if len(identities) == 1:
        return identities[0]
    return hashlib.sha256("\n".join(identities).encode()).hexdigest()


def _status_in(tree: trees.FolderTree, path: str) -> list[int]:
    """Return the status of a file in a folder, which may be a link to nothing."""
    try:
        return file_status(Path(tree.place(path)))
    except OSError as error:
        raise sources.unreadable(tree.place(path), error) from error


def file_status(path: Path) -> list[int]:
    """Return what changes with a file: size, modification and change time (ns), inode."""
    found = path.stat()
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def renew_replaced(store: Path, folder: Path, names: list[str]) -> list[str]:
    """Touch files that were replaced by older ones, so that Snakemake compares their contents.

    A file counts as replaced if its size or date differs from the last call's and it is not newer
    than the newest file at that call; Snakemake itself notices newer files. Only dates change, so a
    dry run does no harm and its plan is correct.

    Parameters
    ----------
    store : JSON file with sizes and dates at the last call; it is updated
    folder : the working folder
    names : files in it, and folders all of whose files are included

    Returns
    -------
    the touched files, as paths relative to ``folder``
    """
    before, found = read_object(store), sizes_and_dates(folder, names)
    newest = max((date for _, date in before.values()), default=0)
    replaced = []
    for name, status in found.items():
        if name in before and before[name] != status and status[1] <= newest:
            try:
                os.utime(folder / name)
            except OSError:
                found[name] = before[name]  # so that the next call tries again
                continue
            found[name] = [status[0], (folder / name).stat().st_mtime_ns]
            replaced.append(name)
    # A missing file is remembered, as another may take its place later.
    save_object(store, before, before | found)
    return replaced


def sizes_and_dates(folder: Path, names: list[str]) -> dict[str, list[int]]:
    """Return size and modification time (ns) of files, and of all files below folders, by path.

    Parameters
    ----------
    folder : the working folder; the returned paths are relative to it, so that it can be moved
    names : files and folders in it
    """
    pending, found = list(names), {}
    for name in pending:
        try:
            if not (folder / name).is_dir():
                status = (folder / name).stat()
                found[name] = [status.st_size, status.st_mtime_ns]
                continue
            # scandir, because there may be tens of thousands of files at each start.
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
    """Read a JSON object that this module wrote; a missing or damaged file counts as empty."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def save_object(path: Path, before: dict, now: dict) -> None:
    """Write a JSON object if it changed; if writing fails, files are simply read again later."""
    if now != before:
        try:
            write_text(path, json.dumps(now))
        except OSError:
            return
