"""A store of finished trainings, shared by experiments; the key hashes code, settings and inputs.

An entry is a folder named by its key, a hash over the code, the settings and the content of the
inputs. It appears by one rename, so that any number of runs can use a store at once, and it is
checked when it is taken out, so that a damaged one is made again. What was used longest ago is
removed when the store exceeds its size.
"""

import hashlib
import json
import os
import shutil
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digits.core.atomic_files import replacing, sha256, write_json

MANIFEST = "manifest.json"

PART = ".part-"
"""Prefix of the name of an entry that is still being written."""

ABANDONED = 3600.0
"""Seconds after which an entry that is being written was left behind by a killed process."""


@dataclass(frozen=True)
class Store:
    """A store's folder, and the size in bytes that it is pruned to."""

    folder: Path
    size: int


def content_key(*identity: Any) -> str:
    """Return the key of what this identity, made of plain JSON values, determines."""
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:32]


def put(store: Store, key: str, outputs: list[Path]) -> None:
    """Keep outputs under a key in a store, and prune it.

    Parameters
    ----------
    key : see :func:`content_key`
    """
    try:
        keep(store.folder / key, outputs)
        prune(store.folder, store.size, spare=key)
    except OSError as error:
        # The outputs themselves are made; a full store is no reason to lose them.
        print(f"not kept in {store.folder}: {error.strerror}", file=sys.stderr)


def take(store: Store, key: str, outputs: list[Path]) -> bool:
    """Copy what a store has under a key to ``outputs``; return whether it could be used.

    Raises
    ------
    OSError
        If the outputs cannot be written.
    """
    entry = store.folder / key
    manifest = entry / MANIFEST
    if not manifest.exists():
        return False
    try:
        sums = json.loads(manifest.read_text(encoding="utf-8"))
        if any(sha256(entry / path.name) != sums[path.name] for path in outputs):
            raise ValueError("changed since it was stored")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        print(f"{entry}: {error}; it is made again", file=sys.stderr)
        shutil.rmtree(entry, ignore_errors=True)
        return False
    try:
        for output in outputs:
            with replacing(output) as temporary:
                shutil.copyfile(entry / output.name, temporary)
    except FileNotFoundError:  # another run has just pruned it
        return False
    with suppress(OSError):  # a store may be read by those who cannot write to it
        os.utime(manifest)  # when it was last used, for pruning
    return True


def keep(entry: Path, outputs: list[Path]) -> None:
    """Copy ``outputs`` into a new entry; one that another run has put there meanwhile stays."""
    entry.parent.mkdir(parents=True, exist_ok=True)
    # Not by mkdtemp: others who share the store could not read the entry.
    part = entry.with_name(f"{PART}{os.urandom(4).hex()}")
    part.mkdir()
    try:
        for output in outputs:
            shutil.copyfile(output, part / output.name)
        write_json(part / MANIFEST, {output.name: sha256(output) for output in outputs})
        if not (entry / MANIFEST).exists():  # the rest of one that was being removed
            shutil.rmtree(entry, ignore_errors=True)
        part.rename(entry)
    except OSError:
        if not entry.is_dir():
            raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


@dataclass(frozen=True)
class Entry:
    """What a store holds under one key: its size in bytes and when it was last used."""

    path: Path
    bytes: int
    used: float


def entries(store: Path) -> list[Entry]:
    """Return a store's entries, those used longest ago first."""
    found = []
    for manifest in store.glob(f"[!.]*/{MANIFEST}"):
        with suppress(FileNotFoundError):  # another run prunes the store
            used = manifest.stat().st_mtime
            size = sum(file.lstat().st_size for file in manifest.parent.iterdir())
            found.append(Entry(manifest.parent, size, used))
    return sorted(found, key=lambda entry: (entry.used, entry.path))


def prune(store: Path, size: int, spare: str | None = None) -> list[Entry]:
    """Remove the entries used longest ago until at most ``size`` bytes are left; return them.

    Several runs may do so at once: they remove the same entries.

    Parameters
    ----------
    spare : key of an entry that stays, however large it is
    """
    for part in store.glob(f"{PART}*"):
        with suppress(FileNotFoundError):
            if time.time() - part.stat().st_mtime > ABANDONED:
                shutil.rmtree(part, ignore_errors=True)
    kept = entries(store)
    total, removed = sum(entry.bytes for entry in kept), []
    for entry in kept:
        if total <= size:
            break
        if entry.path.name == spare:
            continue
        # An entry counts only with its manifest, so a run never finds one that is half removed.
        (entry.path / MANIFEST).unlink(missing_ok=True)
        shutil.rmtree(entry.path, ignore_errors=True)
        total -= entry.bytes
        removed.append(entry)
    return removed
