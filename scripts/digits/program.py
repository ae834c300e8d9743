"""What the command-line programs in ``scripts/`` share: parsing, and errors without tracebacks."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from digits.errors import DigitsError


def parser(doc: str | None) -> argparse.ArgumentParser:
    """Make an argument parser whose ``--help`` shows the program's docstring."""
    return argparse.ArgumentParser(
        description=doc,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def run(main: Callable[[], None]) -> None:
    """Run a program; tell the user's own mistakes in one line and exit with status 1."""
    try:
        main()
    except DigitsError as error:
        print("error:", " ".join(str(error).splitlines()), file=sys.stderr)
        sys.exit(1)


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
