"""Experiments whose results are in object storage: same results, reruns, and what goes wrong."""

import csv
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import yaml
from sklearn.datasets import load_digits

pytest.importorskip("moto", reason="make test-s3 installs the stand-in for S3")

from s3_server import BUCKET, Storage

ROOT = Path(__file__).parents[2]
CONFIG = {
    "experiment": "own",
    "dataset": {
        "train": "raw/train.csv",
        "test": "raw/test.csv",
        "test_labels": "raw/answers.csv",
        "image_shape": [8, 8],
    },
    "cross_validation": {"splits": 3, "folds": [0]},
    "augmentation": {"copies": 1},
    "design": {"layers": [1, 2], "nodes": [8], "seeds": [5]},
    "training": {"epochs": 3, "learning_rate": 0.1, "device": "cpu"},
    "published": "published",
}


def write_csv(path: Path, rows) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


def write_inputs(folder: Path) -> Path:
    """Write what a user has: raw files, published figures and a configuration."""
    digits = load_digits()
    images = np.round(digits.images[:300] * 255 / 16).astype(int).reshape(-1, 64)
    names = [f"pixel{number}" for number in range(64)]
    labelled = np.column_stack([digits.target[:240], images[:240]]).tolist()
    write_csv(folder / "raw/train.csv", [["label", *names], *labelled])
    write_csv(folder / "raw/test.csv", [names, *images[240:].tolist()])
    answers = enumerate(digits.target[240:300].tolist(), start=1)
    write_csv(folder / "raw/answers.csv", [["ImageId", "Label"], *answers])
    write_csv(folder / "published/results.csv", [["layers", "nodes", "val_accuracy"], [1, 8, 0.5]])
    columns = ["layers", "nodes", "epoch", "accuracy", "loss", "val_accuracy", "val_loss"]
    write_csv(folder / "published/history.csv", [columns, [1, 8, 1, 0.4, 1.6, 0.5, 1.5]])
    (folder / "own.yaml").write_text(yaml.safe_dump(CONFIG))
    return folder


class User:
    """Someone who types commands in a folder, with results in a folder of the bucket or here."""

    def __init__(
        self, folder: Path, storage: Storage, place: str | None, *, profile: bool = True
    ) -> None:
        self.folder, self.storage, self.place, self.profile = folder, storage, place, profile

    def command(self, *arguments: str) -> list[str]:
        cores = str(len(os.sched_getaffinity(0)))
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
        command += ["--workflow-profile", str(ROOT / "profiles/default"), "--cores", cores]
        if self.place:
            profile = ["--profile", str(ROOT / "profiles/s3")]
            command += profile if self.profile else ["--default-storage-provider", "s3"]
            command += ["--default-storage-prefix", self.place]
            command += ["--storage-s3-endpoint-url", self.storage.address]
            command += ["--storage-s3-retries", "2"]
        return [*command, "--configfile", "own.yaml", *arguments]

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen:
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.folder,
            env=os.environ | self.storage.credentials | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str, **variables: str) -> tuple[int, str]:
        """Run Snakemake, and return its exit status and what it printed."""
        process = self.start(*arguments, **variables)
        printed, _ = process.communicate(timeout=900)
        return process.returncode, printed

    def planned(self, *arguments: str) -> set[str]:
        """The rules that would run."""
        status, printed = self.run("-n", *arguments)
        assert status == 0, printed
        if "Nothing to be done" in printed:
            return set()
        table = re.search(r"Job stats:\njob +count\n[- ]+\n(.*?)\ntotal", printed, re.DOTALL)
        return set(re.findall(r"^(\w+)", table[1], re.MULTILINE)) - {"all"}


@pytest.fixture(scope="module")
def finished(storage, tmp_path_factory):
    """A user whose experiment has come to its end, with its results in the bucket."""
    folder = write_inputs(tmp_path_factory.mktemp("stored"))
    user = User(folder, storage, f"s3://{BUCKET}/finished")
    status, printed = user.run()
    assert status == 0, printed
    user.printed = printed
    return user


def said(printed: str) -> list[str]:
    """The lines that were printed, but for the one that names the profiles."""
    return [line for line in printed.splitlines() if not line.startswith("Using profile")]


def errors(printed: str) -> list[str]:
    return [line for line in printed.splitlines() if line.startswith("error:")]


def test_the_results_are_those_of_a_run_without_storage(finished, storage, tmp_path):
    here = User(write_inputs(tmp_path), storage, None)
    # Trainings that are taken from the store took the same time.
    (tmp_path / ".cache").symlink_to(finished.folder / ".cache")
    status, printed = here.run()
    assert status == 0, printed
    results = tmp_path / "results/own"
    made = {str(path.relative_to(results)) for path in results.rglob("*") if path.is_file()}
    assert storage.names("finished/results/own") == made | {"records.zip"}
    timed = {name for name in made if name.startswith(("logs/", "benchmarks/"))}
    page = "report/index.html"
    for name in made - timed - {page, "tables/costs.csv"}:
        assert storage.read(f"finished/results/own/{name}") == (results / name).read_bytes(), name
    there = storage.read(f"finished/results/own/{page}").decode()
    assert without_numbers(there) == without_numbers((results / page).read_text())


