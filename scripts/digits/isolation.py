"""Keeping packages of the account out of the process that runs Snakemake."""

import os
import sys
from collections.abc import Mapping


def forget_folders(environment: Mapping[str, str] = os.environ) -> None:
    """Take the folders of ``PYTHONPATH`` out of this process's own, but for those of Python."""
    own = tuple(os.path.realpath(prefix) for prefix in (sys.prefix, sys.base_prefix))
    folders = environment.get("PYTHONPATH", "").split(os.pathsep)
    foreign = {os.path.realpath(folder) for folder in folders if folder}
    sys.path[:] = [
        folder
        for folder in sys.path
        if (path := os.path.realpath(folder)) not in foreign or path.startswith(own)
    ]
