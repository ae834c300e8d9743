"""What make runs, and when it sets up the environment, without setting up a real one."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def make(folder, *arguments, **variables):
    # make passes its arguments to the makes that it starts, such as this one under make test.
    free = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    free.pop("MFLAGS", None)
    environment = {name: value for name, value in (free | variables).items() if value is not None}
    run = subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["status", "A=x"], "scripts/show_status.py --watch --experiment 'x'"),
        (["status"], "scripts/show_status.py --watch --experiment 'demo'"),
        (["compare", "A=x", "B=y"], "scripts/compare_experiments.py 'x' 'y'"),
    ],
)
def test_status_and_compare_call_their_programs(arguments, command):
    assert make(ROOT, "-n", *arguments).splitlines()[-1] == f".venv/bin/python {command}"


PYTHON = """#!/bin/sh
echo "HOME=$HOME" "LOGNAME=$LOGNAME"
"""
CREATE = """#!/bin/sh
if [ "$1" = --check ]; then
    [ -x "$2/bin/python" ] && [ "$(cat "$2/.place")" = "$(cd "$2" && pwd -P)" ]
    exit
fi
echo created
mkdir -p "$1/bin"
cp python "$1/bin/python"
(cd "$1" && pwd -P >.place)
"""


@pytest.fixture
def project(tmp_path):
    """A folder with the Makefile and an interpreter and a set-up that only say that they ran."""
    folder = tmp_path / "Ann's naïve project"
    (folder / "envs").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", folder)
    for name in ["", "-gpu", "-kaggle", "-slurm", "-s3", "-kubernetes", "-test-s3"]:
        (folder / "envs" / f"requirements{name}.txt").touch()
    for name, text in {"python": PYTHON, "envs/create.sh": CREATE}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return folder


def test_the_environment_is_set_up_once_and_again_when_the_pins_change(project):
    assert "created" in make(project, "run")
    assert "created" not in make(project, "run")
    stamp = next((project / ".venv").glob(".ready-*"))
    os.utime(stamp, (0, 0))
    assert "created" in make(project, "run")


@pytest.mark.parametrize(("name", "tests"), [("kaggle", "test"), ("slurm", "test-slurm")])
def test_other_packages_are_installed_once_beside_the_rest_where_they_are_asked_for(
    project, name, tests
):
    make(project, "run")
    assert make(project, name).splitlines()[-1] == "created"
    assert "created" not in make(project, name)
    stamp = project / f".venv/.ready-requirements-{name}"
    os.utime(stamp, (0, 0))
    assert "created" in make(project, tests)


def test_what_object_storage_needs_is_installed_beside_the_rest_and_a_stand_in_for_its_tests(
    project,
):
    make(project, "run")
    assert make(project, "s3").splitlines()[-1] == "created"
    assert "created" not in make(project, "s3")
    assert make(project, "test-s3").count("created") == 2
    assert "created" not in make(project, "test-s3")


def test_the_environment_is_set_up_again_in_a_moved_checkout(project):
    make(project, "run")
    moved = project.rename(project.with_name("moved"))
    assert "created" in make(moved, "run")
    assert "created" not in make(moved, "run")


def test_two_kinds_of_machines_that_share_a_checkout_set_up_once_each(project):
    (project / "gpu").mkdir()
    (project / "gpu/nvidia-smi").write_text("#!/bin/sh\n")
    (project / "gpu/nvidia-smi").chmod(0o755)
    gpu = {"PATH": f"{project / 'gpu'}:{os.environ['PATH']}"}
    assert "created" in make(project, "run")
    assert "created" in make(project, "run", **gpu)
    assert "created" not in make(project, "run")
    assert "created" not in make(project, "run", **gpu)


def test_no_command_has_the_account_s_python_path(project):
    (project / "python").write_text('#!/bin/sh\necho "path: $PYTHONPATH"\n')
    assert "path: \n" in make(project, "run", PYTHONPATH="/account")


def test_an_environment_that_another_checkout_links_to_is_not_set_up_again(project):
    make(project, "run")
    other = shutil.copytree(project, project.with_name("other"), ignore=lambda *_: [".venv"])
    (Path(other) / ".venv").symlink_to(project / ".venv")
    assert "created" not in make(other, "run")


def test_the_environment_is_set_up_again_when_its_python_is_gone(project):
    make(project, "run")
    (project / ".venv/bin/python").unlink()
    assert "created" in make(project, "run")


@pytest.mark.parametrize("home", [None, "", "/proc/none"], ids=["unset", "empty", "missing"])
def test_caches_go_into_the_project_where_there_is_no_home_to_write_to(project, home):
    assert f"HOME={project}/.cache/home" in make(project, "run", HOME=home)


def test_a_home_that_can_be_written_to_is_kept(project, tmp_path):
    assert f"HOME={tmp_path} " in make(project, "run", HOME=str(tmp_path))


def test_a_user_without_a_name_is_given_one(project):
    (project / "id").write_text('#!/bin/sh\n[ "$1" = -u ] && echo 12345\n')
    (project / "id").chmod(0o755)
    printed = make(project, "run", PATH=f"{project}:{os.environ['PATH']}", LOGNAME=None)
    assert "LOGNAME=12345" in printed
    assert "LOGNAME=ann" in make(project, "run", LOGNAME="ann")
