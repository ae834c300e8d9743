"""Parallel work in order: threads, for functions that release Python's global lock; processes."""

import multiprocessing
import multiprocessing.connection
import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

THREADS = 2
"""Number of threads of a step."""


def in_order(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Apply a function to items in threads, a few ahead, and yield the results in order."""
    ahead: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(THREADS) as pool:
        for item in items:
            ahead.append(pool.submit(function, item))
            if len(ahead) > THREADS:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def ahead(items: Iterable[Item], count: int = 2) -> Generator[Item]:
    """Yield items in order, while a thread already makes the next ones, up to ``count`` of them."""
    iterator, end = iter(items), object()
    with ThreadPoolExecutor(1) as pool:
        made = deque(pool.submit(next, iterator, end) for _ in range(count))
        while (item := made.popleft().result()) is not end:
            made.append(pool.submit(next, iterator, end))
            yield item


def shares(items: Sequence[Item], count: int) -> list[Sequence[Item]]:
    """Divide items into up to ``count`` parts of neighbours, none empty, as even as possible."""
    bounds = [number * len(items) // count for number in range(count + 1)]
    parts = [items[start:end] for start, end in pairwise(bounds)]
    return [part for part in parts if part]


def in_processes(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Apply a function to each item in a process of its own; to a single one in this process.

    The processes end with this one, however that ends. If one raises, the others are finished
    before this is raised here.
    """
    if len(items) < 2:
        return [function(item) for item in items]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(items), spawn, _end_with_parent) as pool:
        return list(pool.map(function, items))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()

    def watch() -> None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
