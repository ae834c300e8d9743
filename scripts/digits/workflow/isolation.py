"""Keeping packages of the account out of the process that runs Snakemake."""

import os
import site
import sys
import sysconfig
from collections.abc import Mapping


def forget_folders(environment: Mapping[str, str] = os.environ) -> None:
    """Take the folders of ``PYTHONPATH`` out of ``sys.path``, but for the interpreter's own."""
    own = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), *site.getsitepackages()}
    folders = environment.get("PYTHONPATH", "").split(os.pathsep)
    foreign = {os.path.realpath(folder) for folder in folders if folder}
    foreign -= {os.path.realpath(folder) for folder in own}
    sys.path[:] = [folder for folder in sys.path if os.path.realpath(folder) not in foreign]
