"""Programs made at random that say which of their definitions they used."""

from dataclasses import dataclass, field

from hypothesis import strategies as st

NAMES = "abcdef"
"""Few names, so that those of modules and of local variables are often the same."""


@dataclass
class Part:
    """A definition: where it stands, how its value is had, and its code."""

    module: str
    name: str
    kind: str
    mark: str

    def value(self, path: str) -> str:
        """The expression for the marks of all that it uses, itself first."""
        return path + {"constant": "", "function": "()", "class": "().get()"}[self.kind]


@dataclass
class Written:
    """The lines of a module so far."""

    imports: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        first = "from __future__ import annotations"  # so that they may name anything
        return "\n".join([first, *dict.fromkeys(self.imports), *self.body]) + "\n"


IN_CLASS = "class K:\n    {root} = {value}\n    v = {root}\nr |= K.v"
PLACES = [
    IN_CLASS,
    "r |= {value}",
    "def inner():\n    return {value}\nr |= inner()",
    "r |= (lambda: {value})()",
    "r |= [{value} for _ in [0]][0]",
    "r |= next(v for v in [{value}])",
    "r |= [v for _ in [0] for v in [{value}] if {value}][0]",
    "class K:\n    v = {value}\nr |= K.v",
    "class K:\n    def go(self, p={value}):\n        return p\nr |= K().go()",
    "class K:\n    {root} = None\n    def go(self):\n        return {value}\nr |= K().go()",
    "try:\n    raise ValueError\nexcept ValueError:\n    r |= {value}",
    "match 1:\n    case 1 if {value}:\n        r |= {value}",
    "if (w := {value}):\n    r |= w",
]
"""Ways to use a value in a function."""

DECOYS = [
    "def g({name}=frozenset()):\n    return {name}\nr |= g()",
    "def g(*, {name}):\n    return lambda: {name}\nr |= g({name}=frozenset())()",
    "r |= (lambda {name}: {name})(frozenset())",
    "r |= [{name} for {name} in [frozenset()]][0]",
    "r |= next(v for {name} in [frozenset()] for v in [{name}])",
    "def g():\n    {name} = frozenset()\n    return {name}\nr |= g()",
    "def g():\n    {name} = frozenset()\n    def h():\n        return {name}\n    return h()\n"
    "r |= g()",
    "def g():\n    {name} = 0\n    def h():\n        nonlocal {name}\n        {name} += 1\n"
    "    h()\ng()",
    "def g():\n    import math as {name}\n    return {name}.pi\ng()",
    "def g():\n    for {name} in [frozenset()]:\n        return {name}\nr |= g()",
    "def g():\n    try:\n        raise ValueError\n    except ValueError as {name}:\n"
    "        return {name}.args\ng()",
    "def g():\n    match [frozenset()]:\n        case [{name}]:\n            return {name}\n"
    "r |= g()",
    "def g():\n    return ({name} := frozenset()) | {name}\nr |= g()",
    "def g():\n    [{name} := v for v in [frozenset()]]\n    return {name}\nr |= g()",
    "class K:\n    {name} = frozenset()\n    v = {name}\nr |= K.v",
    "def g():\n    {name} = frozenset()\n    class K:\n        {name} = None\n"
    "        def go(self):\n            return {name}\n    return K().go()\nr |= g()",
    "def g():\n    def {name}():\n        return frozenset()\n    return {name}()\nr |= g()",
    "def g(x: {name} = 0) -> {name}:\n    return x\ng()",
    "r |= frozenset() and K.{name}",
    "dict({name}=1)",
]
"""Ways to have a local name, attribute or keyword that is not the module's of the same name."""


@st.composite
def programs(draw, straight=True):
    """Draw the files of a program and its library, and the marks of their definitions.

    The program's ``main`` returns the marks of the definitions that it used. Where it is not
    straight, some uses stand in branches that are not taken.
    """
    modules = [f"lib.m{number}" for number in range(draw(st.integers(1, 3)))]
    written = {name: Written() for name in [*modules, "prog"]}
    places = sorted(draw(st.lists(st.sampled_from(modules), min_size=3, max_size=9)))
    parts: list[Part] = []
    free = {module: list(NAMES) for module in modules}
    for number, module in enumerate(places):
        if not free[module]:
            continue
        name = draw(st.sampled_from(free[module]))
        free[module].remove(name)
        kind = draw(
            st.sampled_from(["constant", "function", "default", "class", "cached", "alias"])
        )
        part = Part(module, name, kind, f"mark{number}")
        _write(draw, part, parts, written[module], straight=straight)
        parts.append(part)
        if draw(st.integers(0, 5)) == 0:
            mark = f"effect{number}"
            written[module].imports.append("from lib.log import SEEN")
            value = draw(st.sampled_from([part.value(name), "frozenset()"]))
            written[module].body.append(f"SEEN.append({_marked(mark)} | {value})")
            parts.append(Part(module, "", "effect", mark))
    main = Part("prog", "main", "function", "main")
    lines = _body(draw, main, _drawn(draw, parts), [], written["prog"], straight=straight)
    lines += ["from lib.log import SEEN", "r |= frozenset().union(*SEEN)", "return r"]
    written["prog"].body += ["def main():", *_indented(lines)]
    written["prog"].body += ["if __name__ == '__main__':", "    print(sorted(main()))"]
    files = {f"{name.replace('.', '/')}.py": str(text) for name, text in written.items()}
    files |= {"lib/__init__.py": "", "lib/log.py": "SEEN = []\n"}
    return files, [part.mark for part in parts if part.kind != "alias"] + ["main"]


