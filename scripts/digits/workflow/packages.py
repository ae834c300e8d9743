"""Checking that the installed packages are the pinned ones."""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from packaging.markers import Marker

from digits.core.errors import DigitsError
from digits.workflow.code_identity import PIN


def check_installed(requirements: Path, folders: Iterable[str] | None = None) -> None:
    """Refuse to go on if a pinned package is missing or installed in another version.

    Jobs would run what is installed and be recorded under the version that is pinned.

    Parameters
    ----------
    requirements : a requirements file with exact versions
    folders : where packages are looked for, those of ``sys.path`` by default

    Raises
    ------
    DigitsError
        With the first such package, the number of others, and what to do.
    """
    installed = installed_versions(sys.path if folders is None else folders)
    wrong = [
        f"{name} {version} is pinned, {installed.get(normalise(name), 'none')} is installed"
        for name, version, marker in PIN.findall(requirements.read_text(encoding="utf-8"))
        if installed.get(normalise(name)) != version and (not marker or Marker(marker).evaluate())
    ]
    if wrong:
        others = f" (and {len(wrong) - 1} more)" if wrong[1:] else ""
        raise DigitsError(
            f"{requirements}: {wrong[0]}{others};"
            f" run make, or python -m pip install --no-deps -r {requirements}"
        )


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
