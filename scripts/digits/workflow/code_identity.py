"""The identity of a program's code: a hash of the definitions that its ``main`` can reach.

A program is followed definition by definition. Its identity covers its ``main`` and the functions,
classes and constants that this reaches through names, attributes of imported modules, decorators,
base classes and default values, in whichever module of the project they stand. Importing a module
runs what stands at its top level, so what is no mere definition there counts for every program that
imports it, and so does that of the packages on the way.

- A class counts whole, with its methods. A name that is bound several times counts with all.
- An assignment counts where one of its names is reached, even if its value is a call: such a call
  should only compute the value. So should a default value.
- A definition under a decorator of the project's own counts in every program that imports its
  module, since the decorator may keep it somewhere; but not under a context manager.
- A module that is passed on as a value counts whole, with everything it reaches. What cannot be
  followed at all, such as a dynamic import, is an error.
- A package counts by its pinned version where a name bound by its import is reached, or where the
  import itself is inside of what is reached.

Only the standard library is used here: the workflow calls this each time it is parsed.
"""

import hashlib
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from digits.core.errors import DigitsError
from digits.workflow.definitions import Definition, Kind, definitions
from digits.workflow.scopes import Target

SCRIPTS = Path(__file__).resolve().parents[2]

RUNNER = "digits.workflow.job"
"""The module that runs a program as a job. It reports and checks, and computes nothing, so it is
not followed: another word in an error message must not train anything again."""

WHOLE_MODULE = {"globals", "vars", "dir", "locals"}
"""Functions that give all names of the module that calls them."""

DISTRIBUTIONS = {
    "PIL": "pillow",
    "sklearn": "scikit-learn",
    "typing_extensions": "typing-extensions",
    "yaml": "pyyaml",
}
"""Packages that are imported by another name than they are installed by."""

PIN = re.compile(r"^([\w.-]+)(?:\[[^]]*\])?==([^\s;\\]+)(?:[ ]*;[ ]*([^\\\n]+))?", re.MULTILINE)
"""A line of a requirements file: name, version and, if there is one, the systems it is for."""


class IdentityError(DigitsError):
    """Code that cannot be followed, so that what a program runs cannot be known."""


def code_identity(
    program: str, scripts: Path = SCRIPTS, pins: Mapping[str, str] | None = None
) -> str:
    """Return a hash of what a program can reach of the project's code, and of its packages.

    Parameters
    ----------
    program : name of a program in ``scripts``, without ``.py``
    pins : version of each package by its name; None leaves packages out

    Raises
    ------
    IdentityError
        If something that the program reaches cannot be read or followed, or is a package without
        a pin.
    """
    return Code(scripts).identity(program, pins)


def read_pins(requirements: Path) -> dict[str, str]:
    """Return the version that each package is pinned to in a requirements file."""
    text = requirements.read_text(encoding="utf-8")
    return {name: version for name, version, _ in PIN.findall(text)}


_definitions = cache(definitions)


class Node(NamedTuple):
    """A definition of a module by its number, or what happens to a module or package as a whole."""

    module: str
    part: int


RUN, LOAD, WHOLE, PACKAGE = -1, -2, -3, -4
"""A program that runs, a module that is imported, one that is used as a value, and a package."""


@dataclass
class Module:
    """A module of the project and where its names are bound."""

    name: str
    path: Path
    definitions: list[Definition]

    @cached_property
    def binding(self) -> dict[str, list[int]]:
        """The numbers of the definitions that bind a name, by the name."""
        found: dict[str, list[int]] = {}
        for number, definition in enumerate(self.definitions):
            for name in definition.reach.binds:
                found.setdefault(name, []).append(number)
        return found

    @property
    def is_package(self) -> bool:
        """Whether other modules may be in it."""
        return self.path.name == "__init__.py"

    @property
    def parent(self) -> str:
        """The package that the module is in, if any."""
        return self.name.rpartition(".")[0]


