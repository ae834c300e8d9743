"""What jobs inherit: the interpreter of their run, and none of the account's Python settings."""

import os
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path

FOREIGN = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONOPTIMIZE", "PYTHONWARNINGS")
"""Python's variables by which a job would import other code, or run its own differently."""


def isolate(environment: MutableMapping[str, str]) -> list[str]:
    """Let this process and those that it starts import no packages but the installed ones.

    Parameters
    ----------
    environment : of this process, changed in place; jobs inherit it

    Returns
    -------
    the names of variables that were set and are ignored from here on
    """
    ignored = [name for name in FOREIGN if environment.pop(name, "")]
    environment["PYTHONNOUSERSITE"] = "1"
    return ignored


def forget_folders(environment: Mapping[str, str] = os.environ) -> None:
    """Take the folders of ``PYTHONPATH`` out of this process's own, but for those of Python."""
    folders = environment.get("PYTHONPATH", "")
    own = tuple(os.path.realpath(prefix) for prefix in (sys.prefix, sys.base_prefix))
    foreign = {os.path.realpath(folder) for folder in folders.split(os.pathsep) if folder}
    sys.path[:] = [
        folder
        for folder in sys.path
        if (path := os.path.realpath(folder)) not in foreign or path.startswith(own)
    ]


def use_interpreter(environment: MutableMapping[str, str]) -> None:
    """Have jobs find the interpreter that runs this process first, activated or not."""
    folder = str(Path(sys.executable).parent)
    folders = environment.get("PATH", os.defpath).split(os.pathsep)
    if folders[0] != folder:
        environment["PATH"] = os.pathsep.join([folder, *folders])
