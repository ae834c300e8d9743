"""Which names a statement reaches outside of itself, by Python's rules of scope."""

import argparse
import ast
import dataclasses
import enum
import inspect
import re
import symtable
import typing
from pathlib import Path

import pytest

from digits.workflow.code_identity import SCRIPTS
from digits.workflow.definitions import definitions
from digits.workflow.scopes import reach


def used(source):
    """The names that a source reaches, those of its own module without the module's name."""
    found = reach(ast.parse(source).body)
    return {".".join((name, *names) if name else names) for name, names in found.uses}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(): return style.PALETTE[0]", "style.PALETTE"),
        ("def f(): a.b.c = d", "a.b.c d"),
        ("def f(x=y): return x", "y"),
        ("def f(*, x=y): return x", "y"),
        ("@d(e)\ndef f(): pass", "d e"),
        ("class C(B, metaclass=M): pass", "B M"),
        ("X = [y for y in z]", "z"),
        ("X = [y for x in z if x for y in x.t]", "z"),
        ("X = {k: g(v) for k, v in h()}", "g h"),
        ("X = lambda y=z: y + w", "z w"),
        ("def f():\n    g()\n    g = 1", ""),
        ("def f():\n    global g\n    g = 1\n    def h(): return g\n    return h", "g"),
        ("def f(g):\n    def h():\n        global g\n        return g\n    return h", "g"),
        ("def f(g):\n    def h():\n        nonlocal g\n        g = g + 1\n    return h", ""),
        ("class C:\n    a = b\n    def f(self): return a", "a b"),
        ("class C:\n    a = 1\n    b = a\n    c = [a for _ in a]", "a"),
        ("class C:\n    a = 1\n    c = [x for x in a]", ""),
        ("class C:\n    if x: a = 1\n    b = a", "x a"),
        ("class C:\n    a: int = b", "int b"),
        ("class C:\n    a: 'Ranges | None'\n    b: Literal['no name']", "Ranges Literal"),
        ("def f(x):\n    class C:\n        x = x\n    return C", "x"),
        ("def f():\n    from a.b import c as d\n    return d.e", "a.b.c.e"),
        ("def f():\n    import a.b\n    return a.b.c", "a.b.c"),
        ("def f():\n    import a.b as c\n    return lambda: c.d", "a.b.d"),
        ("def f():\n    global s\n    import a.s as s", "a.s"),
        ("class C:\n    from a import s", "a.s"),
        ("try:\n    x()\nexcept E as e:\n    print(e)", "x E print e"),
        ("def f():\n    try: pass\n    except E as e: return e", "E"),
        ("def f(x):\n    match x:\n        case K(a=1, b=[y, *z]) | {**w}: return y, z, w", "K"),
        ("def f():\n    with a() as b, b.c: return b", "a"),
        ("def f(): return (y := x) + y", "x"),
        ("def f(): return [y := x for x in z] + y", "z"),
        ("X += 1", "X"),
        ("def f(): return f'{x!r:{y}}'", "x y"),
        ("def f(a): return vars(a)", "vars.__call__"),
        ("def f(a): return vars()", "vars"),
    ],
)
def test_names_are_looked_up_where_python_does(source, names):
    ours = used(source) - {"print"} if "print" not in names else used(source)
    assert ours == set(names.split())


def global_names(table):
    """Return the names that Python's symbol table looks up in the module, and those of classes."""
    within = table.get_type() != "module"
    symbols = [each for each in table.get_symbols() if each.is_global() or not within]
    found = {each.get_name() for each in symbols if each.is_referenced()}
    of_classes = set(table.get_identifiers()) if table.get_type() == "class" else set()
    for child in table.get_children():
        more, of_more = global_names(child)
        found |= more
        of_classes |= of_more
    return found, of_classes


def bound_within(code):
    """Return names of comprehensions and of type parameters, which newer Pythons count as well."""
    found = {"__class__"}
    for node in ast.walk(ast.parse(code)):
        parts = [node.target] if isinstance(node, ast.comprehension) else []
        parts += getattr(node, "type_params", [])
        found |= {
            each.id for part in parts for each in ast.walk(part) if isinstance(each, ast.Name)
        }
    return found


LIBRARY = [Path(module.__file__) for module in (argparse, ast, dataclasses, enum, inspect, typing)]


def test_the_names_of_real_modules_are_those_of_pythons_own_symbol_table():
    for path in [*LIBRARY, *SCRIPTS.rglob("*.py")]:
        for definition in definitions(path.read_bytes()):
            expected, of_classes = global_names(symtable.symtable(definition.code, "m", "exec"))
            ours = {names[0] for module, names in definition.reach.uses if not module}
            bound = bound_within(definition.code)
            assert expected - of_classes - bound <= ours, (path, definition.code)
            # An annotation in quotes counts as code, and so does a text in Literal["cpu", "gpu"].
            bound |= set(re.findall(r"'(\w+)'", definition.code)) | definition.reach.binds.keys()
            ours -= of_classes | bound
            assert ours <= expected, (path, definition.code)
