"""Shared by the command-line programs in ``scripts/``: parsing, and errors without tracebacks."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn


def parser(doc: str | None, *, code_required: bool = False) -> argparse.ArgumentParser:
    """Make an argument parser whose ``--help`` shows the program's docstring.

    It has the option ``--code``, the identity with which a run was planned; see :func:`add_code`.
    """
    parser = argparse.ArgumentParser(
        description=doc,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_code(parser, required=code_required)
    return parser


def add_code(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    """Add the option ``--code``: the identity of the code with which the workflow was planned."""
    parser.add_argument(
        "--code", required=required, help="identity of the program's code; any other is refused"
    )


def add_design(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--design``, for :func:`digits.core.design.read_design`."""
    parser.add_argument(
        "--design", required=True, help="design of the experiment: its file, or its JSON"
    )


def add_results(parser: argparse.ArgumentParser) -> None:
    """Add the options ``--results`` and ``--design``.

    They are for :class:`digits.core.results_folder.ResultsFolder`, which knows the files of all
    trials, so that the command line does not grow with their number.
    """
    parser.add_argument(
        "--results", type=Path, required=True, help="results folder of the experiment"
    )
    add_design(parser)


def add_processes(parser: argparse.ArgumentParser, items: str) -> None:
    """Add ``--processes`` and ``--only``, for :func:`digits.core.parallel.in_processes`."""
    parser.add_argument(
        "--processes", type=int, default=1, help=f"number of processes that share the {items}"
    )
    parser.add_argument(
        "--only",
        type=lambda text: [int(number) for number in text.split(",")],
        help=f"numbers of the {items} to work on, from 0; this is how the processes are started",
    )


def add_without_test(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--without-test``: there is no test set, so there are no submissions."""
    parser.add_argument(
        "--without-test", action="store_true", help="there is no test set, so no submissions"
    )


def fail(message: str) -> NoReturn:
    """Print an error in one line and exit with status 1."""
    print_error(message)
    sys.exit(1)


def print_error(message: str) -> None:
    """Print an error in one line on standard error.

    Characters that a terminal might interpret, such as an escape sequence in a file name, are
    replaced.
    """
    line = " ".join(message.splitlines())
    shown = (each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line)
    print("error:", "".join(shown), file=sys.stderr)


@contextmanager
def silent_stderr() -> Iterator[None]:
    """Discard what native code writes to standard error; Python's exceptions still propagate."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a device, not a path
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
