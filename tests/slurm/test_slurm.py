"""A small experiment on a SLURM that is started here, with all that may go wrong on a cluster.

One run through it is cancelled in a training, has the daemon of its node restarted in another, and
is submitted from a host whose temporary folder the node does not see.
"""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import COMMAND, SLURM, edit_profile, site, write_checkout
from loopback_cluster import Cluster
from timeless_results import contents

GPU = {"  train_cell:\n": "  train_cell:\n    gpu: 1\n"}
"""Has each training ask for the pretended GPU, which it does not use."""

DRAWN = ("report/", "plots/", "checkpoints/")
"""Results with times in them, or of interrupted trainings."""


@dataclass
class Run:
    """A run that was disturbed, and what was seen meanwhile."""

    folder: Path
    status: int = 0
    output: str = ""
    second: str = ""
    cancelled: str = ""
    restarted: str = ""
    restart: str = ""
    jobs: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """The results of a run on this machine alone."""
    folder = write_checkout(tmp_path_factory.mktemp("local") / "checkout")
    done = subprocess.run(
        [*COMMAND, "--cores", str(os.cpu_count())],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return contents(folder / "results/small")


@pytest.fixture(scope="module")
def run(cluster, tmp_path_factory):
    """The run on the cluster."""
    folder = write_checkout(tmp_path_factory.mktemp("cluster") / "checkout")
    edit_profile(folder, site(cluster.account) | GPU)
    found = Run(folder)
    environment = cluster.environment | {"TMPDIR": str(cluster.hidden / "tmp")}
    with (folder / "printed").open("w") as printed:
        process = subprocess.Popen(
            [*COMMAND, *SLURM], cwd=folder, env=environment, stdout=printed, stderr=printed
        )
    try:
        disturb(cluster, process, found)
        found.status = process.wait(timeout=900)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
    found.output = (folder / "printed").read_text()
    found.jobs = list(accounts_of(cluster))
    return found


def disturb(cluster: Cluster, process: subprocess.Popen, found: Run) -> None:
    """Cancel a job in a training, start a second run, and restart the daemon of the node."""

    def wait(condition: Callable[[], object]) -> None:
        cluster.wait(lambda: process.poll() is not None or condition(), 600)
        assert process.poll() is None, (found.folder / "printed").read_text()

    checkpoints = found.folder / "results/small/checkpoints"
    wait(lambda: any(checkpoints.glob("*.npz")))
    (found.cancelled,) = running_trainings(cluster)
    cluster.call("scancel", found.cancelled)
    # As from another host that shares the folder.
    elsewhere = ["unshare", "--uts", "sh", "-c", 'hostname login2 && exec "$@"', "sh"]
    second = subprocess.run(
        [*elsewhere, *COMMAND, "--cores", "1"],
        cwd=found.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    found.second = second.stdout + second.stderr
    wait(lambda: set(running_trainings(cluster)) - {found.cancelled})
    (found.restarted,) = set(running_trainings(cluster)) - {found.cancelled}
    time.sleep(1)  # SLURM's times are in seconds
    found.restart = f"{datetime.now():%Y-%m-%dT%H:%M:%S}"
    cluster.stop_node()
    cluster.start_node()


def running_trainings(cluster: Cluster) -> list[str]:
    """The jobs that train now."""
    lines = cluster.call("squeue", "-h", "-t", "RUNNING", "-o", "%i %k").splitlines()
    return [line.split()[0] for line in lines if "train_cell" in line]


def accounts_of(cluster: Cluster) -> Iterator[dict[str, str]]:
    """What SLURM's accounting knows of the jobs."""
    keys = ["JobID", "Comment", "State", "Submit", "Start", "End", "AllocTRES", "ReqMem"]
    keys += ["Timelimit"]
    printed = cluster.call("sacct", "-X", "-n", "-P", "-o", ",".join(keys))
    for line in printed.splitlines():
        yield dict(zip(keys, line.split("|"), strict=True))


def trainings(run: Run) -> list[dict[str, str]]:
    return [job for job in run.jobs if "train_cell" in job["Comment"]]


def test_a_run_on_a_cluster_ends_with_the_bytes_of_a_local_run(run, local):
    assert run.status == 0, run.output
    ours = contents(run.folder / "results/small")
    names = {name for name in local if not name.startswith(DRAWN)}
    assert len(names) > 30
    assert {name for name in ours if not name.startswith(DRAWN)} == names
    assert [name for name in sorted(names) if ours[name] != local[name]] == []
    assert (run.folder / "results/small/report/index.html").is_file()


def test_trainings_never_share_a_gpu(run):
    jobs = sorted((job for job in trainings(run)), key=lambda job: job["Start"])
    assert len(jobs) == 3, "two cells, of which one was cancelled and retried"
    assert all("gres/gpu=1" in job["AllocTRES"] for job in jobs)
    for earlier, later in pairwise(jobs):
        assert later["Start"] >= earlier["End"]
    assert jobs[1]["Submit"] < jobs[0]["End"], "it waited"


def test_a_cancelled_training_is_retried_and_resumes_from_its_checkpoint(run):
    states = {job["JobID"]: job for job in trainings(run)}
    assert states[run.cancelled]["State"].startswith("CANCELLED")
    (cell,) = re.findall(r"layers-\d+_nodes-\d+", states[run.cancelled]["Comment"])
    log = (run.folder / f"results/small/logs/train_cell/{cell}.log").read_text()
    # It logs the epochs that it has done itself; of those before it, the last one alone.
    first = re.search(r"epoch +(\d+)", log)
    assert int(first[1]) > 1, log[:500]


def test_another_attempt_asks_for_more_memory_and_time(run):
    asked = {}
    for job in sorted(trainings(run), key=lambda job: job["Submit"]):
        asked.setdefault(job["Comment"], []).append((job["ReqMem"], job["Timelimit"]))
    assert sorted(map(len, asked.values())) == [1, 2]
    assert [each for each in asked.values() if len(each) == 2] == [
        [("1100M", "00:10:00"), ("2200M", "00:20:00")]
    ]


def test_a_second_run_is_refused_while_the_first_is_alive_on_whichever_host(run):
    assert "LockException" in run.second


def test_small_jobs_share_submissions(run):
    assert len(run.jobs) < 10


def test_the_node_needed_nothing_in_the_temporary_folder_of_the_submit_host(cluster, run):
    assert run.status == 0
    (cluster.hidden / "tmp/on-the-host").touch()
    seen = cluster.call("srun", f"--account={cluster.account}", "find", str(cluster.hidden))
    assert "on-the-host" not in seen


def test_the_daemon_of_the_node_was_restarted_during_a_job_and_nothing_was_lost(run):
    (job,) = [job for job in trainings(run) if job["JobID"] == run.restarted]
    assert job["State"] == "COMPLETED"
    assert job["Start"] < run.restart < job["End"]
