"""How many processes train a cell."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digits.workflow.packing import START, processes


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
