"""Changes to a finished experiment's checkout, and exactly the rules that run then."""

import os
import re
import time
from importlib.metadata import version
from pathlib import Path

import pytest
from conftest import snakemake
from reruns import COMPARING, EVERYTHING, NOTHING, SUBMITTING, after, dry_run, replace

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


WORDING = {
    "touch the code": lambda folder: touch(folder, "scripts/**/*"),
    "touch the workflow": lambda folder: touch(folder, "workflow/**/*"),
    "touch the Snakefile": lambda folder: touch(folder, "Snakefile"),
    "touch configuration and environment": lambda folder: touch(folder, "[ce][on]*/*"),
    "touch the raw files": lambda folder: touch(folder, "data/raw/*"),
    "touch the published figures": lambda folder: touch(folder, "published/*"),
    "touch all results": lambda folder: touch(folder, "results/**/*"),
    "touch everything": lambda folder: touch(folder, "**/*"),
    "check out anew": clone,
    "a comment in the library": lambda folder: replace(
        folder / "scripts/digits/augmentation/transforms.py", "def warp(", "# Fast.\ndef warp("
    ),
    "a docstring in the library": lambda folder: replace(
        folder / "scripts/digits/training/loop.py",
        "Count the images whose",
        "Number of images whose",
    ),
    "a program's docstring": lambda folder: replace(
        folder / "scripts/train_cell.py", "Train one cell", "Train a cell"
    ),
    "blank lines and line breaks": lambda folder: replace(
        folder / "scripts/digits/evaluation/submissions.py", "HEADER = [", "\n\nHEADER = [\n    "
    ),
    "a comment in a rule": lambda folder: replace(
        folder / "workflow/rules/train.smk", "    output:", "    # Written last.\n    output:"
    ),
    "a docstring of a rule": lambda folder: replace(
        folder / "workflow/rules/train.smk", '"""Train one cell', '"""Train a cell'
    ),
    "a comment in the configuration": lambda folder: replace(
        folder / "small.yaml", "experiment:", "# mine\nexperiment:"
    ),
    "another version of a tool that no rule imports": lambda folder: update(folder, "ruff"),
}


@pytest.mark.parametrize("change", WORDING)
def test_wording_and_time_stamps_rerun_nothing(copy, change):
    WORDING[change](copy)
    assert dry_run(copy) == NOTHING


CODE = {
    ("augment.py", "warp"): after("augment_fold"),
    ("training.py", "train"): after("train_cell"),
    ("epochs.py", "forward"): after("train_cell"),
    ("network.py", "build_network"): after("train_cell"),
    ("checkpoints.py", "read_checkpoint"): after("train_cell"),
    ("prediction.py", "softmax"): after("predict_cell"),
    ("submissions.py", "write_submission"): after(*COMPARING),
    ("folds.py", "split_fold"): after("split_folds"),
    ("evaluation.py", "class_table"): after("tabulate_classes"),
    ("calibration.py", "reliability"): after("tabulate_errors"),
    ("mistakes.py", "hardest_images"): after("tabulate_errors"),
    ("probabilities.py", "mean_probabilities"): after(
        "predict_cell", *SUBMITTING, "tabulate_classes", "tabulate_errors"
    ),
    ("costs.py", "cost_table"): after("tabulate_costs"),
    ("plots/data.py", "mean_digits"): after("plot_data"),
    ("plots/augmentation.py", "preview"): after("plot_augmentation"),
    ("plots/results.py", "interaction"): after("plot_results"),
    ("plots/overview.py", "learning"): after("plot_results"),
    ("analysis/resampling.py", "corrected_t"): after("analyse_design"),
    ("analysis/choice.py", "pick_cell"): after("analyse_design", "plot_effects"),
    ("plots/effects.py", "draw_cells"): after("plot_effects"),
    ("plots/mistakes.py", "gallery"): after("plot_errors"),
    ("report/content.py", "render"): after("write_report"),
    ("report/provenance.py", "versions"): after("write_report", "write_cards"),
    ("cards.py", "gather"): after("write_cards"),
    ("graphs.py", "draw_svg"): after("draw_graphs"),
    ("leaks.py", "without_copies"): after("split_folds", "augment_fold", "check_fold"),
    ("store.py", "fetch"): after("augment_fold", "train_cell"),
    ("tensors.py", "read_tensor"): after(
        "augment_fold", "check_fold", "train_cell", "plot_augmentation"
    ),
    ("ingest.py", "ingest_csv"): after("ingest_train", "ingest_test"),
    ("program.py", "run"): EVERYTHING,
}


@pytest.mark.parametrize(("module", "function"), CODE)
def test_an_edit_of_a_function_reruns_the_rules_that_can_reach_it(copy, module, function):
    edit_function(copy / "scripts" / "digits" / module, function)
    assert dry_run(copy) == CODE[module, function]


PINS = {
    "numba": after("augment_fold"),
    "statsmodels": after("analyse_design"),
    "tensorflow": after("train_cell"),
    "jinja2": after("write_report", "write_cards"),
    "scipy": after("tabulate_errors", "analyse_design"),
    "graphviz-pure": after("draw_graphs"),
}


@pytest.mark.parametrize("package", PINS)
def test_another_version_reruns_the_rules_that_use_the_package(copy, package):
    update(copy, package)
    assert dry_run(copy) == PINS[package]


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
