"""Credentials in the environment and the user's home are in nothing that a run writes."""

import base64
import gzip
import io
import json
import os
import subprocess
import sys
import zipfile

import pyarrow.parquet as pq
import pytest
import yaml
from conftest import CONFIG, ROOT, copy_checkout

CANARY = "canary-5d41402abc4b"
ENVIRONMENT = {
    "KAGGLE_USERNAME": f"{CANARY}-name",
    "KAGGLE_KEY": f"{CANARY}-key",
    "KAGGLE_API_TOKEN": f"{CANARY}-token",
}
SMALLEST = CONFIG | {
    "cross_validation": {"splits": 3, "folds": [1]},
    "design": {"layers": [1], "nodes": [4], "seeds": [5]},
    "training": {"epochs": 1, "device": "cpu"},
}
NEEDLES = [CANARY.encode(), base64.b64encode(CANARY.encode())[:20], CANARY.encode().hex().encode()]


def run(folder, home, config, *arguments):
    (folder / "small.yaml").write_text(yaml.safe_dump(config))
    command = [sys.executable, "-m", "snakemake", "--configfile", "small.yaml", *arguments]
    environment = os.environ | ENVIRONMENT | {"HOME": str(home)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def contents(name, content):
    """Give what a file holds: as it is, unpacked, and the metadata of a Parquet table."""
    yield name, content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield from contents(f"{name}::{member}", archive.read(member))
    elif content.startswith(b"\x1f\x8b"):
        yield from contents(f"{name}::", gzip.decompress(content))
    elif content.startswith(b"PAR1"):
        table = pq.read_table(io.BytesIO(content))
        yield f"{name}::", (str(table.schema.metadata) + str(table.slice(0, 9))).encode()


def leaks(folder):
    """The names of the files, packed ones too, that hold the canary in any of its forms."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    parts = (part for path in files for part in contents(str(path), path.read_bytes()))
    return [name for name, content in parts if any(needle in content for needle in NEEDLES)]


@pytest.fixture
def folder(experiment, tmp_path):
    """A checkout with the raw files of the finished experiment, and a home with credentials."""
    (tmp_path / "checkout/data").mkdir(parents=True)
    copy_checkout(ROOT, tmp_path / "checkout")
    for part in ("data/raw", "published"):
        (tmp_path / "checkout" / part).symlink_to(experiment.folder / part)
    (tmp_path / "home/.kaggle").mkdir(parents=True)
    key = {"username": f"{CANARY}-name", "key": f"{CANARY}-key"}
    (tmp_path / "home/.kaggle/kaggle.json").write_text(json.dumps(key))
    return tmp_path / "checkout"


def test_nothing_that_is_written_or_printed_holds_a_credential(folder):
    home = folder.parent / "home"
    code, output = run(folder, home, SMALLEST, "--cores", "2")
    assert code == 0, output
    for name in ("report.html", "report.zip"):
        code, told = run(folder, home, SMALLEST, "--report", name)
        assert code == 0, told
        output += told
    assert CANARY not in output
    assert (folder / "report.zip").stat().st_size
    assert leaks(folder) == []


def test_a_run_whose_job_fails_tells_no_credential(folder):
    home = folder.parent / "home"
    (folder / "answers.csv").write_text("ImageId,Label\n1,eleven\n")
    dataset = SMALLEST["dataset"] | {"test_labels": "answers.csv"}
    config = SMALLEST | {"dataset": dataset}
    code, output = run(folder, home, config, "--cores", "2", "--verbose", "--printshellcmds")
    assert code == 1
    assert "error: answers.csv, row 2, column Label: expected an integer from 0 to 9" in output
    assert "Error in rule check_references" in output
    assert CANARY not in output
    assert leaks(folder) == []


def test_the_search_finds_what_is_hidden(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(CANARY.encode()))
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "a.gz", "inner")
    assert len(leaks(tmp_path)) == 2


@pytest.mark.parametrize(
    "address", [f"https://someone:{CANARY}@host/train.csv", f"someone:{CANARY}@host:train.csv"]
)
def test_a_password_in_a_path_is_refused_and_not_repeated(folder, address):
    config = SMALLEST | {"dataset": SMALLEST["dataset"] | {"train": address}}
    code, output = run(folder, folder.parent / "home", config, "--cores", "2")
    assert code == 1
    assert "error: config: dataset.train: expected no address" in output
    assert CANARY not in output
    (folder / "small.yaml").unlink()
    assert leaks(folder) == []
