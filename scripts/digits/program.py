"""What the command-line programs in ``scripts/`` share: parsing, and errors without tracebacks."""

import argparse
import errno
import os
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from digits import plan
from digits.errors import DigitsError, lacks_memory
from digits.files import WRITING
from digits.identity import SCRIPTS
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
    """Run a program; report the user's own mistakes in one line and exit with status 1.

    So are a full disk, a folder that cannot be written to and a lack of memory reported. Where the
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
    except Exception as error:
        line = _circumstance(error)
        if line is None:
            raise
        fail(line)


def _circumstance(error: BaseException) -> str | None:
    """Describe in one line what lies with the machine; None for anything else."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    limited = limit != resource.RLIM_INFINITY
    if lacks_memory(error) or (limited and _lacks_addresses(error)):
        raised = f", or raise the limit of {limit >> 20:,} MiB (ulimit -v)" * limited
        return f"out of memory; close other programs, run fewer jobs at once (--cores){raised}"
    if isinstance(error, RuntimeError) and "can't start new thread" in str(error):
        return (
            "out of memory or of threads; close other programs, run fewer jobs at once (--cores),"
            " or raise the limits (ulimit -v, ulimit -u)"
        )
    if isinstance(error, OSError) and error.errno in CIRCUMSTANCES:
        return _system_error(error)
    return None


def _lacks_addresses(error: BaseException | None) -> bool:
    """Return whether a library could not be loaded since it had no place in memory."""
    while error is not None and "failed to map segment" not in str(error):
        error = error.__cause__ or error.__context__
    return error is not None


def _system_error(error: OSError) -> str:
    """Describe what the system refuses, with the file and what to do."""
    reason = os.strerror(error.errno or 0)
    if error.filename is None:
        if "temporary directory" in str(error.strerror):
            return f"{error.strerror}; set TMPDIR to a folder that can be written to"
        return f"{error.strerror or reason}; fix this and run again"
    if error.errno in WRITING:  # of a copy, the second file is the one that is written
        written = error.filename2 or error.filename
        advice = "fix this" if error.errno == errno.EFBIG else "free some space there"
        return f"{os.fsdecode(written)}: {reason}; {advice} and run again"
    return f"{os.fsdecode(error.filename)}: {reason}; fix this and run again"


def _report(kind: type[BaseException], error: BaseException, traceback: Any) -> None:
    """Report what lies with the machine in one line also where a library could not be imported."""
    line = _circumstance(error)
    if line is None:
        sys.__excepthook__(kind, error, traceback)
    else:
        print_error(line)


# Other processes, such as Snakemake's own, keep their way to report.
if Path(sys.argv[0]).resolve().parent == SCRIPTS:
    sys.excepthook = _report


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
