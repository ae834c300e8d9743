"""The definitions of a module, each with its code and the names that it uses."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from digits.workflow.scopes import Reach, Target, reach

PARSERS = {"ArgumentParser", "add_argument", "add_argument_group", "add_parser", "add_subparsers"}
"""Functions whose texts for ``--help`` do not count, as docstrings do not."""

HELP = {"help", "description", "epilog"}


class Kind(Enum):
    """When a statement at the top level of a module counts."""

    DEFINITION = "where one of its names is reached"
    IMPORT = "where one of its names is reached; what it imports is loaded in any case"
    EFFECT = "in every program that loads the module"
    MAIN = "in the program that the module is"


@dataclass(frozen=True)
class Definition:
    """A statement at the top level of a module; one of an import per name that it imports.

    Attributes
    ----------
    code : its normal form, without docstrings, annotations, comments and texts for ``--help``
    decorators : what is called on what it defines when the module is loaded
    makes_context : whether it is a function that ``contextmanager`` decorates
    """

    kind: Kind
    code: str
    reach: Reach
    decorators: frozenset[Target] = frozenset()
    makes_context: bool = False

    @property
    def keeps_what_it_decorates(self) -> bool:
        """Whether, as a decorator, it may store what it decorates; a context manager cannot."""
        return self.kind != Kind.IMPORT and not self.makes_context


def definitions(source: bytes) -> list[Definition]:
    """Return the definitions of a module.

    Raises
    ------
    SyntaxError, ValueError
        If the source is not valid Python.
    """
    tree = ast.parse(source)
    normalise(tree)
    return [
        _definition(statement)
        for line in tree.body
        for statement in _each_import(line)
        if not isinstance(statement, ast.Pass)
    ]


def _each_import(line: ast.stmt) -> list[ast.stmt]:
    if not isinstance(line, ast.Import | ast.ImportFrom):
        return [line]
    fields = {name: getattr(line, name) for name in (*line._fields, *line._attributes)}
    return [type(line)(**fields | {"names": [alias]}) for alias in line.names]


def _definition(line: ast.stmt) -> Definition:
    decorators = [] if isinstance(line, ast.Import | ast.ImportFrom) else _decorators(line)
    return Definition(
        _kind(line),
        ast.unparse(line),
        reach([line]),
        frozenset(reach(decorators).uses),
        any(ast.unparse(each).endswith("contextmanager") for each in decorators[:1]),
    )


def _kind(line: ast.stmt) -> Kind:
    if isinstance(line, ast.Import | ast.ImportFrom):
        return Kind.IMPORT
    if isinstance(line, ast.If) and ast.unparse(line.test) == "__name__ == '__main__'":
        return Kind.EFFECT if line.orelse else Kind.MAIN
    return Kind.EFFECT if _has_effect(line) else Kind.DEFINITION


def _has_effect(line: ast.stmt) -> bool:
    """Return whether a statement may do more than bind names."""
    if isinstance(line, ast.ClassDef):
        return any(_has_effect(part) for part in line.body)
    if isinstance(line, ast.Assign):
        return not all(_is_name(target) for target in line.targets)
    if isinstance(line, ast.AnnAssign):
        return not _is_name(line.target)
    if isinstance(line, ast.Expr):
        return not isinstance(line.value, ast.Constant)
    plain = ast.FunctionDef | ast.AsyncFunctionDef | ast.Import | ast.ImportFrom | ast.Pass
    return not isinstance(line, plain)


def _is_name(target: ast.expr) -> bool:
    if isinstance(target, ast.Tuple | ast.List):
        return all(_is_name(part) for part in target.elts)
    return isinstance(target.value if isinstance(target, ast.Starred) else target, ast.Name)


def _decorators(line: ast.stmt) -> list[ast.expr]:
    """Return the decorators and metaclasses that are called when a definition is."""
    found = list(getattr(line, "decorator_list", []))
    if isinstance(line, ast.ClassDef):
        found += [keyword.value for keyword in line.keywords]
        for part in line.body:
            found += _decorators(part)
    return found


def normalise(tree: ast.Module) -> None:
    """Take out of a syntax tree what changes nothing that a program computes.

    That is docstrings, texts for ``--help`` and annotations, but for those that are read while the
    program runs: of decorated functions, and of the fields of classes with a base or a decorator,
    such as dataclasses and pydantic's models.
    """
    fields = set()  # of classes that may read their annotations
    for node in _walk(tree):
        if isinstance(node, ast.Call):
            _drop_help(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.decorator_list:
            _drop_annotations(node)
        elif isinstance(node, ast.ClassDef) and (
            node.bases or node.keywords or node.decorator_list
        ):
            fields.update(id(line) for line in node.body)
        for name in ("body", "orelse", "finalbody"):
            lines = getattr(node, name, None)
            if isinstance(lines, list):
                setattr(node, name, [_without_annotation(line, fields) for line in lines])
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            # A string that stands alone documents what is above it, wherever it stands.
            node.body = [line for line in node.body if not _is_text(line)] or [ast.Pass()]


def _walk(tree: ast.AST) -> Iterator[ast.AST]:
    """Give all nodes, each before those in it, three times as fast as ``ast.walk``."""
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        for part in vars(node).values():
            if isinstance(part, list):
                pending += [each for each in part if isinstance(each, ast.AST)]
            elif isinstance(part, ast.AST):
                pending.append(part)


def _drop_annotations(function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    function.returns = None
    for node in ast.iter_child_nodes(function.args):
        if isinstance(node, ast.arg):
            node.annotation = None


def _without_annotation(line: ast.stmt, fields: set[int]) -> ast.stmt:
    if not isinstance(line, ast.AnnAssign) or id(line) in fields:
        return line
    if line.value:
        return ast.copy_location(ast.Assign([line.target], line.value), line)
    line.annotation = ast.Constant(None)  # the name stays a local one of its function
    return line


def _drop_help(call: ast.Call) -> None:
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", None)
    if name in PARSERS:
        call.keywords = [
            each for each in call.keywords if each.arg not in HELP or not _is_string(each.value)
        ]


def _is_text(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and _is_string(line.value)


def _is_string(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, str)
