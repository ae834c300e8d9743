"""The names that a statement uses but does not bind itself, by Python's rules of scope.

Local names hide those of the module where Python would find them first: parameters, what a function
assigns or imports anywhere in it, variables of comprehensions, and names of a class in its own body
but not in its methods. Where a class may or may not have bound a name yet, both count.
"""

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

UNFOLLOWED = {
    "__import__": "a dynamic import",
    "import_module": "a dynamic import",
    "run_module": "a dynamic import",
    "run_path": "a dynamic import",
    "exec_module": "a dynamic import",
    "__init_subclass__": "code that runs for each subclass",
    "__subclasses__": "a list of subclasses",
    "__globals__": "the names of a function's module",
    "__annotations__": "the use of annotations",
    "get_annotations": "the use of annotations",
    "get_type_hints": "the use of annotations",
}
"""Names whose use leads to code that is known only at run time."""

ASKING = {"vars", "dir", "locals"}
"""Functions that, called without an argument, return the names of the scope that calls them."""

Target = tuple[str, tuple[str, ...]]
"""A module, and the name within it followed by the attributes that are taken of it.

The module is empty for names of the module itself in which they stand."""


@dataclass
class Reach:
    """What a statement of a module reaches.

    Attributes
    ----------
    uses : what it names, in the module itself or by an import of its own
    imports : modules that it imports when it runs, each with the name that is taken from it, if
        any, and the line
    binds : names that it binds in the module; of an import, with what they stand for
    fault : the first thing in it that cannot be followed, and its line
    """

    uses: set[Target] = field(default_factory=set)
    imports: list[tuple[str, str | None, int]] = field(default_factory=list)
    binds: dict[str, list[Target]] = field(default_factory=dict)
    fault: tuple[int, str] | None = None


def reach(nodes: Iterable[ast.AST]) -> Reach:
    """Find what statements or expressions at the top level of a module reach."""
    found = Reach()
    scope = _Scope(_MODULE, None, found)
    for node in nodes:
        scope.visit(node)
    scope.close()
    return found


_MODULE, _CLASS, _FUNCTION, _COMPREHENSION = range(4)


