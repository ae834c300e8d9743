"""Changed data and lost results of a finished experiment, and exactly the rules that run then."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import read_zip, snakemake, write_zip
from reruns import COMPARING, NEW_TRIALS, NOTHING, after, planned, replace


def change_pixel(folder: Path, member: str) -> None:
    archive = folder / "data/raw/digits.zip"
    rows = read_zip(archive, member)
    rows[1][20] = str(int(rows[1][20]) ^ 1)
    write_zip(archive, member, rows)


def change_bytes(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def put_older(path: Path, change: Callable[[Path], None]) -> None:
    """Put a changed copy of a file in its place that is dated years ago, as unzip or mv do."""
    other = path.with_name("older")
    shutil.copy(path, other)
    change(other)
    os.utime(other, (1_500_000_000,) * 2)
    other.replace(path)


def change_label(path: Path) -> None:
    replace(path, "\n1,", "\n1,1")


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
    "a true test label, in an older file": (
        lambda folder: put_older(folder / "data/raw/answers.csv", change_label),
        after(*COMPARING),
    ),
    "a published figure, in an older file": (
        lambda folder: put_older(
            folder / "published/results.csv", lambda path: replace(path, "0.6125", "0.6126")
        ),
        after("check_references", "plot_results", "analyse_design", "write_report"),
    ),
    "training images of a fold, in an older file": (
        lambda folder: put_older(folder / "results/small/folds/fold-0/train.parquet", change_bytes),
        after("augment_fold", "check_fold"),
    ),
    "a history, in an older file": (
        lambda folder: put_older(
            folder / CELL / "history.csv", lambda path: replace(path, "1", "2")
        ),
        after("tabulate_results"),
    ),
    "the same training images, in an older file": (
        lambda folder: put_older(
            folder / "results/small/folds/fold-0/train.parquet", lambda path: None
        ),
        NOTHING,
    ),
    "a published curve": (
        lambda folder: replace(folder / "published/history.csv", "1.6", "1.7"),
        after("check_references", "plot_cells", "plot_results"),
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
    "a history deleted": (lambda folder: (folder / CELL / "history.csv").unlink(), NEW_TRIALS),
    "metrics deleted": (lambda folder: (folder / CELL / "metrics.json").unlink(), NEW_TRIALS),
    "a submission deleted": (
        lambda folder: (folder / "results/small/submissions/Model-1L16N.csv").unlink(),
        after("write_submissions"),
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
