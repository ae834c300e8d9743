"""What a training imports, and what it does not."""

import os
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


def test_a_training_imports_no_more_than_it_uses_and_has_xla_compute_the_same_each_time(tmp_path):
    code = (
        "import sys, train_cell; from digits.training import devices;"
        "print(devices.prepare('cpu'));"
        "from digits.training import fit, network; print(*sys.modules); import pandas.core.frame;"
        "import tensorflow as tf; tf.function(tf.square, jit_compile=True)(tf.constant(1.0))"
    )
    scripts = Path(devices.__file__).parents[2]
    # XLA writes down the settings that it compiles with.
    theirs = f"--xla_gpu_exclude_nondeterministic_ops=false --xla_dump_to={tmp_path}"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=scripts, capture_output=True, text=True, check=True,
        env=os.environ | {"XLA_FLAGS": theirs},
    )  # fmt: skip
    settings = [path.read_text() for path in tmp_path.glob("*.debug_options")]
    assert settings
    assert all("xla_gpu_exclude_nondeterministic_ops: true" in text for text in settings)
    device, modules = done.stdout.splitlines()
    assert device == "CPU"
    assert {"tensorflow", "keras"} <= set(modules.split())
    assert not {"pandas", "sklearn", "matplotlib", "scipy", "PIL"} & set(modules.split())
