"""All programs, run by two users with very different settings: the outputs are the same bytes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from digits.core import environment

TESTS = Path(__file__).parents[1]
PATHS = [TESTS.parent / "scripts", TESTS / "scripts", TESTS]

RUN = """
import itertools, sys, time
from pathlib import Path
ticks = itertools.count()
# The clocks of a training, as its outputs say how long it took, and of nothing else.
for name in ("perf_counter", "process_time"):
    def clock(real=getattr(time, name)):
        ours = sys._getframe(1).f_globals["__name__"] == "digits.training.stack"
        return next(ticks) / 64 if ours else real()
    setattr(time, name, clock)
from small_experiment import run_experiment
run_experiment(Path("results"))
"""

MATPLOTLIBRC = """
backend: TkAgg
lines.linewidth: 9
savefig.dpi: 30
savefig.bbox: tight
svg.fonttype: none
axes.formatter.use_locale: True
no.such.key: 1
"""


def plain(folder: Path) -> dict[str, str]:
    """Nothing but where programs are; there is no home folder."""
    return {"PATH": os.environ["PATH"], "HOME": str(folder / "nowhere")}


def peculiar(folder: Path) -> dict[str, str]:
    """A home folder and a working folder full of settings, and variables that change results."""
    home = folder / "home"
    for file, text in {
        home / ".keras/keras.json": json.dumps(
            {"floatx": "float16", "epsilon": 0.1, "image_data_format": "channels_first"}
        ),
        home / ".config/matplotlib/matplotlibrc": MATPLOTLIBRC,
        folder / "matplotlibrc": MATPLOTLIBRC,
    }.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return {
        "PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "de_DE.UTF-8", "PYTHONUTF8": "0",
        "PYTHONHASHSEED": "3", "PYTHONOPTIMIZE": "2", "TZ": "Asia/Kathmandu", "COLUMNS": "30",
        "FORCE_COLOR": "1", "SOURCE_DATE_EPOCH": "86400", "MPLBACKEND": "nonsense",
        "MATPLOTLIBRC": str(folder / "matplotlibrc"), "OMP_NUM_THREADS": "1",
        "TF_ENABLE_ONEDNN_OPTS": "0", "TF_DETERMINISTIC_OPS": "1", "ONEDNN_MAX_CPU_ISA": "AVX2",
        "KERAS_NNX_ENABLED": "1", "TF_USE_LEGACY_KERAS": "1",
    }  # fmt: skip


@pytest.fixture(scope="module")
def users(tmp_path_factory):
    """The folders of two users, and what their programs complained of; both run at once."""
    runs = []
    for surroundings in (plain, peculiar):
        folder = tmp_path_factory.mktemp(surroundings.__name__)
        variables = environment.for_jobs(surroundings(folder), None)
        variables["PYTHONPATH"] = os.pathsep.join(map(str, PATHS))
        process = subprocess.Popen(
            [sys.executable, "-c", RUN], cwd=folder, env=variables, text=True,
            umask=0o022 if surroundings is plain else 0o077,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        runs.append((folder, process))
    return [(folder, process.communicate()[1]) for folder, process in runs]


def outputs(folder: Path) -> dict[str, bytes]:
    results = folder / "results"
    files = [path for path in sorted(results.rglob("*")) if path.is_file()]
    return {str(path.relative_to(results)): path.read_bytes() for path in files}


def test_no_settings_of_a_user_change_any_output(users):
    ours, theirs = (outputs(folder) for folder, _ in users)
    assert "report/index.html" in ours
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if ours[name] != theirs[name]] == []


def test_no_program_complains_of_a_users_settings_or_of_a_missing_home(users):
    assert [printed for _, printed in users] == ["", ""]


def test_nothing_is_written_into_a_home_but_caches_nor_beside_the_results(users):
    (plain_folder, _), (peculiar_folder, _) = users
    assert {path.name for path in plain_folder.iterdir()} == {".snakemake", "results"}
    caches = {path.name for path in (plain_folder / ".snakemake/caches").iterdir()}
    assert "matplotlib" in caches
    assert json.loads((peculiar_folder / "home/.keras/keras.json").read_text())["epsilon"] == 0.1
    assert {path.name for path in peculiar_folder.iterdir()} == {"home", "matplotlibrc", "results"}
