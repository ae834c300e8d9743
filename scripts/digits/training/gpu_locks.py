"""Assigning each training its own GPU, with lock files that are released when the holder dies."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

LOCKS = Path(tempfile.gettempdir()) / f"digits-gpus-{os.getuid()}"
"""Folder with one lock per GPU, shared by all runs of a user on a machine."""

POLL = 0.5
"""Seconds between two attempts to lock a free GPU."""

_held: list[object] = []
"""The locks that this process holds until it ends."""


def visible_gpus() -> list[str]:
    """Return the available GPUs, by the names that CUDA_VISIBLE_DEVICES uses.

    If a scheduler or the user has set that variable, it decides; else these are all that
    ``nvidia-smi`` lists, or none if that fails.
    """
    given = os.environ.get("CUDA_VISIBLE_DEVICES")
    if given is not None:
        names = [name.strip() for name in given.split(",")]
        # CUDA itself stops at the first invalid name; -1 and an empty value hide all devices.
        end = next((place for place, name in enumerate(names) if name in {"", "-1"}), len(names))
        return names[:end]
    if not shutil.which("nvidia-smi"):
        return []
    command = ["nvidia-smi", "--query-gpu=index", "--format=csv,noheader"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return answer.stdout.split() if answer.returncode == 0 else []


def claim_gpu(gpus: list[str]) -> str:
    """Lock a GPU that no other training holds, waiting if necessary, until the process ends.

    A single GPU in CUDA_VISIBLE_DEVICES is used without a lock: whoever set the variable assigned
    it, and in a cluster job its number need not be the machine's.
    """
    if len(gpus) == 1 and "CUDA_VISIBLE_DEVICES" in os.environ:
        return gpus[0]
    LOCKS.mkdir(mode=0o700, exist_ok=True)
    reported = False
    while True:
        for gpu in gpus:
            if _lock(LOCKS / f"{gpu.replace('/', '_')}.lock"):
                return gpu
        if not reported:
            print(f"waiting for a free GPU of {', '.join(gpus)}", flush=True)
            reported = True
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
