"""What the command-line programs in ``scripts/`` share: parsing, and errors without tracebacks."""

import argparse
import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from digits import plan
from digits.errors import DigitsError
from digits.runs import end_with_run

CIRCUMSTANCES = {
    errno.EACCES,
    errno.EDQUOT,
    errno.EEXIST,
    errno.EFBIG,
    errno.EIO,
    errno.EISDIR,
    errno.ELOOP,
    errno.ENAMETOOLONG,
    errno.ENOENT,
    errno.ENOSPC,
    errno.ENOTDIR,
    errno.EPERM,
    errno.EROFS,
}
"""What the system refuses for reasons that lie with the machine and not with the program."""


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


def add_cache(parser: argparse.ArgumentParser) -> None:
    """Add the option of a program whose outputs can be kept in a store."""
    parser.add_argument(
        "--cache",
        type=lambda text: Path(text) if text else None,
        help="folder of a store to take outputs from and to keep them in",
    )


def settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the arguments that are no paths: with the inputs' content they decide the outputs."""
    values = vars(arguments).items()
    return {name: value for name, value in values if not isinstance(value, Path | None)}


def run(main: Callable[[], None]) -> None:
    """Run a program; tell the user's own mistakes in one line and exit with status 1.

    So are a full disk, a folder that cannot be written to and a lack of memory told. Where the
    command line names the code that was planned, the program refuses to run any other.
    """
    end_with_run()
    # A file's name may have characters that the terminal's encoding lacks.
    sys.stdout.reconfigure(errors="backslashreplace")
    known = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    add_code(known)
    planned = known.parse_known_args()[0].code
    try:
        # Modules are imported as they are needed, so the code is looked at again in the end.
        check_code(planned)
        main()
        check_code(planned)
    except DigitsError as error:
        fail(str(error))
    except MemoryError:
        fail("out of memory; close other programs or let fewer jobs run at once (--cores)")
    except OSError as error:
        if error.errno not in CIRCUMSTANCES:
            raise
        fail(f"{error.filename or 'writing'}: {os.strerror(error.errno)}; mend it and run again")


def check_code(planned: str | None) -> None:
    """Refuse to go on in a job whose code is not what its run was planned with.

    Raises
    ------
    CodeError
        See :func:`digits.plan.check_code`.
    """
    if planned:
        plan.check_code(Path(sys.argv[0]).stem, planned)


def fail(message: str) -> NoReturn:
    """Tell a mistake in one line and end the program.

    What a terminal might take for a command, such as an escape sequence in a file's name, is not
    printed as it is.
    """
    line = " ".join(message.splitlines())
    shown = (each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line)
    print("error:", "".join(shown), file=sys.stderr)
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