def _marked(mark):
    return f"frozenset({{{mark!r}}})"


def _indented(lines):
    return [f"    {line}" for line in lines]


def _drawn(draw, parts):
    usable = [part for part in parts if part.kind != "effect"]
    return draw(st.lists(st.sampled_from(usable), max_size=3)) if usable else []


def _path(draw, part, module, written):
    """Have a definition at the top level of a module; return the expression for it."""
    if part.module == module:
        return part.name
    short = part.module.replace(".", "_")
    form = draw(st.sampled_from(["name", "module", "package"]))
    if form == "name":
        written.imports.append(f"from {part.module} import {part.name} as {short}_{part.name}")
        return f"{short}_{part.name}"
    if form == "module":
        package, _, last = part.module.rpartition(".")
        written.imports.append(f"from {package} import {last} as {short}")
        return f"{short}.{part.name}"
    written.imports.append(f"import {part.module}")
    return f"{part.module}.{part.name}"


def _body(draw, part, used, parts, written, *, straight):
    """Draw the lines of a function that collects its own mark and those of what it uses in r."""
    others = [each.name for each in parts if each.module == part.module and each.name]
    lines = [f"r = {_marked(part.mark)}"]
    for each in used:
        path, before = _path(draw, each, part.module, written), []
        if each.module != part.module and draw(st.booleans()):
            path = draw(st.sampled_from([*NAMES, "lib_m0"]))
            before = [f"from {each.module} import {each.name} as {path}"]
        # The body of a class looks for a name that it binds itself in the module alone.
        place = draw(st.sampled_from([form for form in PLACES if not before or form != IN_CLASS]))
        here = place.format(value=each.value(path), root=path.split(".")[0]).splitlines()
        if before:  # in a function of its own, so that nothing else is hidden
            inside = ["r = frozenset()", *before, *here, "return r"]
            here = ["def outer():", *_indented(inside), "r |= outer()"]
        if not straight and draw(st.booleans()):
            here = ["if not r:", *_indented(here)]
        lines += here
    decoys = st.tuples(st.sampled_from(DECOYS), st.sampled_from(others or NAMES))
    for decoy, name in draw(st.lists(decoys, max_size=3)):
        lines += decoy.format(name=name).splitlines()
    return lines


def _write(draw, part, parts, written, *, straight):
    """Write a definition that uses some of those before it."""
    used, name = _drawn(draw, parts), part.name
    paths = [_path(draw, each, part.module, written) for each in used]
    values = [each.value(path) for each, path in zip(used, paths, strict=True)]
    if part.kind == "alias" and used:
        part.kind, part.mark = used[0].kind, used[0].mark
        written.body.append(f"{name} = {paths[0]}")
    elif part.kind in {"alias", "constant"}:
        part.kind = "constant"
        written.body.append(f"{name} = {' | '.join([_marked(part.mark), *values])}")
    elif part.kind == "class":
        bases = [path for each, path in zip(used, paths, strict=True) if each.kind == "class"][:1]
        lines = _body(draw, part, used, parts, written, straight=straight)
        lines += [f"return r | {name}.own{' | super().get()' if bases else ''}"]
        own = f"own = {' | '.join(['frozenset()', *values])}"
        inside = [own, "def get(self):", *_indented(lines)]
        written.body += [f"class {name}({', '.join(bases)}):", *_indented(inside)]
    else:
        default = " | ".join(values) if part.kind == "default" and values else "frozenset()"
        if part.kind == "cached":
            written.imports.append("import functools")
            written.body.append("@functools.cache")
        part.kind = "function"
        lines = [*_body(draw, part, used, parts, written, straight=straight), "return r | p"]
        written.body += [f"def {name}(p={default}):", *_indented(lines)]
