"""The README's commands on machines that have nothing but a minimal Debian, Python and make."""

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from bare_system import BareSystem, build_system, copy_checkout, give

ROOT = Path(__file__).parents[2]
FOLDER = "/srv/Ann's naïve project"
REPORT = "results/demo/report/index.html"
PLAN = ".venv/bin/snakemake -n --cores 4 --resources gpu=1"

# pip says so of a local index without the package; the host's settings are no fault of ours.
LOCAL_INDEX = re.compile(r"^WARNING: Location '.*' is ignored.*\n", re.MULTILINE)

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can build a Debian system"),
    pytest.mark.skipif(shutil.which("mmdebstrap") is None, reason="mmdebstrap is not installed"),
]


@dataclass
class Machine:
    """A bare system with a checkout of the project in ``folder``."""

    system: BareSystem
    folder: str

    @property
    def project(self) -> Path:
        return self.system.root / self.folder.removeprefix("/")

    def succeed(self, command: str, **options) -> str:
        run = self.system.run(command, self.folder, **options)
        print(run.stdout)
        assert run.returncode == 0, command
        return run.stdout


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def machine(request):
    with tempfile.TemporaryDirectory(prefix="bare-", ignore_cleanup_errors=True) as folder:
        try:
            machine = Machine(build_system(request.param, Path(folder, "root")), FOLDER)
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no {request.param} can be built here: {error}")
        copy_checkout(ROOT, machine.project)
        yield machine


def assert_quiet(printed: str) -> None:
    printed = LOCAL_INDEX.sub("", printed)
    assert not re.search(r"Traceback|warning|deprecat", printed, flags=re.IGNORECASE)


def test_make_run_makes_the_report_without_a_warning_and_leaves_nothing_to_do(machine):
    assert_quiet(machine.succeed("make run"))
    assert (machine.project / REPORT).is_file()
    assert "Nothing to be done" in machine.succeed(PLAN)


def test_make_test_passes_without_a_warning(machine):
    closing = r"^=+ \d+ passed, \d+ skipped in .*=$"
    assert re.search(closing, machine.succeed("make test"), flags=re.MULTILINE)


def test_a_moved_checkout_runs_for_a_user_without_home_name_and_shared_memory(machine):
    machine.succeed("make run")
    moved = Machine(machine.system, FOLDER + " (moved)")
    machine.project.rename(moved.project)
    shutil.rmtree(moved.project / "results/demo")
    machine.folder = moved.folder
    give(moved.project, 12345)
    stranger = {"user": 12345, "home": None, "shared_memory_mode": "555"}
    assert_quiet(machine.succeed("make run", **stranger))
    assert (machine.project / REPORT).is_file()
    assert "Nothing to be done" in machine.succeed("make run", **stranger)
