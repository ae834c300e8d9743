"""Configuration files in a run: those that come with the project, and what is refused."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from digits.config.configuration import complete
from digits.data.image_tables import read_images

ROOT = Path(__file__).parents[2]


def test_the_configuration_of_another_data_set_is_three_lines():
    text = (ROOT / "config/fashion.yaml").read_text()
    assert len([line for line in text.splitlines() if not line.startswith("#")]) == 3
    complete(yaml.safe_load(text))


def write_fashion(folder, part, each):
    """Write a CSV as those of Fashion-MNIST, with some random images of each class."""
    rng = np.random.default_rng(each)
    names = ["label", *(f"pixel{number}" for number in range(1, 785))]
    labels = rng.permutation(np.repeat(np.arange(10), each))
    rows = np.column_stack([labels, rng.integers(0, 256, (len(labels), 784))])
    path = folder / f"fashion-mnist_{part}.csv"
    np.savetxt(path, rows, fmt="%d", delimiter=",", header=",".join(names), comments="")
    return rows


def test_the_example_of_another_data_set_takes_its_files_as_they_are(checkout):
    folder = checkout / "data/fashion"
    folder.mkdir(parents=True)
    given = {part: write_fashion(folder, part, each) for part, each in (("train", 6), ("test", 2))}
    jobs = ("--until", "check_references", "check_fold")
    status, output = run(checkout, "--cores=1", *jobs, "--configfile=config/fashion.yaml")
    assert status == 0, output
    for part, rows in given.items():
        table = read_images(checkout / f"results/fashion/data/{part}.parquet")
        np.testing.assert_array_equal(table.labels, rows[:, 0])
        np.testing.assert_array_equal(table.images.reshape(len(rows), 784), rows[:, 1:])
    check = json.loads((checkout / "results/fashion/folds/fold-0/check.json").read_text())
    assert check == {"train": 48, "validation": 12, "tensor": 480}


@pytest.fixture
def checkout(tmp_path):
    for part in ("Snakefile", "config", "envs", "profiles", "scripts", "workflow"):
        source = ROOT / part
        if source.is_dir():
            # What numba compiled goes along, but for files that another process is just writing.
            ignore = shutil.ignore_patterns("*.tmp.*", "*.pyc.*", "tmp*")
            shutil.copytree(source, tmp_path / part, ignore=ignore)
        else:
            shutil.copy(source, tmp_path)
    return tmp_path


def test_raw_files_to_train_on_are_read_first_and_on_two_cores(checkout):
    status, output = dry_run(checkout, "-p", "--cores=2")
    jobs = re.findall(r"rule ingest_images:\n((?: {4}.*\n)+)", output)
    assert status == 0
    train, test = sorted(jobs, key=lambda job: "part=test" in job)
    assert "threads: 2" in train
    assert "threads: 2" not in test
    first, second = (int(re.search(r"priority: (\d+)", job)[1]) for job in (train, test))
    assert first > second


def test_a_cell_that_is_added_has_all_cores(checkout):
    cells = [f"layers-{layers}_nodes-{nodes}" for layers in (2, 3, 5) for nodes in (100, 200)]
    for cell in cells[:-1]:
        for seed in (1, 2):
            model = checkout / f"results/demo/cells/{cell}/fold-0_seed-{seed}/model.keras"
            model.parent.mkdir(parents=True)
            model.touch()
    status, output = dry_run(checkout, "-p", "--cores=2", "--config", "design={seeds: [1, 2]}")
    assert status == 0
    trainings = re.findall(r"rule train_cell:\n(?: {4}.*\n)+", output)
    assert len(trainings) == 6
    wide = [job for job in trainings if "threads: 2" in job]
    assert [f"cell={cells[-1]}" in job for job in wide] == [True]


def dry_run(checkout, *arguments):
    return run(checkout, "--dry-run", *arguments)


def run(checkout, *arguments):
    command = [sys.executable, "-m", "snakemake", *arguments]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_missing_raw_files_are_told_in_one_line_with_the_ways_to_get_them(checkout, monkeypatch):
    forget_credentials(monkeypatch, checkout / "home")
    status, output = dry_run(checkout, "--configfile", "config/kaggle.yaml")
    lines = [line for line in output.splitlines() if line.startswith("error:")]
    assert status == 1
    assert len(lines) == 1
    assert "data/raw/train.csv" in lines[0]
    assert "kaggle.com/competitions/digit-recognizer" in lines[0]
    assert "kaggle competitions download" in lines[0]
    assert "; or have the run download it: " in lines[0]
    assert "Traceback" not in output


def forget_credentials(monkeypatch, home):
    """Let a run find no credentials of Kaggle, whoever runs the tests."""
    for name in ("KAGGLE_API_TOKEN", "KAGGLE_KEY", "KAGGLE_CONFIG_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))


def test_what_results_are_compared_with_has_to_be_there(checkout):
    (checkout / "raw").mkdir()
    for name in ("train", "test", "results"):
        (checkout / f"raw/{name}.csv").write_text("")
    (checkout / "own.yaml").write_text(
        "experiment: own\ndataset: {train: raw/train.csv, test: raw/test.csv}\npublished: raw\n"
    )
    status, output = dry_run(checkout, "--configfile", "own.yaml")
    lines = [line for line in output.splitlines() if line.startswith(("error:", "Traceback"))]
    assert status == 1
    assert lines == ["error: config: published: raw/history.csv: no such file"]


@pytest.mark.parametrize(
    "more", [(), ("--workflow-profile", "none", "--config", "training={dropout: 0.1}")]
)
def test_a_config_file_takes_the_place_of_the_demo_s(checkout, more):
    raw = checkout / "raw"
    raw.mkdir()
    (raw / "train.csv").write_text("label,pixel0\n0,0\n")
    (raw / "test.csv").write_text("pixel0\n0\n")
    (checkout / "own.yaml").write_text(
        "experiment: own\ndataset: {train: raw/train.csv, test: raw/test.csv}\n"
    )
    status, output = dry_run(checkout, "--configfile", "own.yaml", *more, "-p")
    assert status == 0, output
    # Nothing of the demo is mixed in: neither its data nor its test labels nor its epochs.
    assert "results/own/" in output
    assert '"epochs": 10,' in output
    assert "make_demo" not in output
    assert "data/demo" not in output


def test_values_of_the_command_line_add_to_the_demo_s(checkout):
    given = ("experiment=short", "training={epochs: 2}", "design={layers: [1], nodes: [5, 6]}")
    status, output = dry_run(checkout, "-p", "--config", *given)
    assert status == 0, output
    assert re.search(r"^train_cell +2$", output, re.MULTILINE)
    assert "results/short/cells/layers-1_nodes-5/" in output
    assert '"epochs": 2, "batch_size": 64,' in output
    assert "data/demo/train.csv" in output


def test_values_of_the_command_line_are_checked_as_those_of_a_file(checkout):
    status, output = dry_run(checkout, "--config", "training={epochs: two}")
    assert status == 1
    fault = "error: config: training.epochs: expected a whole number, found 'two'"
    assert [line[: len(fault)] for line in output.splitlines() if "error" in line] == [fault]


def test_configuration_without_a_name_is_refused(checkout):
    (checkout / "own.yaml").write_text("dataset: {train: a.csv, test: b.csv}\n")
    status, output = dry_run(checkout, "--configfile", "own.yaml")
    assert status == 1
    assert "error: config: experiment: this key is required" in output.splitlines()
