"""Jobs in Kubernetes with results in object storage: what is planned, and what pods do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytest.importorskip("moto", reason="make test-s3 installs the stand-in for S3")
pytest.importorskip("kubernetes", reason="make test-s3 installs Snakemake's executor")

from kubernetes_server import Cluster, serve
from s3_server import BUCKET, Storage
from test_s3 import CONFIG, write_inputs

ROOT = Path(__file__).parents[2]
HERE = {"make_demo", "draw_graphs", "ingest_images", "check_references", "write_submissions"}
HERE |= {"write_ensemble", "analyse_design", "plot_results", "plot_cells", "write_report"}
"""The rules that need files which are not in the storage; write_report, the published figures."""


@pytest.fixture
def checkout(tmp_path):
    """A checkout that git tracks, with raw files and a configuration that it does not."""
    folder = tmp_path / "checkout"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in tracked.stdout.decode().split("\0"):
        if name and not name.startswith("tests/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    subprocess.run(["git", "add", "."], cwd=folder, check=True)
    write_inputs(folder)
    design = {"design": {"layers": [1], "nodes": [8], "seeds": [5]}}
    (folder / "own.yaml").write_text(yaml.safe_dump(CONFIG | design))
    return folder


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    programs = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    state = Cluster(tmp_path / "pods", programs)
    server = serve(state, tmp_path / "kubeconfig")
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    yield state
    server.shutdown()
    server.server_close()


def handed_on(storage: Storage) -> dict[str, str]:
    """The credentials in the variables that Snakemake hands on to pods, as secrets."""
    key, secret = storage.credentials.values()
    return {"SNAKEMAKE_STORAGE_S3_ACCESS_KEY": key, "SNAKEMAKE_STORAGE_S3_SECRET_KEY": secret}


def run(checkout, storage, *arguments):
    command = [sys.executable, "-m", "snakemake", "--workflow-profile", "profiles/kubernetes"]
    command += ["--default-storage-prefix", f"s3://{BUCKET}/pods", "--configfile", "own.yaml"]
    command += ["--storage-s3-endpoint-url", storage.address, "--jobs", "2"]
    done = subprocess.run(
        [*command, "--seconds-between-status-checks", "1", *arguments],
        cwd=checkout,
        env=os.environ | handed_on(storage),
        capture_output=True,
        text=True,
        check=False,
        timeout=1500,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_profile_plans_the_experiment_and_asks_no_cluster(checkout, storage):
    status, printed = run(checkout, storage, "-n")
    assert status == 0, printed
    assert "train_cell               1" in printed


def test_pods_make_the_results_and_the_jobs_that_need_files_run_here(checkout, storage, cluster):
    target = "results/own/tables/results.csv"
    status, printed = run(checkout, storage, target)
    assert status == 0, printed
    table = storage.read(f"pods/{target}").decode().splitlines()
    assert len(table) == 2
    commands = [
        body["spec"]["template"]["spec"]["containers"][0]["args"][1]
        for body in cluster.jobs.values()
    ]
    rules = {command.split("--allowed-rules ")[1].split(" ")[0] for command in commands}
    assert {"split_folds", "augment_fold", "check_fold", "train_cell", "predict_cell"} <= rules
    assert not rules & HERE
    (training,) = (
        body["spec"]["template"]["spec"]["containers"][0]
        for body, command in zip(cluster.jobs.values(), commands, strict=True)
        if "--allowed-rules train_cell " in command
    )
    asked = training["resources"]
    assert asked["requests"]["memory"] == asked["limits"]["memory"]
    assert asked["limits"]["nvidia.com/gpu"] == "0", "without a GPU, and a limit all the same"
    status, printed = run(checkout, storage, "-n", target)
    assert "Nothing to be done" in printed
