"""Ordered parallel map with threads, for functions that release Python's global lock."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
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
