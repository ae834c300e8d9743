"""Giving each training a GPU of its own, by lock files that the system frees when a holder dies."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

LOCKS = Path(tempfile.gettempdir()) / f"digits-gpus-{os.getuid()}"
"""Folder with a lock per GPU, the same for all runs of a user on a machine."""

POLL = 0.5
"""Seconds between two looks for a free GPU."""

_held: list[object] = []
"""The locks that this process holds until it ends."""


def visible_gpus() -> list[str]:
    """Return the GPUs that may be used, as CUDA_VISIBLE_DEVICES names them.

    Where a scheduler (or the user) has set that variable, it is those that it names; else all
    that ``nvidia-smi`` lists, and none where that does not answer.
    """
    given = os.environ.get("CUDA_VISIBLE_DEVICES")
    if given is not None:
        names = [name.strip() for name in given.split(",")]
        # CUDA itself stops at the first name that is none; -1 and nothing hide all devices.
        end = next((place for place, name in enumerate(names) if name in {"", "-1"}), len(names))
        return names[:end]
    if not shutil.which("nvidia-smi"):
        return []
    command = ["nvidia-smi", "--query-gpu=index", "--format=csv,noheader"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return answer.stdout.split() if answer.returncode == 0 else []


def claim_gpu(gpus: list[str]) -> str:
    """Choose a GPU that no other training holds, waiting for one if need be; keep it till the end.

    A single GPU that CUDA_VISIBLE_DEVICES names is taken as it is: whoever set it has seen to it
    that it is free, and in a job of a cluster its number need not be that of the machine.
    """
    if len(gpus) == 1 and "CUDA_VISIBLE_DEVICES" in os.environ:
        return gpus[0]
    LOCKS.mkdir(mode=0o700, exist_ok=True)
    told = False
    while True:
        for gpu in gpus:
            if _lock(LOCKS / f"{gpu.replace('/', '_')}.lock"):
                return gpu
        if not told:
            print(f"waiting for a free GPU of {', '.join(gpus)}", flush=True)
            told = True
        time.sleep(POLL)


def _lock(path: Path) -> bool:
    # The workflow imports this module each time it is parsed, and needs no lock then.
    from filelock import FileLock, Timeout

    lock = FileLock(path, mode=0o600, blocking=False)
    try:
        lock.acquire()
    except Timeout:
        return False
    _held.append(lock)
    return True
