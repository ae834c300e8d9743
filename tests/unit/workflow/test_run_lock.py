"""Runs that are alive and runs that are dead, told apart by locks that the system keeps."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from digits.workflow import run_lock

RUN = "import sys; from pathlib import Path; from digits.workflow import run_lock; {}"
ENTER = "print(run_lock.enter(Path(sys.argv[1])), flush=True); sys.stdin.read()"
JOB = "run_lock.end_with_run(); print('working', flush=True); import time; time.sleep(60)"


@pytest.fixture
def start():
    started = []

    def start_(code, *arguments, **variables):
        process = subprocess.Popen(
            [sys.executable, "-c", RUN.format(code), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": "scripts"} | variables,
            cwd=Path(__file__).parents[3],
        )
        started.append(process)
        return process, process.stdout.readline().strip()

    yield start_
    for process in started:
        process.kill()
        process.communicate()


def lock_file(folder):
    path = folder / "locks" / "0.output.lock"
    path.parent.mkdir(exist_ok=True)
    path.write_text("results/a\n")
    return path


def test_the_lock_of_a_killed_run_is_removed_by_the_next(tmp_path, start):
    first, own = start(ENTER, tmp_path)
    left = lock_file(tmp_path)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert Path(own).exists()
    start(ENTER, tmp_path)
    assert not left.exists()
    assert not Path(own).exists()


def test_the_lock_of_a_run_that_is_alive_stays(tmp_path, start):
    _, own = start(ENTER, tmp_path)
    held = lock_file(tmp_path)
    second, other = start(ENTER, tmp_path)
    assert held.exists()
    assert own != other
    # It stays too when the second run ends before the first.
    second.communicate()
    start(ENTER, tmp_path)
    assert held.exists()


def test_a_run_that_ends_by_itself_leaves_nothing(tmp_path, start):
    run, own = start(ENTER, tmp_path)
    assert Path(own).exists()
    run.communicate()
    assert not Path(own).exists()


def test_a_job_ends_when_its_run_is_killed(tmp_path, start):
    run, own = start(ENTER, tmp_path)
    job, said = start(JOB, DIGITS_RUN=own)
    assert said == "working"
    time.sleep(0.3)
    assert job.poll() is None
    run.send_signal(signal.SIGKILL)
    assert job.wait(timeout=10) == 1


def test_a_program_outside_of_a_run_is_left_alone(monkeypatch):
    monkeypatch.delenv(run_lock.VARIABLE, raising=False)
    run_lock.end_with_run()
    monkeypatch.setenv(run_lock.VARIABLE, "/nowhere/at/all")
    run_lock.end_with_run()


def test_where_nothing_can_be_written_nothing_is_removed(tmp_path):
    held = lock_file(tmp_path)
    (tmp_path / "alive").write_text("a file where the folder should be")
    assert run_lock.enter(tmp_path) is None
    assert held.exists()
