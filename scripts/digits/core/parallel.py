"""Parallel work in order: threads, for functions that release Python's global lock; processes."""

import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from typing import TypeVar

from digits.core.errors import TrainingError

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


def in_processes(program: str, arguments: Sequence[str], parts: Sequence[Sequence[int]]) -> None:
    """Run a program in processes of its own, one for each of some parts of its work.

    They end with this one, however that ends. If one fails, the others are finished first.
    Parameters and errors are those of :func:`beside`.
    """
    with beside(program, arguments, parts):
        pass


@contextmanager
def beside(
    program: str, arguments: Sequence[str], parts: Sequence[Sequence[int]]
) -> Iterator[None]:
    """Run a program in processes of its own, as :func:`in_processes`, while the block runs.

    After the block they are waited for; they end at once if it raises an error.

    Parameters
    ----------
    program : path of a Python program with the option ``--only``, which gets the numbers of a part

    Raises
    ------
    TrainingError
        If a process was killed.
    SystemExit
        If a process failed, which has said why.
    """
    command = [sys.executable, program, *arguments, "--only"]
    with ExitStack() as stack:
        processes = []
        for part in parts:
            numbers = ",".join(map(str, part))
            process = subprocess.Popen([*command, numbers], stdin=subprocess.PIPE)
            processes.append(stack.enter_context(process))
            stack.callback(process.terminate)
        yield
        statuses = [process.wait() for process in processes]
    if min(statuses, default=0) < 0:
        raise TrainingError(
            f"a process was killed by signal {-min(statuses)}, perhaps for lack of memory; fewer at"
            " once (--cores) may help"
        )
    if max(statuses, default=0) > 0:
        sys.exit(1)


def end_with_parent() -> None:
    """End this process as soon as the one is gone that started it by :func:`in_processes`."""

    def watch() -> None:
        # Not by sys.stdin, whose lock would be held when the interpreter ends.
        os.read(0, 1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
