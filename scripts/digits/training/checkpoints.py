"""Checkpoints: the state of a training after one of its last epochs, to resume a killed one.

A checkpoint is outside the outputs of its rule, which Snakemake removes before it restarts a job,
and is named by everything that the training depends on, so that one with other data, settings, code
or packages is never found.
"""

import json
import math
import time
from collections.abc import Callable
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


class Checkpoint:
    """The file that a training keeps its state in.

    On a CPU it is written in milliseconds. The state of thirty networks on a GPU, 73 MB, may take
    no less time to write than their epoch.

    Parameters
    ----------
    share : of the training time that saving may take, above 0; the first and the last save are not
        counted
    """

    def __init__(self, path: Path, share: float) -> None:
        self.path, self.share = path, share
        self._next = -math.inf

    def read(self) -> State | None:
        """Return the state of a training that was killed, None if there is none."""
        return read_checkpoint(self.path)

    def save(self, state: Callable[[], State], *, last: bool) -> None:
        """Save the state after an epoch, if it is time.

        After the first one it always is, so that a folder that cannot be written to is found at
        once.

        Parameters
        ----------
        state : returns the state
        last : whether the training is over
        """
        started = time.monotonic()
        if last or started >= self._next:
            write_checkpoint(self.path, state())
            ended = time.monotonic()
            self._next = ended + (ended - started) * (1 / self.share - 1)


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
