"""Labels that a shell, CSV, plot or page could misinterpret, from end to end."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from conftest import ROOT, copy_checkout, snakemake

LABELS = ["T-shirt/top", "'; touch canary; '", "$(touch canary)", 'a, "b"', "<script>x</script>", 7]
CONFIG = {
    "experiment": "labels",
    "dataset": {
        "train": "train.csv",
        "test": "test.csv",
        "label": "kind",
        "image_shape": [8, 6],
        "classes": LABELS,
    },
    "cross_validation": {"splits": 2},
    "augmentation": {"copies": 1},
    "design": {"layers": [1], "nodes": [4]},
    "training": {"epochs": 1, "device": "cpu"},
}


def write_images(path: Path, each: int) -> list[str]:
    """Write images of a random pattern per class; return their labels."""
    rng = np.random.default_rng(each)
    labels = rng.permutation(np.array(LABELS * each, object))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["kind", *(f"x{place}" for place in range(48))])
        writer.writerows([label, *rng.integers(0, 256, 48)] for label in labels)
    return [str(label) for label in labels]


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> tuple[Path, list[str]]:
    folder = tmp_path_factory.mktemp("labels")
    copy_checkout(ROOT, folder)
    write_images(folder / "train.csv", 8)
    truth = write_images(folder / "test.csv", 3)
    (folder / "small.yaml").write_text(yaml.safe_dump(CONFIG))
    done = snakemake(folder, "--cores", "4")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, truth


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_no_label_is_run_as_a_command(run):
    folder, _ = run
    assert not list(folder.rglob("canary*"))


def test_all_tables_hold_the_labels_as_they_are(run):
    results, labels = run[0] / "results/labels", list(map(str, LABELS))
    assert [row["label"] for row in read(results / "tables/classes.csv")] == labels
    assert [row["label"] for row in read(results / "tables/summary.csv")][:6] == labels
    pairs = [(row["label"], row["predicted"]) for row in read(results / "tables/confusion.csv")]
    assert pairs == [(a, b) for a in labels for b in labels]
    assert yaml.safe_load((results / "config.yaml").read_text())["dataset"]["classes"] == LABELS


def test_submissions_are_scored_against_the_labels_of_the_test_file(run):
    folder, truth = run
    for path in (folder / "results/labels/submissions").glob("*.csv"):
        submitted = [row["Label"] for row in read(path)]
        assert set(submitted) <= set(map(str, LABELS))
        score = json.loads(path.with_suffix(".json").read_text())["score"]
        assert score == np.mean([a == b for a, b in zip(submitted, truth, strict=True)])


def test_page_and_cards_show_the_labels_as_texts(run):
    report = run[0] / "results/labels/report"
    page = (report / "index.html").read_text()
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page
    for card in ("model_card.md", "data_card.md"):
        assert "<script>" not in (report / card).read_text()
    assert "| '; touch canary; ' | 8 |" in (report / "data_card.md").read_text()
