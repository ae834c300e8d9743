"""Runs whose jobs are Snakemake processes of their own, as those on a cluster are."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, copy_checkout

SUBMIT = '#!/bin/sh\nbash "$1" >>jobs.log 2>&1 &\necho $!\n'
"""A queue that starts each job at once."""

pytestmark = pytest.mark.skipif(
    shlex.quote(sys.executable) != sys.executable,
    reason="Snakemake's executors for clusters do not quote the path of the interpreter",
)

RESOLVED = ("results/own/config.yaml",)


@pytest.fixture
def checkout(tmp_path):
    """A checkout with images of its own, whose configuration says nothing of the training."""
    copy_checkout(ROOT, tmp_path)
    (tmp_path / "raw").mkdir()
    for part, header in (("train", "label,pixel0"), ("test", "pixel0")):
        (tmp_path / f"raw/{part}.csv").write_text(f"{header}\n0,0\n")
    (tmp_path / "own.yaml").write_text(
        "experiment: own\ndataset: {train: raw/train.csv, test: raw/test.csv}\n"
    )
    (tmp_path / "submit").write_text(SUBMIT)
    (tmp_path / "submit").chmod(0o755)
    return tmp_path


def submit(
    checkout: Path, targets: tuple[str, ...], *arguments: str
) -> subprocess.CompletedProcess:
    """Run the workflow as users of a cluster type it: with --jobs and without --cores."""
    command = [sys.executable, "-m", "snakemake", "--executor", "cluster-generic", "--jobs", "2"]
    command += ["--cluster-generic-submit-cmd", "./submit", "--seconds-between-status-checks", "1"]
    return subprocess.run(
        [*command, *targets, "--configfile", "own.yaml", *arguments],
        cwd=checkout,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,  # of a job that could not start, this executor never hears
    )


def test_jobs_of_a_cluster_have_the_user_s_configuration_and_nothing_of_the_demo_s(checkout):
    config = ("--config", "training={dropout: 0.5}")
    done = submit(checkout, RESOLVED, *config)
    assert done.returncode == 0, done.stdout + done.stderr
    resolved = yaml.safe_load((checkout / "results/own/config.yaml").read_text())
    assert resolved["training"]["epochs"] == 10, "the default, not the demo's 50"
    assert resolved["training"]["dropout"] == 0.5
    assert resolved["dataset"]["test_labels"] is None
    # A whole run is planned with jobs and without cores, too; what is there stays.
    whole = submit(checkout, (), "-n", *config)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    assert re.search(r"^train_cell +6$", whole.stdout, re.MULTILINE)
    assert "write_config" not in whole.stdout
