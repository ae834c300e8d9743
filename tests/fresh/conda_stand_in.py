#!/usr/bin/python3
"""A stand-in for conda, for Snakemake to call where conda's packages cannot be had.

It has the subcommands that Snakemake calls. ``env create`` makes a virtual environment of the
system's Python, which must be of the version that the file asks for, and installs the file's pip
packages, as conda does. It is called by the system's Python, so it uses nothing but that.
"""

import itertools
import json
import re
import subprocess
import sys
from pathlib import Path

PREFIX = Path(__file__).resolve().parents[1]


def create(file: Path, prefix: Path) -> None:
    """Make the environment that a file describes."""
    text = file.read_text()
    version = re.search(r"^  - python =([\d.]+)$", text, re.MULTILINE)[1]
    if version != f"{sys.version_info.major}.{sys.version_info.minor}":
        sys.exit(f"Python {version} is asked for, this is {sys.version}")
    subprocess.run([sys.executable, "-m", "venv", prefix], check=True)
    packages = re.findall(r"^      - (.+)$", text, re.MULTILINE)
    requirements = prefix / "requirements.txt"
    requirements.write_text("\n".join([*packages, ""]))
    install = [prefix / "bin/python", "-m", "pip", "install", "--quiet", "--no-cache-dir"]
    subprocess.run([*install, "--upgrade", "--requirement", requirements], check=True)


def main(arguments: list[str]) -> None:
    """Do what conda would, for the arguments that Snakemake gives it."""
    given = dict(itertools.pairwise(arguments))
    if arguments == ["--version"]:
        print("conda 24.7.1")
    elif arguments == ["info", "--json"]:
        print(json.dumps({"conda_prefix": str(PREFIX), "platform": "linux-64"}))
    elif arguments[:2] == ["config", "--get"]:
        print(json.dumps({"get": {"channel_priority": "strict"}}))
    elif arguments[:2] == ["env", "create"]:
        create(Path(given["--file"]), Path(given["--prefix"]))
    elif arguments[:1] != ["clean"]:
        sys.exit(f"conda {' '.join(arguments)}: not known to this stand-in")


if __name__ == "__main__":
    main(sys.argv[1:])
