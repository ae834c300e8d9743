"""The identity of a program's code: what it does, not how it is written or when it was saved.

Only the standard library is used here: the workflow calls this each time it is parsed.
"""

import ast
import hashlib
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2]

DYNAMIC = {"__import__", "import_module", "run_module", "run_path"}
"""Names of what imports or runs a module that is known only when it happens."""

DOCUMENTED = {"rule", "checkpoint", "module", "def", "class"}
"""What a statement begins with where the text below it is a docstring and no value."""


DISTRIBUTIONS = {"PIL": "pillow", "sklearn": "scikit-learn", "yaml": "pyyaml"}
"""Packages that are imported by another name than they are installed by."""


PIN = re.compile(r"^([\w.-]+)(?:\[[^]]*\])?==([^\s;\\]+)(?:[ ]*;[ ]*([^\\\n]+))?", re.MULTILINE)
"""A line of a requirements file: name, version and, if there is one, the systems it is for."""


class IdentityError(Exception):
    """An import that cannot be followed, so that the code behind it cannot be known."""


def code_identity(
    program: str, scripts: Path = SCRIPTS, pins: Mapping[str, str] | None = None
) -> str:
    """Return a hash of a program, of every project module that it imports, and of their packages.

    Modules count whether they are imported directly or not. The hash is taken over the syntax
    trees without docstrings; comments and formatting are no part of them. So it changes with the
    behaviour of the code, not with its wording. Packages count by their pinned versions.

    Parameters
    ----------
    program : name of a program in ``scripts``, without ``.py``
    pins : version of each package by its name; None leaves packages out

    Raises
    ------
    IdentityError
        If an import within the project is dynamic or leads nowhere, or one from outside is of a
        package without a pin.
    """
    pending, sources, outside = [scripts / f"{program}.py"], {}, set()
    while pending:
        path = pending.pop()
        if path not in sources:
            sources[path], ours, others = _read(path, scripts)
            pending.extend(ours)
            outside |= others
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(f"{path.relative_to(scripts).as_posix()}\n{sources[path]}\n".encode())
    for package in sorted(outside) if pins is not None else []:
        name = DISTRIBUTIONS.get(package, package)
        if name not in pins:
            raise IdentityError(f"{program}: no pinned version of {package}, which it imports")
        digest.update(f"{name}=={pins[name]}\n".encode())
    return digest.hexdigest()[:16]


def read_pins(requirements: Path) -> dict[str, str]:
    """Return the version that each package is pinned to in a requirements file."""
    text = requirements.read_text(encoding="utf-8")
    return {name: version for name, version, _ in PIN.findall(text)}


def _read(path: Path, scripts: Path) -> tuple[str, list[Path], set[str]]:
    try:
        normal, imports = _parse(path.read_bytes())
    except OSError as error:
        raise IdentityError(f"{path}: cannot be read ({error.strerror})") from None
    ours, outside = [], set()
    for node in imports:
        for name in _imports(node, path):
            package = name.split(".")[0]
            if (scripts / package).is_dir() or (scripts / f"{package}.py").is_file():
                ours += _files(name, f"{path}, line {node.lineno}", scripts)
            elif package not in sys.stdlib_module_names:
                outside.add(package)
    return normal, ours, outside


@cache
def _parse(source: bytes) -> tuple[str, list[ast.AST]]:
    """Return a module's code without docstrings, and the nodes in it that may import."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        _drop_docstring(node)
    return ast.unparse(tree), [node for node in ast.walk(tree) if _may_import(node)]


def _may_import(node: ast.AST) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom) or _is_dynamic(node)


def _is_dynamic(node: ast.AST) -> bool:
    return not DYNAMIC.isdisjoint(getattr(node, field, None) for field in ("id", "attr", "name"))


def _drop_docstring(node: ast.AST) -> None:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    if isinstance(node, documented):
        # A string that stands alone documents what is above it, wherever it stands.
        node.body = [line for line in node.body if not _is_text(line)] or [ast.Pass()]


def _is_text(line: ast.stmt) -> bool:
    return (
        isinstance(line, ast.Expr)
        and isinstance(line.value, ast.Constant)
        and isinstance(line.value.value, str)
    )


def _imports(node: ast.AST, path: Path) -> list[str]:
    """Return the dotted names that a statement imports, modules or names within them."""
    if _is_dynamic(node):
        raise IdentityError(f"{path}, line {node.lineno}: a dynamic import cannot be followed")
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        if node.level:
            raise IdentityError(f"{path}, line {node.lineno}: write digits.… for a relative import")
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def _files(name: str, where: str, scripts: Path) -> list[Path]:
    """Find the files behind a dotted name: the packages on the way and the module it leads to."""
    files, folder = [], scripts
    for part in name.split("."):
        if (folder / part / "__init__.py").is_file():
            folder /= part
            files.append(folder / "__init__.py")
        elif (folder / f"{part}.py").is_file():
            return [*files, folder / f"{part}.py"]
        else:
            raise IdentityError(f"{where}: {name} leads to no module")
    return files


def workflow_identity(root: Path) -> str:
    """Return a hash of the Snakefile and the rules, without comments and docstrings."""
    digest = hashlib.sha256()
    for path in [root / "Snakefile", *sorted((root / "workflow" / "rules").glob("*.smk"))]:
        with path.open("rb") as file:
            digest.update(repr(list(_statements(tokenize.tokenize(file.readline)))).encode())
    return digest.hexdigest()[:16]


def _statements(tokens: Iterable[tokenize.TokenInfo]) -> Iterator[tuple[int, list[str]]]:
    """Give the statements with their depth; the text below a rule or a function documents it."""
    layout = {tokenize.COMMENT, tokenize.NL, tokenize.ENCODING}
    depth, line, above = 0, [], ["def"]
    for token in tokens:
        if token.type in {tokenize.INDENT, tokenize.DEDENT}:
            depth += 1 if token.type == tokenize.INDENT else -1
        elif token.type in {tokenize.NEWLINE, tokenize.ENDMARKER}:
            documents = len(line) == 1 and line[0].startswith('"""') and above[0] in DOCUMENTED
            if line and not documents:
                yield depth, line
            line, above = [], line or above
        elif token.type not in layout:
            line.append(token.string)
