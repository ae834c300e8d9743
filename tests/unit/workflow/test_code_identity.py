"""The identity of code: changed by what a program can reach, and by nothing else."""

import ast
import shutil

import pytest

from digits.workflow.code_identity import SCRIPTS, Code, IdentityError, code_identity
from digits.workflow.plan import pins_of

PROJECT = {
    "prog.py": '"""A program."""\n\nimport os\n\nfrom digits.a import start\n'
    'from digits.workflow import job\n\n\ndef main():\n    """Run."""\n    start(1)  # once\n\n\n'
    'if __name__ == "__main__":\n    job.run(main)\n',
    "other.py": "def main():\n    print(1)\n",
    "digits/__init__.py": '"""The library."""\n',
    "digits/a.py": "from digits.pack import c\n\nSPARE = 1\n\n\ndef start(x: int) -> int:\n"
    "    return c.go(x)\n\n\ndef stop():\n    return SPARE\n",
    "digits/unused.py": "X = 1\n",
    "digits/pack/__init__.py": "",
    "digits/pack/c.py": 'class C:\n    """A class."""\n\n    width: int = 1\n    """In pixels."""\n'
    "\n\ndef go(x):\n    return x + C.width\n\n\ndef stay(x):\n    return x\n",
    "digits/workflow/__init__.py": "",
    "digits/workflow/job.py": "import sys\n\nsys.excepthook = print\n\n\n"
    "def run(main):\n    main()\n",
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


def append(project, name, text):
    with (project / name).open("a") as file:
        file.write(text)


NOTHING_REACHED = [
    ("prog.py", "  # once", ""),
    ("prog.py", "import os\n", "# the system\nimport os\n\n\n"),
    ("prog.py", "import os\n", "import sys\n"),
    ("prog.py", '"""A program."""\n', ""),
    ("prog.py", '    """Run."""\n', "    '''Run\n    it.'''\n"),
    ("prog.py", "start(1)", "start(\n        1,\n    )"),
    ("digits/__init__.py", "The library", "All of it"),
    ("digits/__init__.py", '"""The library."""', "import os\nX = 1\n"),
    ("digits/a.py", "x: int) -> int", "x)"),
    ("digits/a.py", "\n", "\r\n"),
    ("digits/a.py", "SPARE = 1", "SPARE = 2"),
    ("digits/a.py", "return SPARE", "return -SPARE"),
    ("digits/pack/c.py", "A class", "The only class"),
    ("digits/pack/c.py", '    """In pixels."""\n', ""),
    ("digits/pack/c.py", "width: int = 1", "width = 1"),
    ("digits/pack/c.py", "x + C.width", "(x + C . width)"),
    ("digits/pack/c.py", "return x\n", "return -x\n"),
    ("digits/workflow/job.py", "main()\n", "print(main())\n"),
    ("digits/workflow/job.py", "= print", "= repr"),
    ("digits/unused.py", "X = 1", "from digits import nothing, no syntax at all"),
    ("other.py", "1", "2"),
]


@pytest.mark.parametrize(("name", "old", "new"), NOTHING_REACHED)
def test_wording_and_what_the_program_does_not_reach_change_nothing(project, name, old, new):
    before = code_identity("prog", project)
    replace(project, name, old, new)
    assert code_identity("prog", project) == before


REACHED = [
    ("prog.py", "start(1)", "start(2)"),
    ("prog.py", "job.run(main)", "job.run(print)"),
    ("prog.py", "import start", "import stop as start"),
    ("digits/__init__.py", '"""The library."""', "print()\n"),
    ("digits/a.py", "c.go(x)", "c.go(-x)"),
    ("digits/a.py", "c.go(x)", "c.stay(x)"),
    ("digits/pack/__init__.py", "", "import os\nos.environ['X'] = '1'\n"),
    ("digits/pack/c.py", "x + C.width", "x - C.width"),
    ("digits/pack/c.py", "width: int = 1", "width: int = '1'"),
    ("digits/pack/c.py", "class C:", "class C(int):"),
]


@pytest.mark.parametrize(("name", "old", "new"), REACHED)
def test_an_edit_of_what_the_program_reaches_changes_its_identity_alone(project, name, old, new):
    before, other = code_identity("prog", project), code_identity("other", project)
    replace(project, name, old, new)
    assert code_identity("prog", project) != before
    assert code_identity("other", project) == other


def test_the_place_of_the_checkout_and_the_times_of_its_files_change_nothing(project, tmp_path):
    before = code_identity("prog", project)
    elsewhere = shutil.copytree(project, tmp_path / "else where", copy_function=shutil.copyfile)
    assert code_identity("prog", elsewhere) == before


def test_a_definition_that_moves_to_another_module_changes_it(project):
    before = code_identity("prog", project)
    (project / "digits/pack/c.py").rename(project / "digits/c.py")
    replace(project, "digits/a.py", "from digits.pack import c", "from digits import c")
    assert code_identity("prog", project) != before


LATE = "X = 1\nY = 1\n\n\ndef f():\n    return Y\n"
"""A module that is imported in different ways; X or f, and with it Y, is used or not."""


@pytest.mark.parametrize(
    ("statement", "use", "reached"),
    [
        ("import digits.late", "digits.late.X", "X"),
        ("import digits.late as l", "l.X", "X"),
        ("import digits.late as l", "[l for l in ()]", ""),
        ("import digits.late as l", "l", "X Y"),
        ("import digits.late as l", "getattr(l, 'X')", "X Y"),
        ("import digits.late as l", "vars(l)", "X Y"),
        ("import digits.late as l", "l.__dict__", "X Y"),
        ("import digits.late as l", "l.__name__", ""),
        ("import digits.late as l\nm = l", "m.X", "X Y"),
        ("from digits import late", "late.f()", "Y"),
        ("from digits.late import X", "X", "X"),
        ("from digits.late import X", "0", ""),
        ("from digits.late import f as g", "g()", "Y"),
        ("from digits.late import X as x, Y", "Y", "Y"),
        ("def h():\n    from digits.late import X\n    return X", "h()", "X"),
        ("def h():\n    from digits.late import X\n    return X", "0", ""),
        ("def h():\n    from digits import late\n    return late.f", "h()", "Y"),
        ("try:\n    from digits.late import X\nexcept ImportError:\n    X = 0", "X", "X"),
        ("import late_program", "late_program.late.X", "X"),
        ("from late_program import late as l", "l.f()", "Y"),
        ("from digits import late\nclass K(late.f()): pass", "K", "Y"),
        ("from digits import late\ndef h(x=late.X): pass", "h()", "X"),
        ("from digits import late\nz = 0\nz = late.X", "z", "X"),
        ("from digits import late\n@late.f\ndef h(): pass", "0", "Y"),
        ("from digits import late\nclass K:\n    @late.f\n    def h(): pass", "0", "Y"),
        ("from digits import late\nx = {}\nx['a'] = late.X", "0", "X"),
        ("from digits import late\nx = []\nx += [late.X]", "0", "X"),
        ("from digits import late\nfor x in (): late.f()", "0", "Y"),
        ("from digits import late\nclass K:\n    print(late.X)", "0", "X"),
        ("from digits import late\nx = late.f()", "0", ""),
        ("from digits import late\ndef h(x: late.X) -> late.X: pass", "h", ""),
        ("from digits import late\nclass K:\n    x: late.X", "K", ""),
        ("from digits import late\nclass K(tuple):\n    x: late.X", "K", "X"),
        ("from digits import late\n@print\nclass K:\n    x: 'late.X'", "K", "X"),
        ("from digits.late import X", "globals()", "X"),
        ("from digits import late\ndef globals(): pass\nx = late.X", "globals()", ""),
        ("from digits import late\nif __name__ == '__main__':\n    late.f()", "0", ""),
    ],
)
def test_names_are_followed_into_other_modules_as_far_as_they_are_used(
    project, statement, use, reached
):
    (project / "digits/late.py").write_text(LATE)
    (project / "late_program.py").write_text("from digits import late\n")
    replace(project, "digits/a.py", "from digits.pack", f"{statement}\nfrom digits.pack")
    replace(project, "digits/a.py", "c.go(x)", f"c.go(x), {use}")
    before, changed = code_identity("prog", project), set()
    for name in "XY":
        (project / "digits/late.py").write_text(LATE.replace(f"{name} = 1", f"{name} = 2"))
        if code_identity("prog", project) != before:
            changed.add(name)
    assert changed == set(reached.split())


def test_a_definition_that_registers_itself_counts_where_its_module_is_imported(project):
    (project / "digits/late.py").write_text(
        "from contextlib import contextmanager\n\nKNOWN = []\n\n\n"
        "def keep(f):\n    KNOWN.append(f)\n    return f\n\n\n"
        "@contextmanager\ndef around():\n    yield\n"
    )
    append(project, "digits/a.py", "\n\n@keep\ndef kept():\n    return 1\n")
    append(project, "digits/a.py", "\n\n@around()\ndef wrapped():\n    return 2\n")
    replace(project, "digits/a.py", "from", "from digits.late import around, keep\nfrom")
    before = code_identity("prog", project)
    replace(project, "digits/a.py", "return 2", "return 3")
    assert code_identity("prog", project) == before
    replace(project, "digits/a.py", "return 1", "return 3")
    assert code_identity("prog", project) != before


def test_a_package_may_name_its_own_modules(project):
    (project / "digits/late.py").write_text(LATE)
    code = "def late_x():\n    from digits import late\n    return late.X, late_y()\n\n\n"
    (project / "digits/__init__.py").write_text(code + "def late_y():\n    return late.f()\n")
    replace(project, "digits/a.py", "c.go(x)", "digits.late_x()")
    replace(project, "digits/a.py", "from", "import digits\nfrom")
    names = Code(project).names("prog")
    assert {"digits.late.X", "digits.late.f", "digits.late.Y"} <= names


def test_texts_for_help_change_nothing_but_options_do(project):
    replace(project, "prog.py", "start(1)", "parser.add_argument('--x', help='an x', default='x')")
    before = code_identity("prog", project)
    replace(project, "prog.py", "'an x'", "'a y'")
    assert code_identity("prog", project) == before
    replace(project, "prog.py", "default='x'", "default='y'")
    assert code_identity("prog", project) != before


def test_modules_that_import_each_other_are_followed_once(project):
    (project / "digits/pack/c.py").write_text(
        "from digits.a import go as ahead\n\n\ndef go(x):\n    return ahead(x)\n"
    )
    replace(
        project, "digits/a.py", "import c\n", "import c\nfrom digits.pack.c import ahead as go\n"
    )
    assert len(code_identity("prog", project)) == 16


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            "import importlib\nimportlib.import_module('digits.a')",
            "line 2: a dynamic import cannot",
        ),
        ("from importlib import import_module as load", "line 1: a dynamic import cannot be"),
        ("print(__import__)", "line 1: a dynamic import cannot be followed"),
        ("\nimport runpy\nrunpy.run_path('a.py')", "line 3: a dynamic import cannot be followed"),
        ("print(eval('1'))", "line 1: eval cannot be followed"),
        ("import sys\nprint(sys.modules['digits.a'])", r"line 2: sys\.modules\[…\] cannot be"),
        ("if C.__subclasses__(): pass", "line 1: a list of subclasses cannot be followed"),
        ("from digits import nothing", r"line 1: digits\.nothing leads to no module"),
        (
            "import digits.a.b.c\nimport digits.pack.d",
            r"line 1: digits\.a\.b\.c leads to no module",
        ),
        ("from digits import *", r"line 1: import \* cannot be followed"),
        ("from math import *", r"line 1: import \* cannot be followed"),
        ("from . import a", "line 1: a relative import cannot be followed"),
        ("from .pack import c", "line 1: a relative import cannot be followed"),
        ("x = (", "line 1: '.' was never closed"),
    ],
)
def test_what_cannot_be_followed_is_an_error_with_file_and_line(project, statement, fault):
    (project / "digits/pack/c.py").write_text(statement)
    with pytest.raises(IdentityError, match=rf"^{project}/digits/pack/c\.py, {fault}"):
        code_identity("prog", project)