class _Scope:
    """A module, class, function or comprehension while its part of the syntax tree is visited."""

    def __init__(self, kind: int, outer: "_Scope | None", found: Reach) -> None:
        self.kind, self.outer, self.found = kind, outer, found
        self.binds: dict[str, list[Target]] = found.binds if kind == _MODULE else {}
        self.loads: set[tuple[str, ...]] = set()
        self.is_global: set[str] = set()
        self.is_nonlocal: set[str] = set()
        self.newly_bound: set[str] = set()
        self.surely_bound: set[str] = set()

    def visit(self, node: ast.AST) -> None:
        visit = _VISITS.get(node.__class__)
        if visit:
            visit(self, node)
        else:
            self.visit_parts(node)

    def visit_parts(self, node: ast.AST) -> None:
        for name in node._fields:
            part = getattr(node, name, None)
            if isinstance(part, list):
                self.visit_all(part)
            elif isinstance(part, ast.AST):
                self.visit(part)

    def visit_all(self, nodes: list) -> None:
        for node in nodes:
            if isinstance(node, ast.AST):
                self.visit(node)

    def bind(self, name: str, target: Target | None = None) -> None:
        self.newly_bound.add(name)
        targets = self.binds.setdefault(name, [])
        if target:
            targets.append(target)

    def load(self, *names: str, line: int) -> None:
        for name in names:
            self.check(name, line)
        if names[0] in {"eval", "exec"} or names[:3] == ("sys", "modules", "get"):
            self.fail(".".join(names), line)
        if self.kind == _CLASS and names[0] in self.surely_bound:
            self.use_import(names)
        else:
            self.loads.add(names)

    def check(self, name: str, line: int) -> None:
        if name in UNFOLLOWED:
            self.fail(UNFOLLOWED[name], line)

    def fail(self, what: str, line: int) -> None:
        self.found.fault = self.found.fault or (line, f"{what} cannot be followed")

    def close(self) -> None:
        """Look up the names that were read, now that all that the scope binds are known."""
        for names in self.loads:
            self.look_up(names)
        # What is imported into a scope that others can read may be used by them in any way.
        visible = self.binds if self.kind == _CLASS else self.is_global | self.is_nonlocal
        for name in visible:
            self.found.uses.update(self.binds.get(name, []))

    def look_up(self, names: tuple[str, ...]) -> None:
        name = names[0]
        if self.outer is None or name in self.is_global:
            self.found.uses.add(("", names))
        elif name not in self.binds or name in self.is_nonlocal:
            self.outer.look_up_from_within(names)
        else:
            self.use_import(names)
            if self.kind == _CLASS:
                self.found.uses.add(("", names))

    def look_up_from_within(self, names: tuple[str, ...]) -> None:
        """Look up a name of a scope within this one, which does not see the names of a class."""
        if self.kind == _CLASS:
            self.outer.look_up_from_within(names)
        elif self.kind == _MODULE:
            self.look_up(names)
        else:
            self.loads.add(names)

    def use_import(self, names: tuple[str, ...]) -> None:
        for module, path in self.binds[names[0]]:
            self.found.uses.add((module, path + names[1:]))

    def inner(self, kind: int) -> "_Scope":
        return _Scope(kind, self, self.found)

    def name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.load(node.id, line=node.lineno)
        else:
            self.bind(node.id)
            self.surely_bound.discard(node.id)

    def attribute(self, node: ast.Attribute) -> None:
        names, inside = [node.attr], node.value
        while isinstance(inside, ast.Attribute):
            names.append(inside.attr)
            inside = inside.value
        if isinstance(inside, ast.Name):
            self.load(inside.id, *reversed(names), line=node.lineno)
        else:
            for name in names:
                self.check(name, node.lineno)
            self.visit(inside)

    def call(self, node: ast.Call) -> None:
        function = node.func
        if isinstance(function, ast.Name) and function.id in ASKING and node.args:
            self.load(function.id, "__call__", line=node.lineno)
            self.visit_all([*node.args, *node.keywords])
        else:
            self.visit_parts(node)

    def subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.ctx, ast.Load) and ast.unparse(node.value) == "sys.modules":
            self.fail("sys.modules[…]", node.lineno)
        self.visit_parts(node)

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.check(node.name, node.lineno)
        self.visit_all(node.decorator_list)
        if node.returns:
            self.annotation(node.returns)
        self.bind(node.name)
        self.body_of(node.args, node.body)

    def lambda_(self, node: ast.Lambda) -> None:
        self.body_of(node.args, [node.body])

    def body_of(self, arguments: ast.arguments, body: list) -> None:
        self.visit_all([*arguments.defaults, *arguments.kw_defaults])
        inner = self.inner(_FUNCTION)
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        for argument in [*named, arguments.vararg, arguments.kwarg]:
            if argument:
                inner.bind(argument.arg)
                if argument.annotation:
                    self.annotation(argument.annotation)
        inner.visit_all(body)
        inner.close()

    def class_(self, node: ast.ClassDef) -> None:
        self.visit_all([*node.decorator_list, *node.bases, *node.keywords])
        inner = self.inner(_CLASS)
        for line in node.body:
            inner.newly_bound.clear()
            inner.visit(line)
            if isinstance(line, _BINDING) and getattr(line, "value", True):
                inner.surely_bound |= inner.newly_bound
        inner.close()
        self.bind(node.name)

    def comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    ) -> None:
        # The first iterable is looked up outside, all else inside.
        self.visit(node.generators[0].iter)
        inner = self.inner(_COMPREHENSION)
        for number, generator in enumerate(node.generators):
            inner.visit(generator.target)
            if number:
                inner.visit(generator.iter)
            inner.visit_all(generator.ifs)
        results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        inner.visit_all(results)
        inner.close()

    def walrus(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        scope = self
        while scope.kind == _COMPREHENSION:
            scope = scope.outer
        scope.bind(node.target.id)

    def augmented(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.load(node.target.id, line=node.lineno)
        self.visit(node.target)
        self.visit(node.value)

    def annotated(self, node: ast.AnnAssign) -> None:
        self.annotation(node.annotation)
        self.visit(node.target)
        if node.value:
            self.visit(node.value)

    def annotation(self, node: ast.AST) -> None:
        """Look through an annotation; what it has in quotes counts as well."""
        self.visit(node)
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                try:
                    self.visit(ast.parse(part.value.strip(), mode="eval").body)
                except (SyntaxError, ValueError):  # a text that is no annotation
                    continue

    def import_(self, node: ast.Import) -> None:
        for alias in node.names:
            self.found.imports.append((alias.name, None, node.lineno))
            if alias.asname:
                self.bind(alias.asname, (alias.name, ()))
            else:
                package = alias.name.split(".")[0]
                self.bind(package, (package, ()))

    def import_from(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self.check(alias.name, node.lineno)
            if node.level or alias.name == "*":
                form = "a relative import" if node.level else "import *"
                self.fail(form, node.lineno)
            else:
                self.found.imports.append((node.module, alias.name, node.lineno))
                self.bind(alias.asname or alias.name, (node.module, (alias.name,)))

    def handler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.bind(node.name)
        self.visit_parts(node)

    def pattern(self, node: ast.MatchAs | ast.MatchStar | ast.MatchMapping) -> None:
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name:
            self.bind(name)
        self.visit_parts(node)

    def global_(self, node: ast.Global) -> None:
        self.is_global.update(node.names)

    def nonlocal_(self, node: ast.Nonlocal) -> None:
        self.is_nonlocal.update(node.names)


_BINDING = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Assign,
    ast.AnnAssign,
    ast.Import,
    ast.ImportFrom,
)
"""Statements of a class after which their names are bound; an annotation needs a value for it."""

_VISITS: dict[type[ast.AST], Callable] = {
    ast.Name: _Scope.name,
    ast.Attribute: _Scope.attribute,
    ast.Call: _Scope.call,
    ast.Subscript: _Scope.subscript,
    ast.FunctionDef: _Scope.function,
    ast.AsyncFunctionDef: _Scope.function,
    ast.Lambda: _Scope.lambda_,
    ast.ClassDef: _Scope.class_,
    ast.ListComp: _Scope.comprehension,
    ast.SetComp: _Scope.comprehension,
    ast.DictComp: _Scope.comprehension,
    ast.GeneratorExp: _Scope.comprehension,
    ast.NamedExpr: _Scope.walrus,
    ast.AugAssign: _Scope.augmented,
    ast.AnnAssign: _Scope.annotated,
    ast.Import: _Scope.import_,
    ast.ImportFrom: _Scope.import_from,
    ast.ExceptHandler: _Scope.handler,
    ast.MatchAs: _Scope.pattern,
    ast.MatchStar: _Scope.pattern,
    ast.MatchMapping: _Scope.pattern,
    ast.Global: _Scope.global_,
    ast.Nonlocal: _Scope.nonlocal_,
    ast.Constant: lambda scope, node: None,
}