def without_numbers(page: str) -> str:
    """A report without its numbers, so without the costs of the rules, which may be unknown."""
    return re.sub(r"[\d.,]+%?|\u2013", "#", page)


def test_what_is_done_is_not_done_again(finished, storage, tmp_path):
    assert finished.planned() == set()
    for path in finished.folder.rglob("*.csv"):
        os.utime(path)
    assert finished.planned() == set()
    # Elsewhere, with what the user has and nothing that a run has made.
    elsewhere = User(write_inputs(tmp_path), storage, finished.place)
    assert elsewhere.planned() == set()
    status, printed = elsewhere.run()
    assert (status, "Nothing to be done" in printed) == (0, True), printed


@pytest.mark.parametrize("fresh", [False, True], ids=["here", "elsewhere"])
def test_a_changed_setting_reruns_what_takes_it_and_a_new_cell_trains_only_itself(
    finished, storage, tmp_path, fresh
):
    user = User(write_inputs(tmp_path), storage, finished.place) if fresh else finished
    margin = user.planned("--config", "analysis={margin: 0.02}")
    assert "analyse_design" in margin
    assert not margin & {"train_cell", "predict_cell", "tabulate_results", "split_folds"}
    everything = user.planned("--config", "training={dropout: 0.5}")
    assert {"train_cell", "write_report"} <= everything
    assert not everything & {"ingest_images", "split_folds", "augment_fold", "check_fold"}
    status, printed = user.run("-n", "--config", "design={layers: [1, 2, 3]}")
    assert re.search(r"^train_cell +1$", printed, re.MULTILINE), printed
    assert status == 0


def test_the_status_is_read_off_the_copies_and_no_secret_is_in_any(finished, storage):
    command = [sys.executable, str(ROOT / "scripts/show_status.py"), "--experiment", "own"]
    shown = subprocess.run(command, cwd=finished.folder, capture_output=True, text=True, check=True)
    assert "2 of 2 trainings" in shown.stdout, shown.stdout
    files = [path for path in finished.folder.rglob("*") if path.is_file()]
    secret = storage.credentials["AWS_SECRET_ACCESS_KEY"].encode()
    assert [path for path in files if secret in path.read_bytes()] == []


def test_without_copies_only_what_changed_runs_again_too(finished, storage, tmp_path):
    user = User(write_inputs(tmp_path), storage, finished.place, profile=False)
    margin = ("--config", "analysis={margin: 0.03}")
    status, printed = user.run(*margin)
    assert status == 0, printed
    assert "to train" not in printed
    assert not list((tmp_path / ".snakemake/storage").rglob("*.csv"))
    assert user.planned(*margin) == set()
    # The records of that run are those that count for others.
    shutil.rmtree(finished.folder / ".snakemake/storage")
    assert finished.planned(*margin) == set()
    assert "analyse_design" in finished.planned()


@pytest.mark.parametrize(
    ("variables", "bucket", "expected"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, BUCKET, "credentials"),
        ({"AWS_ACCESS_KEY_ID": "AKIAWRONG"}, BUCKET, "credentials"),
        ({}, "experimens", "no such bucket"),
    ],
    ids=["secret", "key", "bucket"],
)
def test_what_is_wrong_with_the_storage_is_one_line(storage, tmp_path, variables, bucket, expected):
    user = User(write_inputs(tmp_path), storage, f"s3://{bucket}/wrong")
    status, printed = user.run(**variables)
    assert status == 1
    (line,) = said(printed)
    assert line.startswith(f"error: s3://{bucket}: ")
    assert expected in line
    assert storage.buckets == [BUCKET]


def test_a_server_that_is_not_there_is_one_line(finished, storage, tmp_path):
    user = User(write_inputs(tmp_path), storage, f"s3://{BUCKET}/nowhere")
    status, printed = user.run("--storage-s3-endpoint-url", "http://127.0.0.1:9")
    assert status == 1
    (line,) = said(printed)
    assert "does not answer" in line


def test_a_run_whose_server_goes_away_is_continued_by_the_same_command(finished, storage, tmp_path):
    user = User(write_inputs(tmp_path), storage, f"s3://{BUCKET}/broken")
    process = user.start()
    while process.poll() is None and not storage.names("broken/results/own/cells"):
        time.sleep(0.1)
    storage.go_away()
    try:
        printed, _ = process.communicate(timeout=300)
    finally:
        storage.come_back()
    assert process.returncode == 1
    (line,) = errors(printed)
    assert "does not answer" in line
    assert "Traceback" not in printed
    status, printed = user.run()
    assert status == 0, printed
    assert "taken from the store" in printed or "1 cell to train" in printed
    for name in ("tables/effects.csv", "submissions/Model-ensemble.csv"):
        same = [storage.read(f"{run}/results/own/{name}") for run in ("finished", "broken")]
        assert same[0] == same[1]
    assert user.planned() == set()
