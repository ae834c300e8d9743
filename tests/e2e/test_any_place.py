"""A run from any folder and under an account's settings."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import COMPILING, ROOT, copy_checkout

SMALL = ["design={layers: [1], nodes: [4]}", "training={epochs: 1, batch_size: 512, device: cpu}"]


def snakemake(folder: Path, *arguments: str, **variables: str):
    """Run the demo's configuration from a folder, made small by --config."""
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
    return subprocess.run(
        [*command, "--config", *SMALL],
        cwd=folder,
        env=COMPILING | variables,
        capture_output=True,
        text=True,
        check=False,
    )


TARGETS = ("config.yaml", "data/test.parquet", "report/rulegraph.svg")
BROKEN = "raise ImportError('a package of the account')\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a checkout, a working folder and an account's packages, all of them broken."""
    place = tmp_path_factory.mktemp("place") / "here"
    (place / "my project's checkout").mkdir(parents=True)
    copy_checkout(ROOT, place / "my project's checkout")
    (place / "größe & work").mkdir()
    for name in ("numpy", "pandas", "digits", "jsonschema"):
        (place / "account" / name).mkdir(parents=True)
        (place / "account" / name / "__init__.py").write_text(BROKEN)
    (place / "account/sitecustomize.py").write_text("")
    return place


@pytest.fixture(scope="module")
def done(place):
    """A run in the working folder, whose jobs import of the account what they can."""
    return run(place, PYTHONPATH=str(place / "account"))


def run(place: Path, *arguments: str, **variables: str):
    """Make some results of the demo in the working folder, from the folder above it."""
    own = ("-s", f"{place}/my project's checkout/Snakefile", "--directory", f"{place}/größe & work")
    targets = [f"results/demo/{target}" for target in TARGETS]
    return snakemake(place, *own, *arguments, *targets, **variables)


def test_another_working_folder_has_the_demo_and_all_results(done, place):
    assert done.returncode == 0, done.stdout + done.stderr
    working = place / "größe & work"
    assert (working / "data/demo/train.csv").exists()
    assert all((working / "results/demo" / target).exists() for target in TARGETS)
    checkout = {path.name for path in (place / "my project's checkout").iterdir()}
    assert not {"data", "results", ".snakemake"} & checkout


def test_an_account_s_python_path_reaches_no_job_and_the_run_says_so(done):
    output = done.stdout + done.stderr
    assert output.count("note: PYTHONPATH is set but ignored by jobs\n") == 1
    assert "Traceback" not in output


def test_a_project_that_was_moved_has_nothing_to_do(done, place):
    again = run(place.rename(place.with_name("there")), "-n")
    assert "Nothing to be done" in again.stdout + again.stderr


def test_published_figures_that_come_with_the_project_are_found_from_elsewhere(tmp_path):
    (tmp_path / "raw").mkdir()
    for part in ("train", "test"):
        (tmp_path / f"raw/{part}.csv").write_text("")
    (tmp_path / "own.yaml").write_text(
        "experiment: own\ndataset: {train: raw/train.csv, test: raw/test.csv}\n"
        "published: config/published/digit-recognizer\n"
    )
    own = ("-n", "-p", "-s", str(ROOT / "Snakefile"), "--configfile", "own.yaml")
    done = snakemake(tmp_path, *own)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "results/own/plots/results/published.svg" in done.stdout
    # Nothing is said of settings that the account does not have.
    assert "note:" not in done.stdout + done.stderr
