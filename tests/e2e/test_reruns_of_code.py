"""Changes to a finished experiment's checkout, and exactly the rules that run then."""

import os
import re
import time
from importlib.metadata import version
from pathlib import Path

import pytest
from conftest import snakemake
from reruns import NOTHING, after, dry_run, planned, replace

from digits.workflow.code_identity import read_pins


def edit_function(path: Path, name: str) -> None:
    """Change the code of a function: its first statement gets one before it."""
    text = path.read_text()
    changed = re.sub(rf"(def {name}\((?:.|\n)*?:\n)(    )", r"\1    _ = 1\n\2", text, count=1)
    assert changed != text
    path.write_text(changed)


def update(folder: Path, package: str) -> None:
    """Pin another version of a package, and have it count as installed."""
    requirements = folder / "envs/requirements.txt"
    replace(requirements, f"\n{package}==", f"\n{package}==9")
    name = f"{package.replace('-', '_')}-{read_pins(requirements)[package]}"
    (folder / "installed" / f"{name}.dist-info").mkdir(parents=True)


def touch(folder: Path, pattern: str) -> None:
    later = time.time() + 5
    files = [path for path in folder.glob(pattern) if path.is_file()]
    assert files
    for path in files:
        if ".snakemake" not in path.parts:
            os.utime(path, (later, later))


def clone(folder: Path) -> None:
    """Write every file anew, as a fresh checkout beside kept data and results does."""
    for path in folder.rglob("*"):
        if path.is_file() and ".snakemake" not in path.parts:
            content = path.read_bytes()
            path.unlink()
            path.write_bytes(content)


def reword(folder: Path) -> None:
    """Edit comments, docstrings, line breaks and texts for --help, of code, rules and settings."""
    library, rules = folder / "scripts/digits", folder / "workflow/rules/train.smk"
    replace(library / "augmentation/transforms.py", "def warp(", "# Fast.\ndef warp(")
    replace(library / "training/loop.py", "Count the images whose", "Number of images whose")
    replace(
        library / "evaluation/submissions.py",
        "return [self.id, ",
        "return [\n            self.id, ",
    )
    replace(library / "core/system_errors.py", "close other programs", "end other programs")
    replace(folder / "scripts/train_cell.py", "Train one cell", "Train a cell")
    replace(folder / "scripts/train_cell.py", 'help="folder for', 'help="a folder for')
    replace(rules, "    output:", "    # Written last.\n    output:")
    replace(rules, '"""Train one cell', '"""Train a cell')
    replace(folder / "small.yaml", "experiment:", "# mine\nexperiment:")
    update(folder, "ruff")  # a tool that no rule imports


WORDING = {"touch everything": lambda folder: touch(folder, "**/*"), "check out anew": clone}
WORDING |= {"reword": reword}


@pytest.mark.parametrize("change", WORDING)
def test_wording_and_time_stamps_rerun_nothing(copy, change):
    WORDING[change](copy)
    plan = dry_run if (copy / "installed").is_dir() else planned
    assert plan(copy) == NOTHING


# Which programs reach which definition is decided in tests/unit/workflow/test_code_identity.py.
CODE = {
    ("plots/data.py", "mean_digits"): after("plot_data"),
    ("evaluation/inference.py", "softmax"): after("predict_cell", "embed_networks"),
}


@pytest.mark.parametrize(("module", "function"), CODE)
def test_an_edit_of_a_function_reruns_the_rules_that_can_reach_it(copy, module, function):
    edit_function(copy / "scripts" / "digits" / module, function)
    assert planned(copy) == CODE[module, function]


def test_another_version_reruns_the_rules_that_use_the_package(copy):
    update(copy, "numba")
    assert dry_run(copy) == after("augment_fold", "plot_augmentation")


def test_a_pin_that_is_not_installed_is_an_error_that_says_what_to_run(copy):
    requirements = copy / "envs/requirements.txt"
    replace(requirements, "\nnumba==", "\nnumba==9")
    pinned = read_pins(requirements)["numba"]
    run = snakemake(copy, "--cores", "1")
    assert run.returncode == 1
    assert re.findall("^error: .*$", run.stderr, re.MULTILINE) == [
        f"error: envs/requirements.txt: numba {pinned} is pinned, {version('numba')} is installed;"
        " run make, or python -m pip install --no-deps -r envs/requirements.txt"
    ]
    assert "Traceback" not in run.stderr
