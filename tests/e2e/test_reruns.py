"""The rerun table: what one does to a finished experiment, and exactly the rules that run then."""

import os
import re
import shutil
import time
import zipfile
from pathlib import Path

import pytest
import yaml
from conftest import CONFIG, read_zip, snakemake, write_zip

from digits.configuration import complete

CONSUMERS = {
    "ingest_train": {"describe_data", "plot_data", "split_folds"},
    "ingest_test": {
        "describe_data",
        "check_references",
        "predict_cell",
        "score_submission",
        "score_ensemble",
    },
    "check_references": set(),
    "describe_data": {"write_report", "write_cards"},
    "plot_data": {"write_report"},
    "split_folds": {
        "augment_fold",
        "check_fold",
        "train_cell",
        "predict_cell",
        "embed_networks",
        "plot_errors",
    },
    "augment_fold": {"check_fold", "plot_augmentation", "train_cell"},
    "check_fold": {"train_cell", "write_cards"},
    "plot_augmentation": {"write_report"},
    "train_cell": {
        "predict_cell",
        "write_submission",
        "write_ensemble",
        "tabulate_results",
        "tabulate_classes",
        "tabulate_errors",
        "analyse_design",
        "embed_networks",
        "write_report",
        "write_cards",
    },
    "predict_cell": {
        "write_submission",
        "write_ensemble",
        "tabulate_classes",
        "tabulate_errors",
        "analyse_design",
        "embed_networks",
    },
    "write_submission": {"score_submission"},
    "write_ensemble": {"score_ensemble"},
    "score_ensemble": {"write_report"},
    "score_submission": {"tabulate_results", "write_report"},
    "tabulate_results": {
        "plot_cell",
        "plot_results",
        "analyse_design",
        "write_report",
        "write_cards",
    },
    "tabulate_classes": {"plot_cell", "write_report", "write_cards"},
    "tabulate_errors": {"plot_errors", "write_report", "write_cards"},
    "plot_errors": {"write_report"},
    "plot_cell": {"write_report"},
    "plot_results": {"write_report"},
    "analyse_design": {"plot_effects", "plot_published", "write_report", "write_cards"},
    "plot_effects": {"write_report"},
    "plot_published": {"write_report"},
    "embed_networks": {"write_report"},
    "write_cards": set(),
    "tabulate_costs": {"write_report"},
    "write_config": {"draw_graphs", "write_report", "write_cards"},
    "draw_graphs": {"write_report"},
    "write_report": {"check_trials"},
    "check_trials": set(),
}
"""Who takes what a rule makes, written down here by hand; ingest_images once per part."""

UNTIMED = {"tabulate_costs", "write_report", "check_trials"}
"""Rules whose costs are not gathered; the costs of all others are."""


def after(*rules: str) -> set[str]:
    """The rules and all that take, directly or not, what they make."""
    found, pending = set(), list(rules)
    while pending:
        rule = pending.pop()
        if rule not in found:
            found.add(rule)
            pending += CONSUMERS[rule]
            pending += [] if rule in UNTIMED else ["tabulate_costs"]
    return {re.sub("ingest_(train|test)", "ingest_images", rule) for rule in found}


SUBMITTING = ("write_submission", "write_ensemble")
SCORING = ("score_submission", "score_ensemble")
COMPARING = ("check_references", *SCORING)
EVERYTHING = after("ingest_train", "ingest_test", "write_config")
CONFIGURED = after("write_config")
NOTHING = set()


@pytest.fixture
def copy(experiment, tmp_path):
    """The finished experiment, for one test to do to it what it likes."""
    folder = tmp_path / "copy"
    shutil.copytree(experiment.folder, folder)
    yield folder
    shutil.rmtree(folder)


def planned(folder: Path, *arguments: str) -> set[str]:
    """The rules that Snakemake would run."""
    run = snakemake(folder, "--dry-run", *arguments)
    assert run.returncode == 0, run.stdout + run.stderr
    table = re.search(r"Job stats:\njob +count\n[- ]+\n(.*?)\ntotal", run.stdout, re.DOTALL)
    if not table:
        assert "Nothing to be done" in run.stdout + run.stderr
        return NOTHING
    return set(re.findall(r"^(\w+)", table[1], re.MULTILINE)) - {"all"}


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) >= 1, f"{old!r} in {path}"
    path.write_text(text.replace(old, new, 1))


def edit_function(path: Path, name: str) -> None:
    """Change the code of a function: its first statement gets one before it."""
    text = path.read_text()
    changed = re.sub(rf"(def {name}\((?:.|\n)*?:\n)(    )", r"\1    _ = 1\n\2", text, count=1)
    assert changed != text
    path.write_text(changed)


