"""A run that is killed, anywhere and again and again, ends with the results of one that is not.

The undisturbed run has twice as many cores to itself as the machine has, the killed one a single
core, so the results are also shown not to hang on how many jobs run at once or in which order.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from conftest import COMPILING, copy_checkout, snakemake
from timeless_results import contents

KILLS = int(os.environ.get("KILLS", "2"))
"""How often the run is killed: KILLS=30 make test ARGS=tests/e2e/test_killed.py."""

LATER = (
    *("--omit-from", "draw_graphs", "plot_data", "plot_augmentation", "plot_cells", "plot_results"),
    *("plot_effects", "plot_errors", "embed_networks", "write_cards"),
)
"""Leaves out the drawings and the page, which are written as all other files are."""

DRAWN = ("report/", "plots/")


@pytest.fixture
def fresh(experiment, tmp_path):
    """The same checkout with the same raw files, nothing run yet, and half the trainings stored."""
    folder = tmp_path / "fresh"
    folder.mkdir()
    copy_checkout(experiment.folder, folder, ["data", "published", "small.yaml", ".cache"])
    for metrics in folder.glob(".cache/*/metrics.json"):
        if json.loads(metrics.read_text())["layers"] == 2:
            shutil.rmtree(metrics.parent)
    yield folder
    shutil.rmtree(folder)


def start(folder: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "snakemake", "--configfile", "small.yaml", "--cores", "1"]
    return subprocess.Popen(
        [*command, *LATER],
        cwd=folder,
        env=COMPILING,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def processes(folder: Path) -> list[psutil.Process]:
    """All processes that work in a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()) == folder and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def assert_all_end(folder: Path) -> None:
    """No orphan goes on; a process that was killed may take a moment to be gone."""
    deadline = time.monotonic() + 10
    while left := processes(folder):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def assert_same_results(folder: Path, experiment) -> None:
    ours, theirs = contents(folder / "results" / "small"), contents(experiment.results)
    left_out = theirs.keys() - ours.keys()
    assert len(ours) > 50
    assert ours.keys() <= theirs.keys()
    assert all(name == "cells/check.json" or name.startswith(DRAWN) for name in left_out), left_out
    assert [name for name in ours if ours[name] != theirs[name]] == []


def kill_in_a_training(folder: Path) -> None:
    """Kill Snakemake, and nothing else, as soon as a training has a checkpoint."""
    run = start(folder)
    deadline = time.monotonic() + 600
    while not any((folder / "results/small/checkpoints").glob("*.npz")):
        assert time.monotonic() < deadline
        assert run.poll() is None
        time.sleep(0.05)
    run.send_signal(signal.SIGKILL)
    run.wait()


def kill_at_random_moments(folder: Path, times: int) -> None:
    """Kill all that a run has started, again and again."""
    seed = int(os.environ.get("SEED", time.time_ns() % 10**6))
    print(f"SEED={seed}")
    moments, kills = random.Random(seed), 0
    while kills < times:
        run = start(folder)
        try:
            status = run.wait(timeout=moments.uniform(1, 15))
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            kills += 1
        else:
            # It came to its end all the same: from the beginning, then.
            assert status == 0
            for part in ("results", ".cache"):
                shutil.rmtree(folder / part)


def test_killed_again_and_again_the_same_command_ends_with_the_same_results(fresh, experiment):
    kill_in_a_training(fresh)
    assert_all_end(fresh)
    # What only looks removes no lock of the killed run, and the next run does.
    locks = sorted((fresh / ".snakemake/locks").iterdir())
    for look in ("--dry-run", "--summary"):
        assert snakemake(fresh, look).returncode == 0
    assert sorted((fresh / ".snakemake/locks").iterdir()) == locks != []
    kill_at_random_moments(fresh, KILLS - 1)
    assert_all_end(fresh)
    run = snakemake(fresh, "--cores", "1", *LATER)
    assert run.returncode == 0, run.stdout + run.stderr
    assert_same_results(fresh, experiment)
    again = snakemake(fresh, "--dry-run", *LATER)
    assert "Nothing to be done" in again.stdout + again.stderr


def test_two_runs_at_once_do_not_get_in_each_others_way(fresh):
    first = start(fresh)
    deadline = time.monotonic() + 600
    while not any((fresh / ".snakemake" / "locks").glob("*.lock")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    second = snakemake(fresh, "--cores", "1")
    assert second.returncode == 1
    assert "LockException" in second.stdout + second.stderr
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
