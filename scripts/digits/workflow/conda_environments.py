"""The conda environments of jobs, written from the pinned requirements.

``make pins`` writes them. Conda brings Python, and pip the packages, at the versions of
``requirements.txt``: those that the workflow uses and all that they need, but not those that only
check it.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from digits.core.atomic_files import read_text, write_text

PYTHON = "3.13"
"""The version of Python, that of the container image."""

NAMES = {
    "environment.yaml": "requirements.txt",
    "environment-gpu.yaml": "requirements-gpu.txt",
}
"""Each environment with the requirements that it is written from, in ``envs``."""

CHECKING = "# Checking it"
"""The comment of ``requirements.in`` above the packages that no job needs."""

ENVIRONMENT = """\
# {use}
# Written from {requirements} by make pins; conda brings Python, pip brings the pinned packages.
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python ={python}
  - pip
  - pip:
{pins}
"""
USES = {
    "environment.yaml": "The environment of jobs with --software-deployment-method conda.",
    "environment-gpu.yaml": "The same for jobs that claim a GPU, with NVIDIA's libraries.",
}

ENTRY = re.compile(r"^([\w.-]+)(?:\[[^]]*\])?(==[^\\\n]+?) *\\?\n((?:[ ].*\n?)*)", re.MULTILINE)


def wanted(requirements_in: str) -> set[str]:
    """Return the packages that the workflow itself uses, of the text of ``requirements.in``."""
    lines = requirements_in.partition(CHECKING)[0].splitlines()
    return {re.split("[>=[]", line)[0] for line in lines if line and line[0] not in "#-"}


def pins(requirements: str, packages: Iterable[str]) -> list[str]:
    """Return the pins of packages and of all that they need.

    Parameters
    ----------
    requirements : text of a requirements file, with uv's comments that say what needs a package

    Returns
    -------
    lines such as ``numpy==2.4.6``, with markers, in the order of the file
    """
    entries = {name: (pin, _needed_by(rest)) for name, pin, rest in ENTRY.findall(requirements)}
    found, before = set(packages) & entries.keys(), None
    while found != before:
        before = set(found)
        found |= {name for name, (_, users) in entries.items() if users & before}
    return [f"{name}{pin}" for name, (pin, _) in entries.items() if name in found]


def environment(name: str, envs: Path) -> str:
    """Return the text of a conda environment.

    Parameters
    ----------
    name : one of ``NAMES``
    envs : folder of the requirements

    Raises
    ------
    DataError
        If a file of requirements is missing or not UTF-8.
    """
    packages = wanted(read_text(envs / "requirements.in"))
    lines = pins(read_text(envs / NAMES[name]), packages)
    return ENVIRONMENT.format(
        use=USES[name],
        requirements=NAMES[name],
        python=PYTHON,
        pins="\n".join(f"      - {line}" for line in lines),
    )


def _needed_by(comments: str) -> set[str]:
    """Return the packages that uv's comments below a pin name as its users."""
    return set(re.findall(r"^ +#(?: via| ) +([\w.-]+)$", comments, re.MULTILINE))


def main() -> None:
    """Write the conda environments of the project."""
    envs = Path(__file__).parents[3] / "envs"
    for name in NAMES:
        write_text(envs / name, environment(name, envs))


if __name__ == "__main__":
    main()