# Things that rerun nothing ---------------------------------------------------------------------


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
        folder / "scripts/digits/augment.py", "def warp(", "# Fast.\ndef warp("
    ),
    "a docstring in the library": lambda folder: replace(
        folder / "scripts/digits/epochs.py", "Count the images whose", "Number of images whose"
    ),
    "a program's docstring": lambda folder: replace(
        folder / "scripts/train_cell.py", "Train one cell", "Train a cell"
    ),
    "blank lines and line breaks": lambda folder: replace(
        folder / "scripts/digits/submissions.py", "HEADER = [", "\n\nHEADER = [\n    "
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
    "a pin of a tool that no rule imports": lambda folder: replace(
        folder / "envs/requirements.txt", "\nruff==", "\nruff==9"
    ),
}


@pytest.mark.parametrize("change", WORDING)
def test_wording_and_time_stamps_rerun_nothing(copy, change):
    WORDING[change](copy)
    assert planned(copy) == NOTHING


# Code and packages -----------------------------------------------------------------------------

CODE = {
    ("augment.py", "warp"): after("augment_fold"),
    ("training.py", "train"): after("train_cell"),
    ("epochs.py", "forward"): after("train_cell"),
    ("network.py", "build_network"): after("train_cell"),
    ("checkpoints.py", "read_checkpoint"): after("train_cell"),
    ("prediction.py", "softmax"): after("predict_cell"),
    ("submissions.py", "write_submission"): after(*SUBMITTING, *COMPARING),
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
    ("analysis/choice.py", "pick_cell"): after("analyse_design", "plot_effects", "plot_published"),
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
    assert planned(copy) == CODE[module, function]


PINS = {
    "numba": after("augment_fold"),
    "statsmodels": after("analyse_design"),
    "tensorflow": after("train_cell"),
    "jinja2": after("write_report", "write_cards"),
    "scipy": after("tabulate_errors", "analyse_design"),
    "pygraphviz": after("draw_graphs"),
}


@pytest.mark.parametrize("package", PINS)
def test_a_changed_pin_reruns_the_rules_that_import_the_package(copy, package):
    replace(copy / "envs/requirements.txt", f"\n{package}==", f"\n{package}==9")
    assert planned(copy) == PINS[package]


# Configuration: a row for each key of the schema ------------------------------------------------

NEW_TRIALS = after("train_cell")
# Without published figures nobody asks for their plot.
FIGURES = after("check_references", "plot_cell", "plot_results", "analyse_design")
PUBLISHED = CONFIGURED | FIGURES - {"plot_published"}
KEYS = {
    "experiment": ("other", EVERYTHING),
    "dataset.source": ("csv", NOTHING),
    "dataset.train": ("data/raw/same.csv", CONFIGURED | after("ingest_train")),
    "dataset.test": ("data/raw/same_test.csv", CONFIGURED | after("ingest_test")),
    "dataset.test_labels": ("data/raw/same_answers.csv", CONFIGURED | after(*COMPARING)),
    "dataset.label": ("name", EVERYTHING),
    "dataset.image_shape": ([4, 16], EVERYTHING),
    "dataset.classes": ([*range(9), "nine"], EVERYTHING),
    "cross_validation.splits": (4, CONFIGURED | after("split_folds")),
    "cross_validation.folds": (
        [0, 1, 2],
        CONFIGURED | after("split_folds") - {"plot_augmentation"},
    ),
    "cross_validation.seed": (8, CONFIGURED | after("split_folds")),
    "augmentation.copies": (2, CONFIGURED | after("augment_fold")),
    "augmentation.translation": (0.2, CONFIGURED | after("augment_fold")),
    "augmentation.rotation": (0.2, CONFIGURED | after("augment_fold")),
    "augmentation.zoom": (0.2, CONFIGURED | after("augment_fold")),
    "augmentation.seed": (4, CONFIGURED | after("augment_fold")),
    "design.layers": ([1, 2, 3], CONFIGURED | NEW_TRIALS),
    "design.nodes": ([8, 16], CONFIGURED | NEW_TRIALS),
    "design.seeds": ([5, 6], CONFIGURED | NEW_TRIALS),
    "training.epochs": (13, CONFIGURED | NEW_TRIALS),
    "training.batch_size": (16, CONFIGURED | NEW_TRIALS),
    "training.optimizer": ("adam", CONFIGURED | NEW_TRIALS),
    "training.learning_rate": (0.2, CONFIGURED | NEW_TRIALS),
    "training.dropout": (0.3, CONFIGURED | NEW_TRIALS),
    "training.patience": (3, CONFIGURED | NEW_TRIALS),
    "training.device": ("auto", CONFIGURED | NEW_TRIALS),
    "published": (None, PUBLISHED),
    "cache": (None, CONFIGURED),
}


def schema_keys(folder: Path) -> set[str]:
    schema = yaml.safe_load((folder / "workflow/schemas/config.schema.yaml").read_text())
    return {
        f"{section}.{key}" if inner.get("type") == "object" else section
        for section, inner in schema["properties"].items()
        for key in inner.get("properties", {None: None})
    }


def test_every_key_of_the_schema_has_its_row(experiment):
    assert schema_keys(experiment.folder) == KEYS.keys()


@pytest.mark.parametrize("key", KEYS)
def test_a_changed_setting_reruns_the_rules_that_take_it(copy, key):
    raw = copy / "data" / "raw"
    with zipfile.ZipFile(raw / "digits.zip") as archive:
        (raw / "same.csv").write_bytes(archive.read("train.csv"))
        (raw / "same_test.csv").write_bytes(archive.read("test.csv"))
    shutil.copy(raw / "answers.csv", raw / "same_answers.csv")
    value, expected = KEYS[key]
    config = yaml.safe_load((copy / "small.yaml").read_text())
    section, _, name = key.rpartition(".")
    place = config[section] if section else config
    place[name] = value
    (copy / "small.yaml").write_text(yaml.safe_dump(config))
    complete(config, yaml.safe_load((copy / "workflow/schemas/config.schema.yaml").read_text()))
    assert planned(copy) == expected


def test_a_removed_cell_trains_nothing_and_the_tables_follow(copy):
    design = CONFIG["design"] | {"layers": [2]}
    (copy / "small.yaml").write_text(yaml.safe_dump(CONFIG | {"design": design}))
    gatherers = after(
        "tabulate_results",
        "tabulate_classes",
        "tabulate_errors",
        "write_ensemble",
        "embed_networks",
    )
    assert planned(copy) == CONFIGURED | gatherers


# Data and results -------------------------------------------------------------------------------


def change_pixel(folder: Path, member: str) -> None:
    archive = folder / "data/raw/digits.zip"
    rows = read_zip(archive, member)
    rows[1][20] = str(int(rows[1][20]) ^ 1)
    write_zip(archive, member, rows)


def change_bytes(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


CELL = "results/small/cells/layers-2_nodes-16/fold-2_seed-5"
DATA = {
    "a pixel of train.csv": (
        lambda folder: change_pixel(folder, "train.csv"),
        after("ingest_train"),
    ),
    "a pixel of test.csv": (
        lambda folder: change_pixel(folder, "test.csv"),
        after("ingest_test"),
    ),
    "a true test label": (
        lambda folder: (folder / "data/raw/answers.csv").write_text(
            (folder / "data/raw/answers.csv").read_text().replace("\n1,", "\n1,1", 1)
        ),
        after(*COMPARING),
    ),
    "a published figure": (
        lambda folder: replace(folder / "published/results.csv", "0.6125", "0.6126"),
        after("check_references", "plot_results", "analyse_design"),
    ),
    "a published curve": (
        lambda folder: replace(folder / "published/history.csv", "1.6", "1.7"),
        after("check_references", "plot_cell", "plot_results"),
    ),
    "a part of the page's template": (
        lambda folder: replace(folder / "workflow/report/page/page.css", "{", "{ --unused: 0;"),
        after("write_report"),
    ),
    "the template of a card": (
        lambda folder: replace(folder / "workflow/report/data_card.md.j2", "Data card", "Data"),
        after("write_cards"),
    ),
    "a plot deleted": (
        lambda folder: (folder / "results/small/plots/results/cost.svg").unlink(),
        after("plot_effects"),
    ),
    "a model deleted": (lambda folder: (folder / CELL / "model.keras").unlink(), NEW_TRIALS),
    "a submission deleted": (
        lambda folder: (folder / "results/small/submissions/Model-1L16N.csv").unlink(),
        after("write_submission"),
    ),
    "the page deleted": (
        lambda folder: (folder / "results/small/report/index.html").unlink(),
        after("write_report"),
    ),
    "a tensor deleted": (
        lambda folder: (folder / "results/small/tensors/fold-2.npz").unlink(),
        NOTHING,
    ),
    "a tensor corrupted": (
        lambda folder: change_bytes(folder / "results/small/tensors/fold-2.npz"),
        after("check_fold"),
    ),
}


@pytest.mark.parametrize("change", DATA)
def test_changed_data_and_lost_results_rerun_what_depends_on_them(copy, change):
    act, expected = DATA[change]
    act(copy)
    assert planned(copy) == expected


def test_a_corrupted_tensor_is_noticed_and_not_trained_on(copy):
    change_bytes(copy / "results/small/tensors/fold-2.npz")
    models = {path: path.read_bytes() for path in copy.rglob("model.keras")}
    run = snakemake(copy, "--cores", "2")
    assert run.returncode == 1
    errors = re.findall(r"^error: (.*)$", run.stdout + run.stderr, re.MULTILINE)
    assert len(errors) == 1
    assert errors[0].startswith("results/small/tensors/fold-2.npz: ")
    assert errors[0].endswith("delete it and run again")
    assert {path: path.read_bytes() for path in copy.rglob("model.keras")} == models
