"""The code that a run was planned with, so that no job runs any other and passes for it.

The workflow notes what its code is when it is parsed. A program that is started by a job compares
its own with that, before its work and after it: code that is edited while the run is under way
would otherwise be recorded as the one that was planned. Only the standard library is used here.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from digits.core.atomic_files import write_json
from digits.core.errors import DigitsError
from digits.workflow.code_identity import (
    SCRIPTS,
    IdentityError,
    code_identity,
    read_pins,
    workflow_identity,
)

VARIABLE = "DIGITS_SOURCES"
"""Environment variable by which a job knows the fingerprint of the sources of its run."""


class CodeError(DigitsError):
    """Code that is not what the run was planned with."""


@dataclass
class Plan:
    """What the code is when a run is planned.

    Attributes
    ----------
    sources : fingerprint of all programs and modules
    workflow : identity of the Snakefile and the rules
    programs : identity of each program by its name, filled in as rules ask for it
    """

    sources: str
    workflow: str
    programs: dict[str, str] = field(default_factory=dict)

    def code(self, program: str, root: Path, pins: Mapping[str, str]) -> str:
        """Return the identity of a program's code, for its rule's params."""
        if program not in self.programs:
            self.programs[program] = code_identity(program, root / "scripts", pins)
        return self.programs[program]


def make_plan(root: Path) -> Plan:
    """Return the plan of a run that starts now; ``root`` is the folder of the Snakefile."""
    return Plan(fingerprint(root / "scripts"), workflow_identity(root))


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
    now = make_plan(root)
    try:
        plan = Plan(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return now
    if plan.workflow != now.workflow:
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
        If it differs. Edits of comments or of other programs are allowed.
    """
    if os.environ.get(VARIABLE) in {None, fingerprint(scripts)}:
        return
    try:
        code = code_identity(program, scripts, pins_of(scripts.parent))
    except (IdentityError, SyntaxError):  # an edit half-way
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
    for path in [*sources, scripts.parent / "envs" / "requirements.txt"]:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(scripts.parent)} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def pins_of(root: Path) -> dict[str, str]:
    """Return the pinned version of each package of the project."""
    return read_pins(root / "envs" / "requirements.txt")
