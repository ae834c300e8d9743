"""The identity of a program's code: what it does, not how it is written or when it was saved.

Only the standard library is used here: the workflow calls this each time it is parsed.
"""

import ast
import hashlib
import tokenize
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent.parent

DYNAMIC = {"__import__", "import_module", "run_module", "run_path"}
"""Names of what imports or runs a module that is known only when it happens."""

DOCUMENTED = {"rule", "checkpoint", "module", "def", "class"}
"""What a statement begins with where the text below it is a docstring and no value."""


class IdentityError(Exception):
    """An import that cannot be followed, so that the code behind it cannot be known."""


def code_identity(program: str, scripts: Path = SCRIPTS) -> str:
    """Return a hash of a program and of every project module it imports, directly or not.

    The hash is taken over the syntax trees without docstrings; comments and formatting are no
    part of them. So it changes with the behaviour of the code, not with its wording.

    Parameters
    ----------
    program : name of a program in ``scripts``, without ``.py``

    Raises
    ------
    IdentityError
        If an import within the project is dynamic or leads nowhere.
    """
    pending, sources = [scripts / f"{program}.py"], {}
    while pending:
        path = pending.pop()
        if path not in sources:
            sources[path], imported = _read(path, scripts)
            pending.extend(imported)
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(f"{path.relative_to(scripts).as_posix()}\n{sources[path]}\n".encode())
    return digest.hexdigest()[:16]


def _read(path: Path, scripts: Path) -> tuple[str, list[Path]]:
    try:
        normal, tree = _parse(path.read_bytes())
    except OSError as error:
        raise IdentityError(f"{path}: cannot be read ({error.strerror})") from None
    return normal, [found for node in ast.walk(tree) for found in _imports(node, path, scripts)]


@cache
def _parse(source: bytes) -> tuple[str, ast.Module]:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        _drop_docstring(node)
    return ast.unparse(tree), tree


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


def _imports(node: ast.AST, path: Path, scripts: Path) -> list[Path]:
    if DYNAMIC & {getattr(node, field, None) for field in ("id", "attr", "name")}:
        raise IdentityError(f"{path}, line {node.lineno}: a dynamic import cannot be followed")
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        if node.level:
            raise IdentityError(f"{path}, line {node.lineno}: write digits.… for a relative import")
        names = [f"{node.module}.{alias.name}" for alias in node.names]
    else:
        return []
    return [
        found
        for name in names
        if _is_ours(name.split(".")[0], scripts)
        for found in _files(name, f"{path}, line {node.lineno}", scripts)
    ]


def _is_ours(name: str, scripts: Path) -> bool:
    return (scripts / name).is_dir() or (scripts / f"{name}.py").is_file()


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
