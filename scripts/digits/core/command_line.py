"""What the command-line programs in ``scripts/`` share: parsing, and errors without tracebacks."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn


def parser(doc: str | None, *, code_required: bool = False) -> argparse.ArgumentParser:
    """Make an argument parser whose ``--help`` shows the program's docstring.

    It knows ``--code``, by which a run says what it was planned with; see :func:`run`.
    """
    parser = argparse.ArgumentParser(
        description=doc,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_code(parser, required=code_required)
    return parser


def add_code(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    """Add the option by which the workflow says with which code it was planned."""
    parser.add_argument(
        "--code", required=required, help="identity of the program's code; any other is refused"
    )


def fail(message: str) -> NoReturn:
    """Print a mistake in one line and end the program."""
    print_error(message)
    sys.exit(1)


def print_error(message: str) -> None:
    """Print a mistake in one line.

    What a terminal might take for a command, such as an escape sequence in a file's name, is not
    printed as it is.
    """
    line = " ".join(message.splitlines())
    shown = (each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line)
    print("error:", "".join(shown), file=sys.stderr)


@contextmanager
def silent_stderr() -> Iterator[None]:
    """Drop what native code writes to standard error; Python's exceptions still get through."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a device, not a path
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
