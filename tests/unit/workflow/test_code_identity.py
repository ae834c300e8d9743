"""The identity of code: changed by what the code does, and by nothing else."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from digits.workflow.code_identity import SCRIPTS, IdentityError, code_identity, read_pins

PROJECT = {
    "prog.py": '"""A program."""\n\nimport os\n\nfrom digits.a import start\n\n\n'
    'def main():\n    """Run."""\n    start(1)  # once\n',
    "other.py": "print(1)\n",
    "digits/__init__.py": '"""The library."""\n',
    "digits/a.py": "from digits.pack import c\n\n\ndef start(x):\n    return c.go(x)\n",
    "digits/unused.py": "X = 1\n",
    "digits/pack/__init__.py": "",
    "digits/pack/c.py": 'class C:\n    """A class."""\n\n    width = 1\n    """In pixels."""\n\n\n'
    "def go(x):\n    return x + C.width\n",
}


@pytest.fixture
def project(tmp_path):
    for name, text in PROJECT.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def replace(project, name, old, new):
    text = (project / name).read_text()
    assert old in text
    (project / name).write_text(text.replace(old, new))


WORDING = [
    ("prog.py", "  # once", ""),
    ("prog.py", "import os\n", "# the system\nimport os\n\n\n"),
    ("prog.py", '"""A program."""\n', ""),
    ("prog.py", '    """Run."""\n', "    '''Run\n    it.'''\n"),
    ("prog.py", "start(1)", "start(\n        1,\n    )"),
    ("digits/__init__.py", "The library", "All of it"),
    ("digits/pack/c.py", "A class", "The only class"),
    ("digits/pack/c.py", '    """In pixels."""\n', ""),
    ("digits/pack/c.py", "x + C.width", "(x + C . width)"),
    ("digits/a.py", "\n", "\r\n"),
]


@pytest.mark.parametrize(("name", "old", "new"), WORDING)
def test_comments_docstrings_and_formatting_change_nothing(project, name, old, new):
    before = code_identity("prog", project)
    replace(project, name, old, new)
    assert code_identity("prog", project) == before


BEHAVIOUR = [
    ("prog.py", "start(1)", "start(2)"),
    ("prog.py", "import os", "import sys"),
    ("digits/__init__.py", '"""The library."""', "import os"),
    ("digits/a.py", "c.go(x)", "c.go(-x)"),
    ("digits/pack/__init__.py", "", "Y = 2\n"),
    ("digits/pack/c.py", "x + C.width", "x - C.width"),
    ("digits/pack/c.py", "width = 1", "width = '1'"),
]


@pytest.mark.parametrize(("name", "old", "new"), BEHAVIOUR)
def test_an_edit_of_any_module_that_is_imported_directly_or_not_changes_it(project, name, old, new):
    before, other = code_identity("prog", project), code_identity("other", project)
    replace(project, name, old, new)
    assert code_identity("prog", project) != before
    assert code_identity("other", project) == other


def test_an_edit_of_a_module_that_is_not_imported_changes_nothing(project):
    before = code_identity("prog", project)
    (project / "digits/unused.py").write_text("from digits import nothing, no syntax at all")
    (project / "other.py").write_text("print(2)\n")
    assert code_identity("prog", project) == before


def test_the_place_of_the_checkout_and_the_times_of_its_files_change_nothing(project, tmp_path):
    before = code_identity("prog", project)
    elsewhere = shutil.copytree(project, tmp_path / "else where", copy_function=shutil.copyfile)
    assert code_identity("prog", elsewhere) == before


def test_a_module_that_moves_changes_it(project):
    before = code_identity("prog", project)
    (project / "digits/pack/c.py").rename(project / "digits/c.py")
    replace(project, "digits/a.py", "from digits.pack import c", "from digits import c")
    assert code_identity("prog", project) != before


def test_modules_that_import_each_other_are_read_once(project):
    (project / "digits/pack/c.py").write_text("from digits import a\n\n\ndef go(x):\n    pass\n")
    assert len(code_identity("prog", project)) == 16


@pytest.mark.parametrize(
    "statement",
    [
        "import digits.late",
        "import digits.late as l",
        "from digits import late",
        "from digits.late import X",
        "def f():\n    from digits.late import X",
        "try:\n    import digits.late\nexcept ImportError:\n    pass",
        "import late_program",
        "from late_program import main",
    ],
)
def test_every_form_of_import_is_followed(project, statement):
    (project / "digits/late.py").write_text("X = 1\n")
    (project / "late_program.py").write_text("import digits.late\n")
    replace(project, "digits/a.py", "from digits.pack", f"{statement}\nfrom digits.pack")
    before = code_identity("prog", project)
    (project / "digits/late.py").write_text("X = 2\n")
    assert code_identity("prog", project) != before


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("import importlib\nimportlib.import_module('digits.a')", "line 2: a dynamic import"),
        ("from importlib import import_module as load", "line 1: a dynamic import"),
        ("load = __import__", "line 1: a dynamic import"),
        ("\nimport runpy\nrunpy.run_path('a.py')", "line 3: a dynamic import"),
        ("from digits import nothing", "line 1: digits.nothing leads to no module"),
        ("import digits.a.b.c\nimport digits.pack.d", "line 2: digits.pack.d leads to no module"),
        ("from digits import *", r"line 1: digits.\* leads to no module"),
        ("from . import a", "line 1: write digits.… for a relative import"),
        ("from .pack import c", "line 1: write digits.… for a relative import"),
    ],
)
def test_an_import_that_cannot_be_followed_is_told_by_file_and_line(project, statement, fault):
    (project / "digits/pack/c.py").write_text(statement)
    with pytest.raises(IdentityError, match=rf"^{project}/digits/pack/c\.py, {fault}"):
        code_identity("prog", project)


def test_a_program_that_is_not_there_is_told_by_file(project):
    with pytest.raises(IdentityError, match=r"none\.py: cannot be read \(No such file"):
        code_identity("none", project)


PROGRAMS = sorted(path.stem for path in SCRIPTS.glob("*.py"))


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the real programs and their library."""
    folder = tmp_path_factory.mktemp("copy") / "scripts"
    return shutil.copytree(SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))


