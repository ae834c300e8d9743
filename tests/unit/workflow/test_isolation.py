"""Packages of the account are kept out of the process that runs Snakemake."""

import os
import site
import sys

from digits.workflow.isolation import forget_folders


def test_folders_of_the_account_are_forgotten_and_those_of_python_are_not(tmp_path, monkeypatch):
    own = site.getsitepackages()[0]
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    before = list(sys.path)
    forget_folders({"PYTHONPATH": os.pathsep.join([f"{tmp_path}/", "", own])})
    assert sys.path == before[1:]
    assert own in sys.path
