"""Work in parallel: in order, a few ahead, errors where they belong; processes."""

import re
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

from digits.core.parallel import THREADS, ahead, in_order, shares

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


PROGRAM = """
import argparse, os, sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from digits.core.parallel import beside, end_with_parent, in_processes, shares

folder, what = Path(sys.argv[2]), sys.argv[3]
if "--only" in sys.argv:
    end_with_parent()
    for number in sys.argv[-1].split(","):
        (folder / number).write_text(str(os.getpid()))
    if what == "wait":
        time.sleep(60)
    if what == "fail" and "0" in sys.argv[-1]:
        sys.exit("error: it is the first")
    if what == "die" and "0" in sys.argv[-1]:
        os.kill(os.getpid(), 9)
    time.sleep(0.3)
    (folder / f"done-{sys.argv[-1]}").touch()
else:
    own, *others = shares(range(5), 2)
    if what == "raise":
        with beside(__file__, [*sys.argv[1:3], "wait"], others):
            while not (folder / "4").exists() or not (folder / "4").read_text():
                time.sleep(0.02)
            sys.exit("error: mine")
    in_processes(__file__, sys.argv[1:], [own, *others])
"""


@pytest.fixture
def start(tmp_path):
    """Start a program that shares five items among two processes, in a folder of odd modules."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    (folder := tmp_path / "made").mkdir()

    def start(what: str) -> tuple[subprocess.Popen, Path]:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere" / "socket.py").write_text("raise RuntimeError")
        command = [sys.executable, program, SCRIPTS, folder, what]
        place = {"cwd": tmp_path / "elsewhere", "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, **place), folder

    return start


def test_processes_share_the_work_and_import_nothing_from_the_working_folder(start):
    process, folder = start("work")
    assert process.communicate() == (None, "")
    assert process.returncode == 0
    ids = [int((folder / str(number)).read_text()) for number in range(5)]
    assert len({*ids[:2]}) == len({*ids[2:]}) == 1
    assert len({process.pid, *ids}) == 3


@pytest.mark.parametrize(
    ("what", "said"),
    [("fail", r"error: it is the first\n"), ("die", r"(?s).*a process was killed by signal 9.*")],
)
def test_a_process_that_fails_fails_the_program_once_the_others_are_done(start, what, said):
    process, folder = start(what)
    assert re.fullmatch(said, process.communicate()[1])
    assert process.returncode == 1
    assert (folder / "done-2,3,4").exists()


def test_the_processes_end_with_one_that_is_killed(start):
    process, folder = start("wait")
    files = [folder / "0", folder / "2"]
    while not all(file.exists() and file.read_text() for file in files):
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.communicate()
    for file in files:
        with suppress(psutil.NoSuchProcess):
            psutil.Process(int(file.read_text())).wait(10)


def test_the_processes_beside_a_block_end_with_its_error(start):
    process, folder = start("raise")
    assert process.communicate() == (None, "error: mine\n")
    with suppress(psutil.NoSuchProcess):
        psutil.Process(int((folder / "4").read_text())).wait(10)
    assert not (folder / "done-2,3,4").exists()
