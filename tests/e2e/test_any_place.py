"""A run from any folder, on a read-only checkout, under an account's settings."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, copy_checkout

SMALL = ["design={layers: [1], nodes: [4]}", "training={epochs: 1, batch_size: 512, device: cpu}"]
READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'


def snakemake(folder: Path, *arguments: str, before: tuple[str, ...] = (), **variables: str):
    """Run the demo's configuration from a folder, made small by --config."""
    command = [*before, sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
    return subprocess.run(
        [*command, "--config", *SMALL],
        cwd=folder,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def read_only(folder: Path) -> tuple[str, ...]:
    """A command in front of another for which a folder cannot be written to."""
    if os.geteuid():
        subprocess.run(["chmod", "-R", "a-w", folder], check=True)
        return ()
    command = ("unshare", "--mount", "sh", "-c", READ_ONLY, str(folder))
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        pytest.skip("root without the right to mount writes to any folder")
    return command


@pytest.fixture
def checkout(tmp_path):
    folder = tmp_path / "my project's checkout"
    folder.mkdir()
    copy_checkout(ROOT, folder)
    yield folder
    subprocess.run(["chmod", "-R", "u+w", tmp_path], check=True)


def test_a_checkout_that_cannot_be_written_to_serves_a_working_folder_elsewhere(checkout, tmp_path):
    working = tmp_path / "größe & work"
    working.mkdir()
    before = read_only(checkout)
    own = ("-s", str(checkout / "Snakefile"), "--directory", str(working))
    done = snakemake(tmp_path, *own, before=before)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    results = working / "results/demo"
    assert (results / "report/index.html").stat().st_size > 100_000
    assert (results / "report/rulegraph.svg").exists()
    assert (working / "data/demo/train.csv").exists()
    assert not (checkout / "data").exists()
    again = snakemake(working, "-n", "-s", str(checkout / "Snakefile"), before=before)
    assert "Nothing to be done" in again.stdout + again.stderr


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


def test_a_checkout_that_was_moved_has_nothing_to_do(checkout, tmp_path):
    targets = ("results/demo/config.yaml", "results/demo/data/test.parquet")
    done = snakemake(checkout, *targets)
    assert done.returncode == 0, done.stdout + done.stderr
    done = snakemake(checkout.rename(tmp_path / "moved"), *targets)
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
