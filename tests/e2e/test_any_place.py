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


@pytest.fixture
def checkout(tmp_path):
    folder = tmp_path / "my project's checkout"
    folder.mkdir()
    copy_checkout(ROOT, folder)
    return folder


def test_published_figures_that_come_with_the_project_are_found_from_elsewhere(checkout, tmp_path):
    (tmp_path / "raw").mkdir()
    for part in ("train", "test"):
        (tmp_path / f"raw/{part}.csv").write_text("")
    (tmp_path / "own.yaml").write_text(
        "experiment: own\ndataset: {train: raw/train.csv, test: raw/test.csv}\n"
        "published: config/published/digit-recognizer\n"
    )
    own = ("-n", "-p", "-s", str(checkout / "Snakefile"), "--configfile", "own.yaml")
    done = snakemake(tmp_path, *own)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "results/own/plots/results/published.svg" in done.stdout


TARGETS = ("results/demo/config.yaml", "results/demo/data/test.parquet")


def test_another_working_folder_has_the_demo_and_all_results(checkout, tmp_path):
    working = tmp_path / "größe & work"
    own = ("-s", str(checkout / "Snakefile"), "--directory", str(working))
    done = snakemake(tmp_path, *own, *TARGETS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (working / "data/demo/train.csv").exists()
    assert all((working / target).exists() for target in TARGETS)
    assert not {"data", "results", ".snakemake"} & {path.name for path in checkout.iterdir()}
    again = snakemake(working, "-n", "-s", str(checkout / "Snakefile"), *TARGETS)
    assert "Nothing to be done" in again.stdout + again.stderr


def test_a_checkout_that_was_moved_has_nothing_to_do(checkout, tmp_path):
    done = snakemake(checkout, *TARGETS)
    assert done.returncode == 0, done.stdout + done.stderr
    done = snakemake(checkout.rename(tmp_path / "moved"), *TARGETS)
    assert "Nothing to be done" in done.stdout + done.stderr


BROKEN = "raise ImportError('a package of the account')\n"


def test_an_account_s_python_path_reaches_no_job_and_the_run_says_so(checkout, tmp_path):
    for name in ("numpy", "pandas", "digits", "jsonschema"):
        (tmp_path / "account" / name).mkdir(parents=True)
        (tmp_path / "account" / name / "__init__.py").write_text(BROKEN)
    (tmp_path / "account/sitecustomize.py").write_text("")
    jobs = ("--until", "split_folds", "draw_graphs")
    done = snakemake(checkout, *jobs, PYTHONPATH=str(tmp_path / "account"))
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    assert output.count("note: PYTHONPATH is set but ignored by jobs\n") == 1
    assert (checkout / "results/demo/folds/fold-0/train.parquet").exists()
    assert "Traceback" not in output


def test_without_such_settings_nothing_is_said(checkout):
    done = snakemake(checkout, "-n")
    assert done.returncode == 0
    assert "note:" not in done.stdout + done.stderr
