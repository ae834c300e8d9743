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


IN_CLASS = ["class K:", "    {root} = {value}", "    v = {root}", "r |= K.v"]
PLACES = [
    IN_CLASS,
    ["r |= {value}"],
    ["def inner():", "    return {value}", "r |= inner()"],
    ["r |= (lambda: {value})()"],
    ["r |= [{value} for _ in [0]][0]"],
    ["r |= next(v for v in [{value}])"],
    ["r |= [v for _ in [0] for v in [{value}] if {value}][0]"],
    ["class K:", "    v = {value}", "r |= K.v"],
    ["class K:", "    def go(self, p={value}):", "        return p", "r |= K().go()"],
    ["class K:", "    {root} = None", "    def go(self):", "        return {value}", "r |= K().go()"],
    ["try:", "    raise ValueError", "except ValueError:", "    r |= {value}"],
    ["match 1:", "    case 1 if {value}:", "        r |= {value}"],
    ["if (w := {value}):", "    r |= w"],
]
"""Ways to use a value in a function."""

DECOYS = [
    ["def g({name}=frozenset()):", "    return {name}", "r |= g()"],
    ["def g(*, {name}):", "    return lambda: {name}", "r |= g({name}=frozenset())()"],
    ["r |= (lambda {name}: {name})(frozenset())"],
    ["r |= [{name} for {name} in [frozenset()]][0]"],
    ["r |= next(v for {name} in [frozenset()] for v in [{name}])"],
    ["def g():", "    {name} = frozenset()", "    return {name}", "r |= g()"],
    ["def g():", "    {name} = frozenset()", "    def h():", "        return {name}", "    return h()"]
    + ["r |= g()"],
    ["def g():", "    {name} = 0", "    def h():", "        nonlocal {name}", "        {name} += 1"]
    + ["    h()", "g()"],
    ["def g():", "    import math as {name}", "    return {name}.pi", "g()"],
    ["def g():", "    for {name} in [frozenset()]:", "        return {name}", "r |= g()"],
    ["def g():", "    try:", "        raise ValueError", "    except ValueError as {name}:"]
    + ["        return {name}.args", "g()"],
    ["def g():", "    match [frozenset()]:", "        case [{name}]:", "            return {name}"]
    + ["r |= g()"],
    ["def g():", "    return ({name} := frozenset()) | {name}", "r |= g()"],
    ["def g():", "    [{name} := v for v in [frozenset()]]", "    return {name}", "r |= g()"],
    ["class K:", "    {name} = frozenset()", "    v = {name}", "r |= K.v"],
    ["def g():", "    def {name}():", "        return frozenset()", "    return {name}()", "r |= g()"],
    ["def g(x: {name} = 0) -> {name}:", "    return x", "g()"],
    ["r |= frozenset() and K.{name}"],
    ["dict({name}=1)"],
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
    places = sorted(draw(st.lists(st.sampled_from(modules), min_size=2, max_size=9)))
    parts: list[Part] = []
    free = {module: list(NAMES) for module in modules}
    for number, module in enumerate(places):
        if not free[module]:
            continue
        name = draw(st.sampled_from(free[module]))
        free[module].remove(name)
        kind = draw(st.sampled_from(["constant", "function", "default", "class", "cached", "alias"]))
        part = Part(module, name, kind, f"mark{number}")
        _write(draw, part, parts, written[module], straight)
        parts.append(part)
        if draw(st.integers(0, 5)) == 0:
            mark = f"effect{number}"
            written[module].imports.append("from lib.log import SEEN")
            value = draw(st.sampled_from([part.value(name), "frozenset()"]))
            written[module].body.append(f"SEEN.append({_marked(mark)} | {value})")
            parts.append(Part(module, "", "effect", mark))
    lines = _function_body(draw, "main", "prog", _drawn(draw, parts), written["prog"], straight)
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


def _function_body(draw, mark, module, used, written, straight):
    lines = [f"r = {_marked(mark)}"]
    for part in used:
        path, before = _path(draw, part, module, written), []
        if part.module != module and draw(st.booleans()):
            local = draw(st.sampled_from([*NAMES, "lib_m0"]))
            before, path = [f"from {part.module} import {part.name} as {local}"], local
        # The body of a class looks for a name that it binds itself in the module alone.
        place = draw(st.sampled_from([each for each in PLACES if not before or each != IN_CLASS]))
        here = [line.format(value=part.value(path), root=path.split(".")[0]) for line in place]
        if before:  # in a function of its own, so that nothing else is hidden
            here = ["def outer():", "    r = frozenset()", *_indented(before + here), "    return r"]
            here.append("r |= outer()")
        if not straight and draw(st.booleans()):
            here = ["if not r:", *_indented(here)]
        lines += here
        decoy, name = draw(st.sampled_from(DECOYS)), draw(st.sampled_from(NAMES))
        lines += [line.format(name=name) for line in decoy]
    return lines


def _write(draw, part, parts, written, straight):
    """Write a definition that uses some of those before it."""
    used, module, name = _drawn(draw, parts), part.module, part.name
    if part.kind == "alias":
        if not used:
            part.kind = "constant"
        else:
            written.body.append(f"{name} = {_path(draw, used[0], module, written)}")
            part.kind, part.mark = used[0].kind, used[0].mark
            return
    values = [each.value(_path(draw, each, module, written)) for each in used]
    if part.kind == "constant":
        written.body.append(f"{name} = {' | '.join([_marked(part.mark), *values])}")
    elif part.kind == "class":
        base = next((each for each in used if each.kind == "class"), None)
        bases = f"({_path(draw, base, module, written)})" if base else ""
        more = " | super().get()" if base else ""
        written.body += [
            f"class {name}{bases}:",
            f"    own = {' | '.join(['frozenset()', *values])}",
            "    def get(self):",
            *_indented(_indented(_function_body(draw, part.mark, module, used, written, straight))),
            f"        return r | {name}.own{more}",
        ]
    else:
        decorators = ["import functools", "@functools.cache"] if part.kind == "cached" else []
        parameter = f"p={' | '.join(values)}" if part.kind == "default" and values else "p=frozenset()"
        part.kind = "function"
        lines = _function_body(draw, part.mark, module, used, written, straight)
        written.imports += decorators[:1]
        written.body += [*decorators[1:], f"def {name}({parameter}):", *_indented(lines)]
        written.body.append("    return r | p")
