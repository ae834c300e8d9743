"""The code with which a run was planned; a job refuses to run any other.

The workflow records the identity of its code when it is parsed. A program that runs as a job
compares its own with that, before its work and after it: code that is edited during the run would
otherwise be recorded as the code that was planned. Only the standard library is used here.
"""

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from digits.core.atomic_files import write_json
from digits.core.errors import DigitsError
from digits.workflow.code_identity import SCRIPTS, Code, IdentityError, code_identity, read_pins
from digits.workflow.workflow_identity import workflow_identity

VARIABLE = "DIGITS_SOURCES"
"""Environment variable by which a job knows the fingerprint of the sources of its run."""


class CodeError(DigitsError):
    """Code that is not what the run was planned with."""


@dataclass
class Plan:
    """The identities of the code when a run is planned.

    Attributes
    ----------
    sources : fingerprint of all programs and modules
    workflow : identity of the Snakefile and the rules
    programs : identity of each program by its name, but for those that cannot be followed
    """

    sources: str
    workflow: str
    programs: dict[str, str] = field(default_factory=dict)

    def code(self, program: str, root: Path, pins: Mapping[str, str]) -> str:
        """Return the identity of a program's code, for its rule's params.

        Raises
        ------
        IdentityError
            If the program cannot be followed.
        """
        return self.programs.get(program) or code_identity(program, root / "scripts", pins)


def make_plan(root: Path, known: Path | None = None) -> Plan:
    """Return the plan of a run that starts now.

    Parameters
    ----------
    root : folder of the Snakefile
    known : file in which the identities are kept until the code changes; None keeps nothing
    """
    sources = fingerprint(root / "scripts")
    version = sys.version  # syntax trees differ
    try:
        kept = json.loads(known.read_text(encoding="utf-8")) if known else {}
        programs = kept["programs"] if kept["of"] == [sources, version] else None
    except (OSError, ValueError, TypeError, KeyError):
        programs = None
    if programs is None:
        programs = Code(root / "scripts").identities(pins_of(root))
        if known and fingerprint(root / "scripts") == sources:  # nothing was edited meanwhile
            with suppress(OSError):
                write_json(known, {"of": [sources, version], "programs": programs})
    return Plan(sources, workflow_identity(root), programs)


def save_plan(plan: Plan, path: Path) -> None:
    """Write a plan for the processes that run single jobs, as those on a cluster do."""
    write_json(path, asdict(plan))


def read_plan(path: Path, root: Path) -> Plan:
    """Return the plan of the run that this job belongs to, or that of now where none is kept.

    Raises
    ------
    CodeError
        If the rules are no longer those of the run.
    """
    try:
        plan = Plan(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return make_plan(root)
    if plan.workflow != workflow_identity(root):
        raise CodeError(
            "the Snakefile or a rule was changed while the run was under way; run again"
        )
    return plan


def check_code(program: str, planned: str, scripts: Path = SCRIPTS) -> None:
    """Refuse to go on if the code of a program is not what its run was planned with.

    Outside a run nothing is recorded, so nothing is checked.

    Parameters
    ----------
    planned : identity of the program's code, as the workflow has it in the rule's params

    Raises
    ------
    CodeError
        If it differs. Edits of comments and of what the program does not reach are allowed.
    """
    if os.environ.get(VARIABLE) in {None, fingerprint(scripts)}:
        return
    try:
        code = code_identity(program, scripts, pins_of(scripts.parent))
    except IdentityError:  # an edit half-way
        code = None
    if code != planned:
        raise CodeError(
            f"{program}: the code was changed while the run was under way;"
            " this job's results are discarded, run again"
        )


def fingerprint(scripts: Path) -> str:
    """Return a hash of the bytes of all programs and modules and of the pins, in milliseconds."""
    digest = hashlib.sha256()
    sources = sorted([*scripts.glob("*.py"), *(scripts / "digits").rglob("*.py")])
    for path in [*sources, *_requirements(scripts.parent)]:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(scripts.parent)} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def pins_of(root: Path) -> dict[str, str]:
    """Return the pinned version of each package of the project, and of those for Kaggle."""
    return {name: pin for path in _requirements(root) for name, pin in read_pins(path).items()}


def _requirements(root: Path) -> list[Path]:
    """Return the files of pins; the packages that only calls of Kaggle need are in one apart."""
    paths = [root / "envs" / name for name in ("requirements-kaggle.txt", "requirements.txt")]
    return [path for path in paths if path.exists()]
