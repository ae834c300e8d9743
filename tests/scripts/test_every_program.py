"""Common to all programs: their help, and unusable folders."""

import importlib
import os
import sys
from pathlib import Path

import pytest
from small_experiment import STEPS

from digits.workflow import job

SCRIPTS = Path(__file__).parents[2] / "scripts"
PROGRAMS = sorted(path.stem for path in SCRIPTS.glob("*.py"))
WITHOUT_INPUTS = {"make_demo": ["train", "test", "test-labels"], "write_config": ["output"]}


@pytest.mark.parametrize("name", PROGRAMS)
def test_help_shows_the_docstring(name, capsys):
    module = importlib.import_module(name)
    with pytest.raises(SystemExit) as stopped:
        module.main(["--help"])
    assert stopped.value.code == 0
    assert module.__doc__.strip() in capsys.readouterr().out


def test_every_program_of_a_rule_is_among_those_whose_inputs_are_damaged():
    tools = {"compare_experiments", "draw_graphs", "manage_cache", "plot_experiments"}
    tools |= {"show_status", "make_demo"}
    tools |= {"download_competition", "submit"}  # which ask Kaggle first: see test_kaggle.py
    assert {step.program for step in STEPS} | tools == set(PROGRAMS)


def write(name, folder, capsys):
    """Have a program write into a folder; return the line in which it refuses."""
    options = [f"--{option}={folder}/{option}" for option in WITHOUT_INPUTS[name]]
    if name == "write_config":
        options += ["--config={}"]
    with pytest.raises(SystemExit) as stopped:
        job.run(lambda: importlib.import_module(name).main(options))
    assert stopped.value.code == 1
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert told.count("\n") == 1
    return told


@pytest.mark.parametrize("name", WITHOUT_INPUTS)
def test_a_file_where_the_folder_of_the_results_should_be_is_told(name, tmp_path, capsys):
    (tmp_path / "results").write_text("")
    assert "results" in write(name, tmp_path / "results", capsys)


@pytest.mark.parametrize("name", WITHOUT_INPUTS)
def test_a_folder_where_a_result_should_be_is_told(name, tmp_path, capsys):
    (tmp_path / WITHOUT_INPUTS[name][0]).mkdir()
    assert WITHOUT_INPUTS[name][0] in write(name, tmp_path, capsys)
    assert not [*tmp_path.rglob("*.part")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
@pytest.mark.parametrize("name", WITHOUT_INPUTS)
def test_a_folder_that_cannot_be_written_to_is_told(name, tmp_path, capsys):
    tmp_path.chmod(0o500)
    try:
        assert "Permission denied" in write(name, tmp_path, capsys)
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")
@pytest.mark.parametrize("name", WITHOUT_INPUTS)
def test_a_file_system_without_room_for_new_files_is_told(name, capsys):
    assert "/proc" in write(name, Path("/proc"), capsys)
