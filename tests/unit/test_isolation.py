"""Jobs inherit the interpreter of their run and none of the account's Python settings."""

import os
import site
import sys
from pathlib import Path

import pytest

from digits.isolation import FOREIGN, forget_folders, isolate, use_interpreter


def test_python_settings_of_the_account_are_removed_and_named():
    environment = {"PYTHONPATH": "/a", "PYTHONWARNINGS": "error", "HOME": "/a"}
    assert isolate(environment) == ["PYTHONPATH", "PYTHONWARNINGS"]
    assert environment == {"HOME": "/a", "PYTHONNOUSERSITE": "1"}


def test_where_nothing_is_set_nothing_is_named():
    environment = dict.fromkeys(FOREIGN, "")
    assert isolate(environment) == []
    assert environment == {"PYTHONNOUSERSITE": "1"}


def test_folders_of_the_account_are_forgotten_and_those_of_python_are_not(tmp_path, monkeypatch):
    own = site.getsitepackages()[0]
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    before = list(sys.path)
    forget_folders({"PYTHONPATH": os.pathsep.join([f"{tmp_path}/", "", own])})
    assert sys.path == before[1:]
    assert own in sys.path


@pytest.mark.parametrize("path", ["/usr/bin:/bin", "", None])
def test_the_interpreter_of_the_run_comes_first_once(path):
    environment = {} if path is None else {"PATH": path}
    use_interpreter(environment)
    use_interpreter(environment)
    folders = environment["PATH"].split(os.pathsep)
    assert folders[0] == str(Path(sys.executable).parent)
    assert folders.count(folders[0]) == 1
