"""What a training imports, and what it does not."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from digits.training import devices

CPUINFO = "processor\t: 0\nmodel name\t: AMD EPYC 9R14\nflags\t: fpu\n"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (CPUINFO + CPUINFO, "AMD EPYC 9R14"),
        ("processor\t: 0\nCPU part\t: 0xd40\n", platform.machine()),
        ("model name\t:\n", platform.machine()),
        (None, platform.machine()),
    ],
)
def test_the_processor_is_its_model_or_else_its_architecture(tmp_path, text, name):
    if text is not None:
        (tmp_path / "cpuinfo").write_text(text)
    assert devices.processor(tmp_path / "cpuinfo") == name


def test_a_training_imports_no_more_than_it_uses():
    code = (
        "import sys, train_cell; from digits.training import devices;"
        "print(devices.prepare('cpu'));"
        "from digits.training import fit, network; print(*sys.modules); import pandas.core.frame"
    )
    scripts = Path(devices.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=scripts, capture_output=True, text=True, check=True
    )
    device, modules = done.stdout.splitlines()
    assert device == "CPU"
    assert {"tensorflow", "keras"} <= set(modules.split())
    assert not {"pandas", "sklearn", "matplotlib"} & set(modules.split())
