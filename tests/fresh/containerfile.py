"""The instructions of a Containerfile, carried out one by one in a bare system.

It stands in for the base image, and has the instructions that this project's Containerfile uses;
any other is an error. Each command of RUN is a process of its own, as in a build.
"""

import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from bare_system import BareSystem, tracked_files


@dataclass
class Image:
    """What a build has made of a bare system so far: its variables, folder and default command."""

    system: BareSystem
    context: Path
    arguments: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    base: str = ""
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)

    def build(self, text: str, **arguments: str) -> None:
        """Carry out the instructions of a Containerfile, with the given build arguments."""
        self.arguments = arguments
        for line in instructions(text):
            name, _, rest = line.partition(" ")
            getattr(self, f"_{name.lower()}")(rest.strip())

    def path(self, name: str) -> Path:
        """Return the file of the host that a path in the image is."""
        return self.system.root / str(PurePosixPath(self.folder, name)).removeprefix("/")

    def _from(self, rest: str) -> None:
        self.base = rest

    def _arg(self, rest: str) -> None:
        name, _, value = rest.partition("=")
        self.arguments.setdefault(name, value)

    def _env(self, rest: str) -> None:
        name, value = re.fullmatch(r"(\w+)=(\S+)", rest).groups()
        inherited = {"PATH": "/usr/local/bin:/usr/bin:/bin"} | self.variables
        self.variables[name] = re.sub(r"\$(\w+)", lambda match: inherited[match[1]], value)

    def _workdir(self, rest: str) -> None:
        self.folder = str(PurePosixPath(self.folder, rest))
        self.path(".").mkdir(parents=True, exist_ok=True)

    def _copy(self, rest: str) -> None:
        source, target = rest.split(" ")
        for name in context_files(self.context):
            if Path(name).is_relative_to(source):
                copy = self.path(target) / Path(name).relative_to(source)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(self.context / name, copy)

    def _run(self, rest: str) -> None:
        variables = self.arguments | self.variables
        run = self.system.run(rest, self.folder, user=0, home="/root", variables=variables)
        assert run.returncode == 0, f"RUN {rest}\n{run.stdout}"

    def _entrypoint(self, rest: str) -> None:
        self.entrypoint = json.loads(rest)

    def _cmd(self, rest: str) -> None:
        self.command = json.loads(rest)


def instructions(text: str) -> list[str]:
    """Return the instructions of a Containerfile, each as one line, without comments."""
    kept = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return re.sub(r" *\\\n *", " ", "\n".join(kept)).splitlines()


def context_files(context: Path) -> list[str]:
    """Return the tracked files that ``.dockerignore`` lets into a build, whose form is checked."""
    lines = (context / ".dockerignore").read_text().splitlines()
    everything, *kept, caches = [line for line in lines if not line.startswith("#")]
    assert (everything, caches) == ("*", "**/__pycache__")
    assert all(re.fullmatch(r"!\w+", line) for line in kept), "only names at the top"
    tops = {line.removeprefix("!") for line in kept}
    return [name for name in tracked_files(context) if Path(name).parts[0] in tops]
