"""Raw files replaced by others whose date is earlier than that of the results."""

import gzip
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, copy_checkout

TARGETS = [f"results/own/data/{part}.parquet" for part in ("train", "test")]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("finished")
    copy_checkout(ROOT, folder)
    (folder / "raw").mkdir()
    (folder / "raw/train.csv").write_text("label,pixel0\n0,5\n1,6\n")
    with gzip.open(folder / "raw/test.csv.gz", "wt") as file:
        file.write("pixel0\n7\n")
    (folder / "own.yaml").write_text(
        "experiment: own\n"
        "dataset: {train: raw/train.csv, test: raw/test.csv, image_shape: [1, 1], classes: 2}\n"
    )
    assert "error" not in run(folder, "--cores=2")
    return folder


@pytest.fixture
def checkout(finished, tmp_path):
    """A checkout that has read its own plain training images and gzipped test images."""
    return shutil.copytree(finished, tmp_path / "copy")


def run(checkout: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "snakemake", *arguments, *TARGETS, "--configfile", "own.yaml"]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def put_older(path: Path, content: bytes) -> None:
    """Put another file in the place of one, dated years ago, as unzip, tar and mv do."""
    other = path.with_name("other")
    other.write_bytes(content)
    os.utime(other, (1_500_000_000,) * 2)
    other.replace(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("train.csv", b"label,pixel0\n0,5\n1,9\n"),
        ("test.csv.gz", gzip.compress(b"pixel0\n9\n")),
    ],
    ids=["plain", "gzipped"],
)
def test_other_images_are_noticed_whatever_their_date(checkout, name, content):
    put_older(checkout / "raw" / name, content)
    planned = re.findall(r"^rule ingest_images:\n(?:.*\n)*?    wildcards: part=(\w+)",
                         run(checkout, "-n", "-p"), re.MULTILINE)  # fmt: skip
    assert planned == [name.partition(".")[0]]


def test_the_same_images_under_another_date_rerun_nothing(checkout):
    path = checkout / "raw/train.csv"
    put_older(path, path.read_bytes())
    assert "Nothing to be done" in run(checkout, "-n")
    os.utime(path)
    assert "Nothing to be done" in run(checkout, "-n")