def test_what_cannot_be_followed_is_no_error_where_it_is_not_reached(project):
    append(project, "digits/pack/c.py", "\n\ndef load(x):\n    return __import__(x)\n")
    assert code_identity("prog", project)


def test_a_program_that_is_not_there_is_an_error_with_its_file(project):
    with pytest.raises(IdentityError, match=r"none\.py: no such program"):
        code_identity("none", project)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the real programs and their library."""
    folder = tmp_path_factory.mktemp("copy") / "scripts"
    return shutil.copytree(SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))


@pytest.fixture(scope="module")
def before(copy):
    return Code(copy).identities()


def test_every_real_program_has_an_identity_of_its_own(before):
    assert set(before) == {path.stem for path in SCRIPTS.glob("*.py")}
    assert len(set(before.values())) == len(before) > 15


def test_the_real_programs_written_anew_without_comments_keep_their_identities(copy, before):
    new = shutil.copytree(copy, copy.parent / "anew")
    for path in new.rglob("*.py"):
        path.write_text(ast.unparse(ast.parse(path.read_text())))
    assert Code(new).identities() == before


PLOTTING = {
    "plot_augmentation", "plot_cells", "plot_data", "plot_effects", "plot_errors",
    "plot_experiments", "plot_results",
}  # fmt: skip
TRAINING = {"train_cell", "train_fresh"}
EDITS = {
    ("plots/style.py", 'VERMILLION, GREEN = "#0072B2"', 'VERMILLION, GREEN = "#0072B3"'): PLOTTING,
    ("data/ingest.py", "def ingest(", "@id\ndef ingest("): {"ingest_images"},
    ("core/system_errors.py", "out of memory;", "memory is full;"): set(),
    ("workflow/job.py", "fail(line)", "fail(line.upper())"): set(),
    ("workflow/plan.py", "run again", "run it again"): set(),
    ("../train_cell.py", 'help="folder for the state', 'help="place for the state'): set(),
    ("training/records.py", '"images_per_second"', '"images_a_second"'): TRAINING,
    ("training/loop.py", "EVALUATION_BATCH = ", "EVALUATION_BATCH = 1 + "): TRAINING,
    ("training/network.py", "def build_network(", "@id\ndef build_network("): TRAINING,
    ("evaluation/inference.py", "def predict_probabilities(", "def predict_probabilities(_, "): {
        "predict_cell"
    },
    ("evaluation/inference.py", "def read_layers(", "def read_layers(_, "): {
        "predict_cell",
        "embed_networks",
    },
    ("augmentation/transforms.py", "def warp(", "def warp(_, "): {
        "augment_fold",
        "plot_augmentation",
        "train_fresh",
    },
}
"""Edits of the real tree, each with the programs that reach what it changes."""


@pytest.mark.parametrize(("name", "old", "new"), EDITS)
def test_an_edit_of_the_real_tree_reaches_the_programs_that_use_it(copy, before, name, old, new):
    path = copy / "digits" / name
    text = path.read_text()
    replace(copy / "digits", name, old, new)
    try:
        after = Code(copy).identities()
    finally:
        path.write_text(text)
    changed = {program for program in before if after[program] != before[program]}
    assert changed == EDITS[name, old, new]


REACHED_BY = {
    "augmentation.tensors.read_tensor": {"check_fold", "plot_augmentation", *TRAINING},
    "augmentation.transforms.warp": {"augment_fold", "plot_augmentation", "train_fresh"},
    "analysis.resampling.corrected_t": {"analyse_design"},
    "analysis.selection.pick_cell": {"analyse_design"},
    "cards.content.render_card": {"write_cards"},
    "data.folds.split_fold": {"split_folds"},
    "data.leakage.without_copies": {"split_folds"},
    "evaluation.calibration.reliability": {"tabulate_errors"},
    "evaluation.class_metrics.class_table": {"tabulate_classes"},
    "evaluation.inference.softmax": {"embed_networks", "predict_cell"},
    "evaluation.misclassified.hardest_images": {"tabulate_errors"},
    "evaluation.predictions.mean_probabilities": {"write_submissions"},
    "evaluation.submissions.write_submission": {"write_submissions"},
    "plots.augmentation.preview": {"plot_augmentation"},
    "plots.data.mean_digits": {"plot_data"},
    "plots.effects.draw_pair": {"plot_effects"},
    "plots.misclassified.gallery": {"plot_errors"},
    "plots.overview.learning": {"plot_results"},
    "plots.results.interaction": {"plot_results"},
    "report.content.render_page": {"write_report"},
    "training.checkpoints.read_checkpoint": TRAINING,
    "training.fit.Trainer": TRAINING,
    "training.loop.forward": TRAINING,
    "workflow.costs.cost_table": {"tabulate_costs"},
    "workflow.graphs.draw_svg": {"draw_graphs"},
    "workflow.store.take": TRAINING,
}
"""Functions of the real library, and the programs that can reach them."""


def test_the_programs_that_reach_a_function_of_the_real_library_are_known():
    code, reached_by = Code(), {name: set() for name in REACHED_BY}
    for path in SCRIPTS.glob("*.py"):
        for name in code.names(path.stem) & {f"digits.{name}" for name in REACHED_BY}:
            reached_by[name.removeprefix("digits.")].add(path.stem)
    assert reached_by == REACHED_BY


def test_no_sentence_and_no_plot_is_reached_by_what_trains():
    code = Code()
    for program in ("ingest_images", "split_folds", "augment_fold", "train_cell", "predict_cell"):
        words = ("digits.analysis.", "digits.plots.", "digits.report.", "digits.cards.")
        assert not [name for name in code.names(program) if name.startswith(words)]


PINS = {"numpy": "1.0", "pandas": "2.0", "scikit-learn": "3.0"}


@pytest.mark.parametrize(
    ("statement", "use", "counts"),
    [
        ("import numpy as np", "np.pi", True),
        ("import numpy as np", "x", False),
        ("import numpy.linalg", "numpy.pi", True),
        ("from numpy import pi", "(lambda: pi)()", True),
        ("from numpy import pi", "(lambda pi: pi)(1)", False),
        ("def late():\n    import numpy", "late()", True),
        ("def late():\n    import numpy", "x", False),
        ("try:\n    import numpy\nexcept ImportError:\n    pass", "x", True),
    ],
)
def test_a_pin_counts_where_a_name_of_its_package_is_reached(project, statement, use, counts):
    replace(project, "digits/a.py", "SPARE = 1", statement)
    replace(project, "digits/a.py", "c.go(x)", f"c.go(x), {use}")
    before, other = (code_identity(name, project, PINS) for name in ("prog", "other"))
    for name in PINS:
        changed = PINS | {name: "9.9"}
        assert (code_identity("prog", project, changed) != before) == (counts and name == "numpy")
        assert code_identity("other", project, changed) == other


def test_a_package_is_found_by_the_name_it_is_installed_by(project):
    replace(project, "digits/a.py", "def start", "from sklearn.svm import SVC\n\n\ndef start")
    replace(project, "digits/a.py", "c.go(x)", "c.go(SVC)")
    before = code_identity("prog", project, PINS)
    assert code_identity("prog", project, PINS | {"scikit-learn": "3.1"}) != before


def test_a_package_without_a_pin_is_an_error(project):
    replace(project, "digits/a.py", "c.go(x)", "c.go(torch)")
    replace(project, "digits/a.py", "def start", "import torch\n\n\ndef start")
    with pytest.raises(IdentityError, match="prog: no pinned version of torch"):
        code_identity("prog", project, PINS)
    assert set(Code(project).identities(PINS)) == {"other"}


def test_every_program_reaches_pinned_packages_only():
    pins, code = pins_of(SCRIPTS.parent), Code()
    before = code.identities(pins)
    assert set(before) == {path.stem for path in SCRIPTS.glob("*.py")}
    for package, programs in {
        "tensorflow": TRAINING,
        "numba": {"augment_fold", "plot_augmentation", "train_fresh"},
        "kaggle": {"download_competition", "submit"},
    }.items():
        after = code.identities(pins | {package: "99"})
        assert {program for program in before if after[program] != before[program]} == programs
    assert code.identities()["write_config"] != before["write_config"]
