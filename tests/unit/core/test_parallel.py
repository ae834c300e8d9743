"""Work in parallel: in order, a few ahead, errors where they belong; processes."""

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digits.core.errors import DataError
from digits.core.parallel import THREADS, ahead, in_order, in_processes, shares

SCRIPTS = Path(__file__).parents[3] / "scripts"


def test_results_come_in_the_order_of_the_items_whichever_is_done_first():
    def late(number: int) -> int:
        time.sleep(0.02 * (number % 2 == 0))
        return number * number

    assert list(in_order(late, range(9))) == [number * number for number in range(9)]
    assert list(in_order(late, [])) == []


def test_items_are_worked_on_at_once():
    together = threading.Barrier(THREADS, timeout=10)
    assert list(in_order(lambda _: together.wait() >= 0, range(2 * THREADS))) == [True] * 4


def test_only_a_few_items_are_taken_ahead_of_the_reader():
    taken = []

    def items():
        for number in range(100):
            taken.append(number)
            yield number

    results = in_order(lambda number: number, items())
    assert [next(results), next(results)] == [0, 1]
    assert len(taken) <= 2 + THREADS


def test_a_fault_is_raised_in_its_place():
    results = in_order(lambda number: 1 / number, [1, 2, 0, 4])
    assert [next(results), next(results)] == [1, 0.5]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_the_next_items_are_made_while_one_is_used():
    made = []

    def items():
        for number in range(9):
            made.append(number)
            yield number

    results = ahead(items(), 2)
    assert next(results) == 0
    for _ in range(100):
        time.sleep(0.01)
        if len(made) == 3:
            break
    time.sleep(0.02)
    assert made == [0, 1, 2]
    assert list(results) == list(range(1, 9))
    assert list(ahead([])) == []


def test_what_makes_the_items_ends_with_its_reader():
    threads = threading.active_count()
    results = ahead(iter(range(1000)))
    assert next(results) == 0
    results.close()
    assert threading.active_count() == threads


def test_a_fault_of_what_is_ahead_is_raised_in_its_place():
    results = ahead(1 / number for number in [1, 2, 0])
    assert [next(results), next(results)] == [1, 0.5]
    with pytest.raises(ZeroDivisionError):
        next(results)


@given(st.lists(st.integers()), st.integers(1, 9))
def test_shares_are_neighbours_in_order_and_differ_by_one_at_most(items, count):
    parts = shares(items, count)
    assert [item for part in parts for item in part] == items
    assert len(parts) == min(count, len(items))
    sizes = {len(part) for part in parts}
    assert not sizes or max(sizes) - min(sizes) <= 1


def process_of(item: int) -> int:
    if item < 0:
        raise DataError("less than nothing")
    return os.getpid()


def test_each_item_has_a_process_of_its_own_and_a_single_one_this_process():
    assert in_processes(process_of, [1]) == [os.getpid()]
    assert in_processes(process_of, []) == []
    assert len({os.getpid(), *in_processes(process_of, [1, 2])}) == 3


def test_an_error_in_a_process_is_raised_here():
    with pytest.raises(DataError, match=r"^less than nothing$"):
        in_processes(process_of, [-1, 2])


KILLED = """
import os, signal, sys, time
sys.path.insert(0, sys.argv[1])
from digits.core.parallel import in_processes

def wait(path):
    open(path, "w").write(str(os.getpid()))
    time.sleep(60)

if __name__ == "__main__":
    in_processes(wait, sys.argv[2:])
"""


def test_the_processes_end_with_one_that_is_killed(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(KILLED)
    files = [tmp_path / "a", tmp_path / "b"]
    process = subprocess.Popen([sys.executable, program, SCRIPTS, *files])
    while not all(file.exists() and file.read_text() for file in files):
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait()
    for file in files:
        with suppress(psutil.NoSuchProcess):
            psutil.Process(int(file.read_text())).wait(10)
