"""Checkpoints: the state of a training after its last complete epoch, to resume a killed one.

A checkpoint is outside the outputs of its rule, which Snakemake removes before it restarts a job,
and is named by everything that the training depends on, so that one with other data, settings, code
or packages is never found.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from digits.core.atomic_files import replacing


@dataclass(frozen=True)
class State:
    """What a training needs to resume: arrays by name, and each network's outcome so far."""

    arrays: dict[str, list[np.ndarray]]
    outcomes: list[dict[str, Any]]


def write_checkpoint(path: Path, state: State) -> None:
    """Write a checkpoint atomically."""
    members = {
        f"{name}/{number:06d}": array
        for name, arrays in state.arrays.items()
        for number, array in enumerate(arrays)
    }
    outcomes = np.frombuffer(json.dumps(state.outcomes).encode(), dtype=np.uint8)
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, outcomes=outcomes, **members)


def read_checkpoint(path: Path) -> State | None:
    """Read a checkpoint; return None if it is missing or unreadable."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            outcomes = json.loads(archive["outcomes"].tobytes())
            arrays: dict[str, list[np.ndarray]] = {}
            for member in sorted(set(archive.files) - {"outcomes"}):
                arrays.setdefault(member.split("/")[0], []).append(archive[member])
    except Exception:  # a damaged archive or header can raise almost anything
        return None
    return State(arrays, outcomes)
