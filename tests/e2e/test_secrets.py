"""Credentials in the environment and the user's home are in nothing that a failed run writes."""

import gzip
import zipfile

import pytest
from conftest import CONFIG, ROOT, copy_checkout
from credentials import CANARY, leaks, run_with_credentials, write_home

SMALLEST = CONFIG | {
    "cross_validation": {"splits": 3, "folds": [1]},
    "design": {"layers": [1], "nodes": [4], "seeds": [5]},
    "training": {"epochs": 1, "device": "cpu"},
}


@pytest.fixture
def folder(experiment, tmp_path):
    """A checkout with the raw files of the finished experiment, and a home with credentials."""
    (tmp_path / "checkout/data").mkdir(parents=True)
    copy_checkout(ROOT, tmp_path / "checkout")
    for part in ("data/raw", "published"):
        (tmp_path / "checkout" / part).symlink_to(experiment.folder / part)
    write_home(tmp_path / "home")
    return tmp_path / "checkout"


def test_a_run_whose_job_fails_prints_no_credential(folder):
    home = folder.parent / "home"
    (folder / "answers.csv").write_text("ImageId,Label\n1,eleven\n")
    dataset = SMALLEST["dataset"] | {"test_labels": "answers.csv"}
    config = SMALLEST | {"dataset": dataset}
    options = ("--cores", "2", "--verbose", "--printshellcmds", "--until")
    code, output = run_with_credentials(
        folder, home, config, *options, "check_references", "write_config"
    )
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
    code, output = run_with_credentials(folder, folder.parent / "home", config, "--cores", "2")
    assert code == 1
    assert "error: config: dataset.train: expected no address" in output
    assert CANARY not in output
    (folder / "small.yaml").unlink()
    assert leaks(folder) == []
