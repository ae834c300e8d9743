"""What make runs, as far as it can be told without running it."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["status", "A=x"], "scripts/show_status.py --watch --experiment 'x'"),
        (["status"], "scripts/show_status.py --watch --experiment 'demo'"),
        (["compare", "A=x", "B=y"], "scripts/compare_experiments.py 'x' 'y'"),
    ],
)
def test_status_and_compare_call_their_programs(arguments, command):
    # make tells the makes that it starts, such as this one under make test, what it was given.
    free = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    free.pop("MFLAGS", None)
    run = subprocess.run(
        ["make", "-n", *arguments], cwd=ROOT, env=free, capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines()[-1] == f".venv/bin/python {command}"