class Code:
    """The code of all programs as it is now: each file is read once, when it is needed."""

    def __init__(self, scripts: Path = SCRIPTS) -> None:
        self.scripts = scripts
        self._modules: dict[str, Module | None] = {}
        self._next: dict[Node, Collection[Node]] = {}

    def identities(self, pins: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the identity of every program by its name, but for those that have none."""
        found = {}
        for path in sorted(self.scripts.glob("*.py")):
            with suppress(IdentityError):
                found[path.stem] = self.identity(path.stem, pins)
        return found

    def identity(self, program: str, pins: Mapping[str, str] | None = None) -> str:
        """Return the identity of one program; see :func:`code_identity`."""
        digest, packages = hashlib.sha256(), []
        for node in sorted(self.reached(program)):
            if node.part >= 0:
                digest.update(f"{node.module}\n{self._definition(node).code}\n".encode())
            elif node.part == PACKAGE:
                packages.append(node.module)
        for package in packages if pins is not None else []:
            name = DISTRIBUTIONS.get(package, package)
            if name not in pins:
                raise IdentityError(f"{program}: no pinned version of {package}, which it imports")
            digest.update(f"{name}=={pins[name]}\n".encode())
        return digest.hexdigest()[:16]

    def names(self, program: str) -> set[str]:
        """Return the dotted names of all definitions that a program reaches, to look at."""
        return {
            f"{node.module}.{name}"
            for node in self.reached(program)
            if node.part >= 0
            for name in self._definition(node).reach.binds
        }

    def reached(self, program: str) -> set[Node]:
        """Return all that a program reaches."""
        if self._module(program) is None:
            raise IdentityError(f"{self.scripts / program}.py: no such program")
        found, pending = set(), [Node(program, RUN)]
        while pending:
            node = pending.pop()
            if node not in found:
                found.add(node)
                pending.extend(self._reached_directly(node))
        return found

    def _reached_directly(self, node: Node) -> Collection[Node]:
        if node not in self._next:
            self._next[node] = set(self._follow(node))
        return self._next[node]

    def _follow(self, node: Node) -> Iterator[Node]:
        if node.part == PACKAGE:
            return
        module = self._modules[node.module]
        numbered = enumerate(module.definitions)
        if node.part == RUN:
            yield Node(module.name, LOAD)
            yield from (Node(module.name, n) for n, each in numbered if each.kind == Kind.MAIN)
        elif node.part == LOAD:
            yield from self._load(module)
        elif node.part == WHOLE:
            yield Node(module.name, LOAD)
            for number, definition in numbered:
                if definition.kind != Kind.MAIN:
                    yield Node(module.name, number)
                    for targets in definition.reach.binds.values():
                        for target in targets:
                            yield from self._resolve(target)
        else:
            definition = self._definition(node)
            self._check(module, definition)
            yield from self._imported(module, definition, packages=True)
            for target in definition.reach.uses:
                yield from self._resolve(target, module.name)

    def _load(self, module: Module) -> Iterator[Node]:
        """Give what runs when a module is imported."""
        if module.parent:
            yield from self._loading(module.parent)
        for number, definition in enumerate(module.definitions):
            if definition.kind == Kind.IMPORT:
                self._check(module, definition)
                yield from self._imported(module, definition, packages=False)
            elif definition.kind == Kind.EFFECT or self._may_register(module, definition):
                yield Node(module.name, number)

    def _loading(self, name: str) -> Iterator[Node]:
        if name != RUNNER and self._module(name):
            yield Node(name, LOAD)

    def _check(self, module: Module, definition: Definition) -> None:
        if definition.reach.fault:
            line, fault = definition.reach.fault
            raise IdentityError(f"{module.path}, line {line}: {fault}")

    def _imported(self, module: Module, definition: Definition, packages: bool) -> Iterator[Node]:
        """Give the modules that a definition imports, and the packages if they count."""
        for name, taken, line in definition.reach.imports:
            if not self._is_ours(name):
                package = name.split(".")[0]
                if packages and package not in sys.stdlib_module_names:
                    yield Node(package, PACKAGE)
                continue
            found = self._module(name)
            inside = f"{name}.{taken}"
            if found and taken and taken not in found.binding:
                found = self._module(inside)
            if not found:
                where = f"{module.path}, line {line}"
                raise IdentityError(f"{where}: {inside if taken else name} leads to no module")
            yield from self._loading(name)
            yield from self._loading(found.name)

    def _may_register(self, module: Module, definition: Definition) -> bool:
        """Return whether a decorator of the project's own may store a definition."""
        return any(
            node.part == WHOLE
            or (node.part >= 0 and self._definition(node).keeps_what_it_decorates)
            for target in definition.decorators
            for node in self._resolve(target, module.name)
        )

    def _definition(self, node: Node) -> Definition:
        return self._modules[node.module].definitions[node.part]

    def _resolve(
        self, target: Target, user: str = "", seen: frozenset[Target] = frozenset()
    ) -> Iterator[Node]:
        """Give the definitions that a name leads to, through the imports of its module.

        Parameters
        ----------
        user : the module that uses the name, which is looked up there if it is of no other module
        """
        name, path = target[0] or user, target[1]
        if name == RUNNER or target in seen or not self._is_ours(name):
            return
        module = self._module(name)
        if not module:
            return
        if target[0]:
            yield Node(name, LOAD)
        if not path:
            yield Node(name, WHOLE)
            return
        first, rest = path[0], path[1:]
        for number in module.binding.get(first, []):
            yield Node(name, number)
            for source, inside in module.definitions[number].reach.binds[first]:
                yield from self._resolve((source, inside + rest), seen=seen | {target})
        inside = f"{name}.{first}"
        if module.is_package and self._module(inside):
            yield from self._resolve((inside, rest), seen=seen | {target})
        elif first not in module.binding and _takes_all(first, rest, from_outside=bool(target[0])):
            yield Node(name, WHOLE)

    def _is_ours(self, name: str) -> bool:
        return self._module(name.split(".", maxsplit=1)[0]) is not None

    def _module(self, name: str) -> Module | None:
        """Return a module of the project by its dotted name; None if there is none."""
        if name not in self._modules:
            path = self.scripts.joinpath(*name.split("."))
            files = [path / "__init__.py", path.with_name(f"{path.name}.py")]
            found = next((file for file in files if file.is_file()), None)
            self._modules[name] = self._read(name, found) if found else None
        return self._modules[name]

    def _read(self, name: str, path: Path) -> Module:
        try:
            return Module(name, path, _definitions(path.read_bytes()))
        except OSError as error:
            raise IdentityError(f"{path}: cannot be read ({error.strerror})") from None
        except SyntaxError as error:
            raise IdentityError(f"{path}, line {error.lineno}: {error.msg}") from None
        except ValueError as error:
            raise IdentityError(f"{path}: {error}") from None


def _takes_all(name: str, rest: tuple[str, ...], *, from_outside: bool) -> bool:
    """Return whether a name that no statement of a module binds gives all that the module has."""
    if from_outside:
        return name not in {"__name__", "__file__", "__doc__"}
    return name in WHOLE_MODULE and not rest
