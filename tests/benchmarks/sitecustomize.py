"""Reports the time spent in the parts of a Python process, if this folder is on PYTHONPATH.

Python imports a module of this name by itself before it runs a program. ``python -X importtime``
does not do here: it prints to standard error, which the programs silence while TensorFlow loads.
Each process adds a line of JSON to the file that ``STARTUP_RECORDS`` names.
"""

import atexit
import builtins
import json
import os
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

TENSORFLOW = {"tensorflow", "keras"}


def since_start() -> float:
    """Return the seconds since this process was started, to a hundredth."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[19])  # starttime, the 22nd field in proc(5)
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


class Clock:
    """Adds up the time of outermost imports, and of those of TensorFlow wherever they stand."""

    def __init__(self) -> None:
        self.interpreter = since_start()
        self.seconds = {"imports": 0.0, "tensorflow": 0.0}
        self.depths = dict.fromkeys(self.seconds, 0)
        self.original = builtins.__import__

    def __call__(self, name: str, *arguments: Any, **keywords: Any) -> ModuleType:
        """Import as Python does, with a watch on it."""
        kinds = ["imports", *["tensorflow"] * (name.partition(".")[0] in TENSORFLOW)]
        outermost = [kind for kind in kinds if self.depths[kind] == 0]
        for kind in kinds:
            self.depths[kind] += 1
        started = time.perf_counter()
        try:
            return self.original(name, *arguments, **keywords)
        finally:
            for kind in kinds:
                self.depths[kind] -= 1
            for kind in outermost:
                self.seconds[kind] += time.perf_counter() - started

    def record(self) -> None:
        """Add this process's line to the file."""
        total, tensorflow = since_start(), self.seconds["tensorflow"]
        imports = self.seconds["imports"] - tensorflow
        line = {
            "program": Path(sys.argv[0]).stem,
            "interpreter": self.interpreter,
            "imports": imports,
            "tensorflow": tensorflow,
            "work": total - self.interpreter - imports - tensorflow,
        }
        # A short line that is appended at one go is not mixed up with those of other processes.
        with Path(os.environ["STARTUP_RECORDS"]).open("a") as file:
            file.write(json.dumps(line) + "\n")


if "STARTUP_RECORDS" in os.environ:
    clock = Clock()
    builtins.__import__ = clock
    atexit.register(clock.record)
