"""Paths, names and labels that a shell, CSV, plot or page could misinterpret, from end to end.

The checkout cannot be written to, so the run has a working folder elsewhere. It has credentials in
its environment and its home folder, which nothing may repeat. One of its two trainings fails, which
stops nothing else.
"""

import csv
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import ROOT, copy_checkout
from credentials import CANARY, leaks, run_with_credentials, write_home

READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
DIRTY = '- it\'s; $(touch canary) `touch canary` && touch canary > canary # "ü" * ?'
LABELS = ["T-shirt/top", "'; touch canary; '", "$(touch canary)", 'a, "b"', "<script>x</script>", 7]
CONFIG = {
    "experiment": "names",
    "dataset": {
        "train": f"{DIRTY}/{DIRTY}train.csv",
        "test": f"{DIRTY}/{DIRTY}test.csv",
        "test_labels": f"{DIRTY}/{DIRTY}answers.csv",
        "label": DIRTY,
        "image_shape": [8, 6],
        "classes": LABELS,
    },
    "cross_validation": {"splits": 2, "folds": [0]},
    "augmentation": {"copies": 1},
    "design": {"layers": [1], "nodes": [4], "learning_rate": [0.1, 1e30]},
    "training": {"epochs": 1, "device": "cpu"},
    "published": f"{DIRTY}published",
    "cache": f"{DIRTY}cache",
}


def write_rows(path: Path, rows: list[list[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def write_inputs(folder: Path) -> list[str]:
    """Write images of noise, the labels of the test images and published figures."""
    (folder / DIRTY).mkdir()
    rng, pixels = np.random.default_rng(0), [f"x{place}" for place in range(48)]
    labels = rng.permutation(np.array(LABELS * 8, object)).tolist()
    images = [[label, *rng.integers(0, 256, 48)] for label in labels]
    write_rows(folder / CONFIG["dataset"]["train"], [[DIRTY, *pixels], *images])
    truth = rng.permutation(np.array(LABELS * 3, object)).tolist()
    images = [list(rng.integers(0, 256, 48)) for _ in truth]
    write_rows(folder / CONFIG["dataset"]["test"], [pixels, *images])
    answers = [["ImageId", "Label"], *enumerate(truth, start=1)]
    write_rows(folder / CONFIG["dataset"]["test_labels"], answers)
    published = folder / CONFIG["published"]
    published.mkdir()
    (published / "results.csv").write_text("layers,nodes,val_accuracy\n1,4,0.25\n")
    (published / "history.csv").write_text(
        "layers,nodes,epoch,accuracy,loss,val_accuracy,val_loss\n1,4,1,0.2,1.8,0.25,1.7\n"
    )
    return list(map(str, truth))


def read_only(folder: Path) -> tuple[str, ...]:
    """A command in front of another for which a folder cannot be written to."""
    if os.geteuid():
        subprocess.run(["chmod", "-R", "a-w", folder], check=True)
        return ()
    command = ("unshare", "--mount", "sh", "-c", READ_ONLY, str(folder))
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        pytest.skip("root without the right to mount writes to any folder")
    return command


@pytest.fixture(scope="module")
def command(tmp_path_factory) -> Iterator[Callable[..., tuple[int, str]]]:
    """A function that runs Snakemake on a read-only checkout, in a working folder elsewhere."""
    folder = tmp_path_factory.mktemp("names")
    checkout, working = folder / "my project's checkout", folder / "größe & work"
    for made in (checkout, working):
        made.mkdir()
    copy_checkout(ROOT, checkout)
    write_home(folder / "home")
    where, before = ("-s", str(checkout / "Snakefile")), read_only(checkout)

    def run(*arguments: str) -> tuple[int, str]:
        more = (*where, *arguments)
        return run_with_credentials(working, folder / "home", CONFIG, *more, before=before)

    run.folder = working
    yield run
    subprocess.run(["chmod", "-R", "u+w", checkout], check=True)


@pytest.fixture(scope="module")
def run(command) -> tuple[Path, list[str], str]:
    """The working folder of a finished run, the true labels of its test images and its output."""
    truth = write_inputs(command.folder)
    status, output = command("--cores", "2")
    assert status == 1, output
    status, more = command("--report", "report.zip")
    assert status == 0, more
    assert CANARY not in output + more
    return command.folder, truth, output


def test_no_path_name_or_label_is_run_as_a_command(run):
    folder = run[0]
    assert not list(folder.parent.rglob("canary*"))


def test_nothing_that_is_written_holds_a_credential(run):
    folder = run[0]
    assert (folder / "report.zip").stat().st_size
    assert leaks(folder) == []


def test_the_same_command_again_only_says_which_training_failed(run, command):
    planned = re.search(r"^Job stats:\n.*?^total ", command("--dry-run")[1], re.M | re.DOTALL)[0]
    assert set(re.findall(r"^(\w+) +1$", planned, re.MULTILINE)) == {"all", "check_trials"}


def test_a_read_only_checkout_gives_its_templates_and_its_graph(run):
    report = run[0] / "results/names/report"
    assert (report / "index.html").stat().st_size > 100_000
    assert (report / "rulegraph.svg").exists()


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_all_tables_hold_the_labels_as_they_are(run):
    results, labels = run[0] / "results/names", list(map(str, LABELS))
    assert [row["label"] for row in read(results / "tables/classes.csv")] == labels
    assert [row["label"] for row in read(results / "tables/summary.csv")][:6] == labels
    pairs = [(row["label"], row["predicted"]) for row in read(results / "tables/confusion.csv")]
    assert pairs == [(a, b) for a in labels for b in labels]
    dataset = yaml.safe_load((results / "config.yaml").read_text())["dataset"]
    assert (dataset["classes"], dataset["label"]) == (LABELS, DIRTY)


def test_submissions_are_scored_against_the_true_labels(run):
    folder, truth, _ = run
    for path in (folder / "results/names/submissions").glob("*.csv"):
        submitted = [row["Label"] for row in read(path)]
        assert set(submitted) <= set(map(str, LABELS))
        score = json.loads(path.with_suffix(".json").read_text())["score"]
        if not submitted:
            assert score is None
            continue
        assert score == np.mean([a == b for a, b in zip(submitted, truth, strict=True)])


def test_page_and_cards_show_the_labels_as_texts(run):
    report = run[0] / "results/names/report"
    page = (report / "index.html").read_text()
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page
    for card in ("model_card.md", "data_card.md"):
        assert "<script>" not in (report / card).read_text()
    assert "| '; touch canary; ' | 8 |" in (report / "data_card.md").read_text()


def test_a_failed_training_is_reported_and_all_else_is_done(run):
    folder, _, output = run
    failed = re.findall(r"^error: (.*): epoch 1: the loss is", output, re.MULTILINE)
    assert set(failed) == {"learning rate 1e+30, fold 0, seed 422"}
    assert re.search(r"^error: 1 of 2 trainings failed, the rest finished: ", output, re.MULTILINE)
    assert "Traceback" not in output
    results = pd.read_csv(folder / "results/names/tables/results.csv")
    assert results["val_accuracy"].isna().tolist() == [False, True]
    page = (folder / "results/names/report/index.html").read_text()
    assert "learning rate 1e+30 has no result, as all trainings failed" in page
