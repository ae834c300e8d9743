"""A store of finished outputs, shared by experiments and runs, found by what they are made from.

An entry is a folder named by its key, a hash over the code, the settings and the content of the
inputs. It appears by one rename, so that any number of runs can use a store at once, and it is
checked when it is taken out, so that a damaged one is made anew.
"""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digits.core.atomic_files import replacing, sha256, write_json

MANIFEST = "manifest.json"


def content_key(*identity: Any) -> str:
    """Return a name for whatever this identity, made of plain JSON values, decides."""
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:32]


def reuse(
    store: Path | None,
    key: str,
    outputs: list[Path],
    make: Callable[[], None],
    check: Callable[[], None] = lambda: None,
) -> None:
    """Take outputs out of a store, or make them and put them into it.

    Parameters
    ----------
    store : folder of the store; None makes the outputs and keeps nothing
    key : see :func:`content_key`
    make : writes all outputs
    check : raises if the outputs are not what the key says; they are not kept then
    """
    if store and fetch(store / key, outputs):
        print(f"taken from {store / key}")
        return
    make()
    check()
    if store:
        try:
            keep(store / key, outputs)
        except OSError as error:
            # The outputs themselves are made; a full store is no reason to lose them.
            print(f"not kept in {store}: {error.strerror}", file=sys.stderr)


def fetch(entry: Path, outputs: list[Path]) -> bool:
    """Copy an entry's files to ``outputs``; tell whether there was one that could be used."""
    try:
        sums = json.loads((entry / MANIFEST).read_text(encoding="utf-8"))
        stored = [entry / path.name for path in outputs]
        if [sha256(path) for path in stored] != [sums[path.name] for path in outputs]:
            raise ValueError("changed since it was stored")
        for source, output in zip(stored, outputs, strict=True):
            with replacing(output) as temporary:
                shutil.copyfile(source, temporary)
        os.utime(entry / MANIFEST)  # when it was last of use, for pruning
    except FileNotFoundError:
        return False
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        print(f"{entry}: {error}; it is made anew", file=sys.stderr)
        shutil.rmtree(entry, ignore_errors=True)
        return False
    return True


def keep(entry: Path, outputs: list[Path]) -> None:
    """Copy ``outputs`` into a new entry; one that another run has put there meanwhile stays."""
    entry.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=".part-", dir=entry.parent))
    try:
        for output in outputs:
            shutil.copyfile(output, part / output.name)
        write_json(part / MANIFEST, {output.name: sha256(output) for output in outputs})
        part.rename(entry)
    except OSError:
        if not entry.is_dir():
            raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


@dataclass(frozen=True)
class Entry:
    """What a store holds under one key: its size in bytes and when it was last of use."""

    path: Path
    bytes: int
    used: float


def entries(store: Path) -> list[Entry]:
    """Return a store's entries, those used longest ago first."""
    found = [
        Entry(
            manifest.parent,
            sum(file.lstat().st_size for file in manifest.parent.iterdir()),
            manifest.stat().st_mtime,
        )
        for manifest in store.glob(f"[!.]*/{MANIFEST}")
    ]
    return sorted(found, key=lambda entry: (entry.used, entry.path))


def prune(store: Path, size: int) -> list[Entry]:
    """Remove the entries used longest ago until at most ``size`` bytes are left; return them."""
    kept = entries(store)
    total, removed = sum(entry.bytes for entry in kept), []
    for entry in kept:
        if total <= size:
            break
        # Without its manifest an entry is none; so a run never finds a half of one.
        (entry.path / MANIFEST).unlink(missing_ok=True)
        shutil.rmtree(entry.path, ignore_errors=True)
        total -= entry.bytes
        removed.append(entry)
    return removed