def test_every_real_program_has_an_identity_of_its_own():
    assert len({code_identity(program) for program in PROGRAMS}) == len(PROGRAMS) > 15


def test_the_real_programs_written_anew_without_comments_keep_their_identities(copy):
    before = {program: code_identity(program) for program in PROGRAMS}
    for path in copy.rglob("*.py"):
        path.write_text(ast.unparse(ast.parse(path.read_text())))
    assert {program: code_identity(program, copy) for program in PROGRAMS} == before


@pytest.fixture
def edit(copy):
    """Add a line to a module of the copy, and take it away again in the end."""
    kept = {}

    def add(name):
        path = copy / name
        kept[path] = path.read_text()
        path.write_text(kept[path] + "\nADDED = 1\n")

    yield add
    for path, text in kept.items():
        path.write_text(text)


def test_an_edit_of_the_library_reaches_the_programs_that_use_it_and_no_others(copy, edit):
    before = {program: code_identity(program, copy) for program in PROGRAMS}
    edit("digits/training/network.py")
    changed = {program for program in PROGRAMS if code_identity(program, copy) != before[program]}
    assert changed == {"train_cell"}
    edit("digits/core/atomic_files.py")
    assert code_identity("train_cell", copy) != before["train_cell"]
    assert code_identity("write_config", copy) != before["write_config"]
    edit("digits/augmentation/tensors.py")
    assert code_identity("augment_fold", copy) != before["augment_fold"]
    assert code_identity("tabulate_costs", copy) != code_identity("tabulate_results", copy)


@pytest.mark.parametrize("program", ["split_folds", "write_submission"])
def test_every_module_that_python_loads_for_a_program_is_part_of_its_identity(copy, edit, program):
    code = f"import sys, {program}; print(*[n for n in sys.modules if n.startswith('digits')])"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=copy, capture_output=True, text=True, check=True
    )
    modules = ran.stdout.split()
    assert {"digits", "digits.data.image_tables", "digits.core.atomic_files"} <= set(modules)
    for name in modules:
        before = code_identity(program, copy)
        path = Path(*name.split("."))
        edit(f"{path}/__init__.py" if (copy / path).is_dir() else f"{path}.py")
        assert code_identity(program, copy) != before, name


PINS = {"numpy": "1.0", "pandas": "2.0", "scikit-learn": "3.0"}


def test_a_pin_counts_for_the_programs_that_import_its_package_and_no_others(project):
    replace(project, "digits/pack/c.py", "class C:", "import numpy.linalg\n\n\nclass C:")
    before, other = (code_identity(name, project, PINS) for name in ("prog", "other"))
    for name in PINS:
        changed = PINS | {name: "9.9"}
        assert (code_identity("prog", project, changed) != before) == (name == "numpy")
        assert code_identity("other", project, changed) == other


def test_a_package_is_found_by_the_name_it_is_installed_by(project):
    replace(project, "digits/a.py", "def start", "from sklearn.svm import SVC\n\n\ndef start")
    before = code_identity("prog", project, PINS)
    assert code_identity("prog", project, PINS | {"scikit-learn": "3.1"}) != before


def test_a_package_without_a_pin_is_an_error(project):
    replace(project, "digits/a.py", "def start", "import torch\n\n\ndef start")
    with pytest.raises(IdentityError, match="prog: no pinned version of torch"):
        code_identity("prog", project, PINS)


def test_every_program_imports_pinned_packages_only():
    pins = read_pins(SCRIPTS.parent / "envs" / "requirements.txt")
    without = {program: code_identity(program) for program in PROGRAMS}
    assert all(code_identity(program, pins=pins) for program in PROGRAMS)
    newer = pins | {"tensorflow": "99"}
    changed = {
        program
        for program in PROGRAMS
        if code_identity(program, pins=newer) != code_identity(program, pins=pins)
    }
    assert changed == {"train_cell"}
    assert without["write_config"] != code_identity("write_config", pins=pins)
