"""1,440 trials on the cluster, made up instead of trained: what Snakemake itself takes for them.

It takes half an hour: LARGE=1 make test-slurm ARGS='-k 1440 -s'
"""

import csv
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import yaml
from conftest import COMMAND, CONFIG, SLURM, edit_profile, site, write_checkout
from loopback_cluster import Cluster

LARGE = {
    "cross_validation": {"splits": 5, "folds": [0, 1, 2, 3, 4]},
    "design": {
        "layers": [*range(1, 9)],
        "nodes": [*range(10, 130, 10)],
        "seeds": [1, 2, 3],
    },
}
MOST_MEMORY = 1000
"""Of Snakemake itself, MiB."""

pytestmark = pytest.mark.skipif("LARGE" not in os.environ, reason="LARGE=1 makes it run")


@pytest.fixture
def checkout(cluster, tmp_path):
    """A checkout in which a program that makes trainings up is in the place of the one that trains.

    The network that it copies is trained first, as a design of one cell.
    """
    one = {"design": {"layers": [1], "nodes": [16], "seeds": [5]}}
    short = {"training": CONFIG["training"] | {"epochs": 20}}
    folder = write_checkout(tmp_path / "checkout", **one, **short)
    trial = "results/small/cells/layers-1_nodes-16/fold-0_seed-5"
    target = f"{trial}/model.keras"
    subprocess.run([*COMMAND, "--cores", "2", target], cwd=folder, check=True)
    shutil.copyfile(folder / target, folder / "network.keras")
    metrics = json.loads((folder / trial / "metrics.json").read_text())
    (folder / "parameters.json").write_text(json.dumps({"parameters": metrics["parameters"]}))
    for left in ("results", ".snakemake", ".cache"):
        shutil.rmtree(folder / left)
    shutil.copyfile(
        Path(__file__).with_name("made_up_training.py"), folder / "scripts/train_cell.py"
    )
    (folder / "small.yaml").write_text(yaml.safe_dump(CONFIG | short | LARGE))
    edit_profile(folder, site(cluster.account))
    return folder


def measured(folder: Path, *options: str, **variables: str) -> dict[str, float]:
    """Run Snakemake; return its seconds, those of its processors, and the peak of its memory."""
    started = time.monotonic()
    process = subprocess.Popen([*COMMAND, *options], cwd=folder, env=os.environ | variables)
    try:
        _, status, used = os.wait4(process.pid, 0)
    except BaseException:
        process.kill()
        raise
    assert status == 0
    return {
        "seconds": time.monotonic() - started,
        "cpu": used.ru_utime + used.ru_stime,
        "MiB": used.ru_maxrss / 1024,
    }


def jobs_of(cluster: Cluster) -> list[list[str]]:
    """The number, the state and the seconds of each job."""
    printed = cluster.call("sacct", "-X", "-n", "-P", "-o", "JobID,State,ElapsedRaw")
    return [line.split("|") for line in printed.splitlines()]


def test_1440_trials_are_planned_submitted_and_gathered(checkout, cluster):
    variables = {"SLURM_CONF": cluster.environment["SLURM_CONF"]}
    others = {job[0] for job in jobs_of(cluster)}
    plan = measured(checkout, *SLURM, "--dry-run", "--quiet", **variables)
    run = measured(checkout, *SLURM, **variables)
    again = measured(checkout, *SLURM, "--dry-run", "--quiet", **variables)
    jobs = [job for job in jobs_of(cluster) if job[0] not in others]
    print(f"plan: {plan}\nrun: {run}\nplan of the finished design: {again}")
    print(f"{len(jobs)} jobs, {sum(int(seconds) for _, _, seconds in jobs)} s")
    with (checkout / "results/small/tables/costs.csv").open(newline="") as file:
        print(*(",".join(row.values()) for row in csv.DictReader(file)), sep="\n")
    assert len(list((checkout / "results/small/cells").glob("*/*/model.keras"))) == 1440
    assert {state for _, state, _ in jobs} == {"COMPLETED"}
    assert len(jobs) < 96 + 5 + 10
    assert max(plan["MiB"], run["MiB"]) < MOST_MEMORY
