"""Checking that the installed packages are the pinned ones, and which of these a run needs."""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from packaging.markers import Marker

from digits.core.errors import DigitsError
from digits.workflow.code_identity import PIN

CHECKING = "# Checking it"
"""The comment of ``requirements.in`` above the packages that no run needs."""

ENTRY = re.compile(r"^([\w.-]+)(?:\[[^]]*\])?(==[^\\\n]+?) *\\?$\n?((?: .*\n?)*)", re.MULTILINE)
"""A package of a requirements file: its name, its pin, and the lines below, with uv's comments."""


def check_installed(requirements: Path, folders: Iterable[str] | None = None) -> None:
    """Refuse to go on if a pinned package is missing or installed in another version.

    Jobs would run what is installed and be recorded under the version that is pinned. Packages that
    only check the project may be missing, as in an environment made by conda.

    Parameters
    ----------
    requirements : a requirements file with exact versions, beside the file that it is made from
    folders : where packages are looked for, those of ``sys.path`` by default

    Raises
    ------
    DigitsError
        With the first such package, the number of others, and what to do.
    """
    installed = installed_versions(sys.path if folders is None else folders)
    text = requirements.read_text(encoding="utf-8")
    needed = "\n".join(pins(text, wanted(requirements.with_suffix(".in").read_text("utf-8"))))
    wrong = [
        f"{name} {version} is pinned, {installed.get(normalise(name), 'none')} is installed"
        for name, version, marker in PIN.findall(needed)
        if installed.get(normalise(name)) != version and (not marker or Marker(marker).evaluate())
    ]
    if wrong:
        others = f" (and {len(wrong) - 1} more)" if wrong[1:] else ""
        raise DigitsError(
            f"{requirements}: {wrong[0]}{others};"
            f" run make, or python -m pip install --no-deps -r {requirements}"
        )


def wanted(requirements_in: str) -> set[str]:
    """Return the packages that a run uses itself, of the text of ``requirements.in``."""
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


def _needed_by(comments: str) -> set[str]:
    """Return the packages that uv's comments below a pin name as its users."""
    return set(re.findall(r"^ +#(?: via| ) +([\w.-]+)$", comments, re.MULTILINE))


def installed_versions(folders: Iterable[str]) -> dict[str, str]:
    """Return the version of each installed package by its normalised name.

    They are read off the names of the packages' ``.dist-info`` folders, the first of a name, as
    Python finds them; opening each one's metadata would take a tenth of a second.
    """
    versions: dict[str, str] = {}
    for folder in folders:
        for path in sorted(Path(folder or ".").glob("*.dist-info")):
            name, _, version = path.stem.partition("-")
            versions.setdefault(normalise(name), version)
    return versions


def normalise(name: str) -> str:
    """Return a package's name as PyPI compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()
