"""What the workflow does each time it is parsed."""

import getpass
import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from digits.workflow import packages, plan, run_lock, startup
from digits.core.errors import DigitsError


@pytest.fixture(autouse=True)
def surroundings(tmp_path, monkeypatch):
    """A working folder and an environment that the workflow may change."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "environ", dict(os.environ) | {"HOME": str(tmp_path)})
    monkeypatch.setattr(packages, "check_installed", lambda path: None)
    monkeypatch.setattr(plan, "make_plan", lambda *_, **__: plan.Plan("sources", "workflow"))
    monkeypatch.setattr(plan, "workflow_identity", lambda root: "workflow")


@pytest.mark.parametrize(("main", "said"), [(True, 1), (False, 0)])
def test_the_run_says_once_what_jobs_do_without(tmp_path, capsys, main, said):
    os.environ |= {"PYTHONPATH": "/account", "OPENBLAS_CORETYPE": "Haswell"}
    startup.prepare(tmp_path, main=main, deployed=False)
    note = "note: OPENBLAS_CORETYPE, PYTHONPATH are set but ignored by jobs\n"
    assert capsys.readouterr().err == note * said
    assert "PYTHONPATH" not in os.environ


def test_jobs_inherit_where_the_programs_are(tmp_path, monkeypatch):
    startup.prepare(tmp_path, main=True, deployed=False)
    assert os.environ["SCRIPTS"] == "scripts"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    startup.prepare(tmp_path, main=True, deployed=False)
    assert os.environ["SCRIPTS"] == f"{tmp_path}/scripts"


def test_runs_of_two_experiments_have_plans_of_their_own(tmp_path, monkeypatch):
    first = startup.take_plan(tmp_path, "first", main=True)
    plan.save_plan(first, startup.plan_file("first"))
    monkeypatch.setattr(plan, "make_plan", lambda *_, **__: plan.Plan("edited", "workflow"))
    second = startup.take_plan(tmp_path, "second", main=True)
    plan.save_plan(second, startup.plan_file("second"))
    assert startup.take_plan(tmp_path, "first", main=False) == first
    assert os.environ[plan.VARIABLE] == "sources"


def test_a_result_replaced_during_a_run_from_elsewhere_is_known_in_its_folder(
    tmp_path, monkeypatch
):
    path = tmp_path / "results/own/a.csv"
    path.parent.mkdir(parents=True)
    path.write_text("1")
    at_exit = []
    monkeypatch.setattr("atexit.register", lambda *call: at_exit.append(call))
    startup.renew_results("own", [])
    # Snakemake goes back to where it was started before the process ends.
    monkeypatch.chdir("/")
    ((renew, *arguments),) = at_exit
    path.write_text("2, longer")
    os.utime(path, (1_500_000_000,) * 2)
    assert renew(*arguments) == ["results/own/a.csv"]


def test_installed_packages_count_only_where_jobs_use_them(tmp_path, monkeypatch):
    def refuse(path):
        raise DigitsError(f"{path}: another version")

    monkeypatch.setattr(packages, "check_installed", refuse)
    startup.prepare(tmp_path, main=True, deployed=True)
    with pytest.raises(DigitsError, match=r"envs/requirements\.txt: another version"):
        startup.prepare(tmp_path, main=True, deployed=False)


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


class Workflow:
    """Snakemake's own object, as far as it is asked; it notes what it is told to execute with."""

    def __init__(self, *, main=True):
        self.is_main_process, self.executed = main, []

    def execute(self, executor_plugin, **settings):
        self.executed.append((executor_plugin, settings))
        return "done"


def executor(*, dryrun):
    return SimpleNamespace(common_settings=SimpleNamespace(dryrun_exec=dryrun))


def on_record(folder):
    return sorted(str(path) for path in folder.glob(".snakemake/alive/*"))


@pytest.fixture
def cleaned(monkeypatch):
    """The records of runs that were to remove the locks of dead ones."""
    records = []
    monkeypatch.setattr(run_lock, "remove_stale_locks", lambda folder, own: records.append(own))
    return records


def test_a_run_is_on_record_once_it_executes_jobs_and_removes_stale_locks(tmp_path, cleaned):
    workflow = Workflow()
    startup.enter_run(workflow)
    assert (on_record(tmp_path), cleaned) == ([], [])
    real = executor(dryrun=False)
    assert workflow.execute(executor_plugin=real, updated_files=None) == "done"
    assert workflow.executed == [(real, {"updated_files": None})]
    assert on_record(tmp_path) == [os.environ[run_lock.VARIABLE]] == [str(cleaned[0])]


def test_a_dry_run_is_not_on_record_and_removes_no_locks(tmp_path, cleaned):
    workflow = Workflow()
    startup.enter_run(workflow)
    assert workflow.execute(executor_plugin=executor(dryrun=True)) == "done"
    assert (on_record(tmp_path), cleaned) == ([], [])


def test_a_process_for_a_single_job_is_on_record_at_once_and_removes_no_locks(tmp_path, cleaned):
    workflow = Workflow(main=False)
    startup.enter_run(workflow)
    assert on_record(tmp_path) == [os.environ[run_lock.VARIABLE]]
    workflow.execute(executor_plugin=executor(dryrun=False))
    assert cleaned == []


def test_where_no_record_can_be_written_no_locks_are_removed(tmp_path, cleaned):
    (tmp_path / ".snakemake").write_text("a file where the folder should be")
    workflow = Workflow()
    startup.enter_run(workflow)
    assert workflow.execute(executor_plugin=executor(dryrun=False)) == "done"
    assert os.environ[run_lock.VARIABLE] == ""
    assert cleaned == []


def test_the_demo_s_files_are_written_where_one_is_missing(tmp_path, monkeypatch):
    commands, status = [], [0, 1]

    def run(command, check):
        commands.append(command)
        return subprocess.CompletedProcess(command, status.pop(0))

    monkeypatch.setattr(startup.subprocess, "run", run)
    files = [str(tmp_path / name) for name in ("a.csv", "b.csv", "c.csv")]
    startup.write_demo(tmp_path, [])
    for path in files[:2]:
        Path(path).touch()
    startup.write_demo(tmp_path, files)
    Path(files[2]).touch()
    startup.write_demo(tmp_path, files)
    (command,) = commands
    options = ["--train", "--test", "--test-labels"]
    program, *given = command[1:]
    assert program == tmp_path / "scripts/make_demo.py"
    assert given == [f"{option}={path}" for option, path in zip(options, files, strict=True)]
    Path(files[1]).unlink()
    with pytest.raises(DigitsError, match=r"a\.csv: the demo's files could not be written"):
        startup.write_demo(tmp_path, files)
