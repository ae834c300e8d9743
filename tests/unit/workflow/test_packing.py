"""How many processes train a cell."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digits.core.design import Design
from digits.core.results_folder import ResultsFolder
from digits.workflow.packing import START, processes, untrained, work_beside


@pytest.mark.parametrize(
    ("trials", "cells", "cores", "expected"),
    [
        (1, 6, 2, 1),  # nothing to share
        (5, 96, 2, 1),  # enough cells for all cores
        (5, 1, 4, 3),  # two rounds either way, so not four
        (5, 6, 4, 2),  # 3 batches of cells in 3 rounds and a start, rather than 2 in 5
        (15, 6, 16, 5),
        (4, 2, 4, 2),
        (3, 1, 64, 3),
        (7, 3, 1, 1),
    ],
)
def test_the_number_of_processes_is_the_smallest_that_ends_soonest(trials, cells, cores, expected):
    assert processes(trials, cells, cores) == expected


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 64))
def test_no_core_has_two_trainings_and_one_process_is_never_better(trials, cells, cores):
    def seconds(count: int) -> float:
        return (math.ceil(trials / count) + START) * math.ceil(cells / (cores // count))

    found = processes(trials, cells, cores)
    assert 1 <= found <= min(trials, cores)
    assert seconds(found) <= seconds(1)


LARGE = Design({"layers": (1, 2), "nodes": tuple(range(10, 90, 10))}, folds=(0, 1, 2), seeds=(5,))
ADDED = (2, 90)


@pytest.fixture
def finished(tmp_path):
    """The folder of a large design of which all networks are trained."""
    folder = ResultsFolder(tmp_path, LARGE)
    for trial in LARGE.trials:
        folder.model(trial).parent.mkdir(parents=True)
        folder.model(trial).touch()
    return folder


def work(folder, cell, stored=True):
    return work_beside(cell, untrained(folder, stored=stored), folder.design)


def test_a_cell_that_is_added_to_a_finished_design_has_all_cores(finished):
    levels = dict(LARGE.factors, nodes=(*LARGE.factors["nodes"], 90))
    more = ResultsFolder(
        finished.path, replace(LARGE, factors=levels, exclude=({"layers": 1, "nodes": 90},))
    )
    trials, cells = work(more, ADDED)
    assert (trials, cells) == (3, 1)
    assert processes(trials, cells, cores=4) == 3
    # Changed settings train all cells anew.
    assert work(more, (1, 10)) == (3, 17)


def test_a_fold_that_is_added_is_one_training_of_each_cell(finished):
    more = ResultsFolder(finished.path, replace(LARGE, folds=(0, 1, 2, 3)))
    assert work(more, (1, 10)) == (1, 16)
    # Without a store, a cell is trained whole.
    assert work(more, (1, 10), stored=False) == (4, 16)


def test_a_new_design_and_a_finished_one_share_the_cores_among_all_cells(finished, tmp_path):
    assert work(finished, (1, 10)) == (3, 16)
    assert work(ResultsFolder(tmp_path / "new", LARGE), (1, 10)) == (3, 16)


def test_cells_that_were_trained_before_a_run_was_killed_are_no_work(finished):
    for cell in LARGE.cells[12:]:
        for trial in LARGE.only(cell).trials:
            finished.model(trial).unlink()
    assert work(finished, LARGE.cells[12]) == (3, 4)
