"""The ordered parallel map: in order, a few ahead, errors where they belong."""

import threading
import time

import pytest

from digits.core.parallel import THREADS, ahead, in_order


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
