"""On programs made at random: an identity covers what runs, and nothing that cannot run."""

import importlib
import sys
import tempfile
from pathlib import Path

from generated_programs import programs
from hypothesis import HealthCheck, given, settings

from digits.workflow.code_identity import code_identity

SETTINGS = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def write(folder, files):
    for name, text in files.items():
        path = Path(folder, name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


def run(folder):
    """Run the program and return the marks of what it used."""
    sys.path.insert(0, folder)
    try:
        importlib.invalidate_caches()
        return importlib.import_module("prog").main()
    finally:
        sys.path.remove(folder)
        for name in [name for name in sys.modules if name.split(".")[0] in {"prog", "lib"}]:
            del sys.modules[name]


def used_and_counted(program):
    """The marks that a program gives when it runs, and those whose edit changes its identity."""
    files, marks = program
    with tempfile.TemporaryDirectory() as folder:
        write(folder, files)
        before, counted = code_identity("prog", Path(folder)), set()
        for mark in marks:
            write(
                folder,
                {name: text.replace(f"'{mark}'", "'edited'") for name, text in files.items()},
            )
            if code_identity("prog", Path(folder)) != before:
                counted.add(mark)
        write(folder, files)
        return run(folder), counted


@SETTINGS
@given(programs())
def test_an_edit_of_a_definition_changes_the_identity_exactly_of_what_uses_it(program):
    used, counted = used_and_counted(program)
    assert counted == used


@SETTINGS
@given(programs(straight=False))
def test_whatever_runs_is_in_the_identity_also_where_there_are_branches(program):
    used, counted = used_and_counted(program)
    assert counted >= used
