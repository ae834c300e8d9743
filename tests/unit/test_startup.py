"""What the workflow does each time it is parsed."""

import getpass
import os

import pytest

from digits import packages, plan, runs, startup
from digits.errors import DigitsError


@pytest.fixture(autouse=True)
def surroundings(tmp_path, monkeypatch):
    """A working folder and an environment that the workflow may change."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "environ", dict(os.environ) | {"HOME": str(tmp_path)})
    monkeypatch.setattr(packages, "check_installed", lambda path: None)
    monkeypatch.setattr(plan, "make_plan", lambda root: plan.Plan("sources", "workflow"))
    monkeypatch.setattr(runs, "enter", lambda folder: None)


@pytest.mark.parametrize(("main", "said"), [(True, 1), (False, 0)])
def test_the_run_says_once_what_jobs_do_without(tmp_path, capsys, main, said):
    os.environ |= {"PYTHONPATH": "/account", "OPENBLAS_CORETYPE": "Haswell"}
    startup.start(tmp_path, main=main, deployed=False)
    note = "note: jobs run without OPENBLAS_CORETYPE, PYTHONPATH, set here\n"
    assert capsys.readouterr().err == note * said
    assert "PYTHONPATH" not in os.environ


def test_jobs_inherit_where_the_programs_are_and_what_was_planned(tmp_path, monkeypatch):
    startup.start(tmp_path, main=True, deployed=False)
    assert os.environ["SCRIPTS"] == "scripts"
    assert os.environ[plan.VARIABLE] == "sources"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    startup.start(tmp_path, main=True, deployed=False)
    assert os.environ["SCRIPTS"] == f"{tmp_path}/scripts"


def test_installed_packages_count_only_where_jobs_use_them(tmp_path, monkeypatch):
    def refuse(path):
        raise DigitsError(f"{path}: another version")

    monkeypatch.setattr(packages, "check_installed", refuse)
    startup.start(tmp_path, main=True, deployed=True)
    with pytest.raises(DigitsError, match=r"envs/requirements\.txt: another version"):
        startup.start(tmp_path, main=True, deployed=False)


def test_a_user_whom_the_system_does_not_know_has_a_name(monkeypatch):
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        os.environ.pop(variable, None)
    monkeypatch.setattr("pwd.getpwuid", lambda number: {}[number])
    startup.name_user()
    assert getpass.getuser() == str(os.getuid())


def test_a_name_that_is_known_stays():
    os.environ["LOGNAME"] = "ann"
    startup.name_user()
    assert os.environ["LOGNAME"] == "ann"
