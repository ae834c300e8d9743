"""GPUs handed out by lock files, on machines that pretend to have some."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from digits.training import devices, gpu_locks

ROOT = Path(__file__).parents[3]
HOLD = (
    "import sys; from digits.training.gpu_locks import claim_gpu, visible_gpus;"
    " print(claim_gpu(visible_gpus()), flush=True); sys.stdin.read()"
)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Pretend that nvidia-smi lists four GPUs, and keep the locks to this test."""
    tool = tmp_path / "bin" / "nvidia-smi"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\nprintf '0\\n1\\n2\\n3\\n'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return tool


@pytest.fixture
def hold():
    holders = []

    def start(**variables):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT / "scripts")} | variables,
        )
        holders.append(process)
        return process, process.stdout.readline().strip()

    yield start
    for process in holders:
        process.kill()
        process.communicate()


def test_four_trainings_get_four_gpus_and_a_fifth_waits_for_one(machine, hold):
    holders = dict(reversed(hold()) for _ in range(4))
    assert holders.keys() == {"0", "1", "2", "3"}
    fifth, said = hold()
    assert said == "waiting for a free GPU of 0, 1, 2, 3"
    # A holder that crashes gives its GPU back.
    holders["2"].send_signal(signal.SIGKILL)
    assert fifth.stdout.readline().strip() == "2"


def test_only_the_gpus_that_a_scheduler_names_are_handed_out(machine, hold):
    found = {hold(CUDA_VISIBLE_DEVICES="1,3")[1] for _ in range(2)}
    assert found == {"1", "3"}
    assert hold(CUDA_VISIBLE_DEVICES="3,1")[1].startswith("waiting")


def test_a_single_gpu_that_a_scheduler_gives_is_taken_as_it_is(machine, hold):
    # Two jobs of a cluster may both see their own GPU as number 0.
    assert hold(CUDA_VISIBLE_DEVICES="0")[1] == "0"
    assert hold(CUDA_VISIBLE_DEVICES="0")[1] == "0"


@pytest.mark.parametrize(
    ("given", "expected"),
    [("", []), ("-1", []), ("0", ["0"]), ("2, 0", ["2", "0"]), ("1,-1,0", ["1"]),
     ("GPU-8d9b,MIG-1/2", ["GPU-8d9b", "MIG-1/2"])],
)  # fmt: skip
def test_visible_devices_are_read_as_cuda_reads_them(machine, monkeypatch, given, expected):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", given)
    assert gpu_locks.visible_gpus() == expected


def test_a_tool_that_does_not_answer_means_no_gpu(machine):
    machine.write_text("#!/bin/sh\necho 'driver mismatch'\nexit 9\n")
    assert gpu_locks.visible_gpus() == []
    assert devices.kind("auto") == "CPU"


def test_what_a_training_would_run_on(machine):
    assert devices.kind("auto") == devices.kind("gpu") == "GPU"
    assert devices.kind("cpu") == "CPU"
