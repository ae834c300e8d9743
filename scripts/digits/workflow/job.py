"""Running a program as a job: only with the code that was planned, and ending with the run."""

import argparse
import atexit
import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from digits.workflow import plan
from digits.core import system_errors
from digits.core.command_line import add_code, fail, print_error
from digits.core.errors import DigitsError
from digits.workflow.code_identity import SCRIPTS
from digits.workflow.run_lock import end_with_run

# What is imported is never garbage: looking for some as often as Python does by default takes a
# quarter of an import of TensorFlow.
gc.set_threshold(100_000, 50, 1000)

# Nor is it when the interpreter ends, which would look through all of it: a fifth of the processor
# time of a small training, a third of that of a plot.
atexit.register(gc.freeze)


def run(main: Callable[[], None]) -> None:
    """Run a program; report the user's own mistakes in one line and exit with status 1.

    A full disk, a folder that cannot be written to and a lack of memory are reported likewise. If
    the command line names the code that was planned, the program refuses to run any other.
    """
    end_with_run()
    # A file's name may have characters that the terminal's encoding lacks.
    sys.stdout.reconfigure(errors="backslashreplace")
    known = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    add_code(known)
    planned = known.parse_known_args()[0].code
    try:
        # Modules are imported as they are needed, so the code is checked again at the end.
        check_code(planned)
        main()
        check_code(planned)
    except DigitsError as error:
        fail(str(error))
    except Exception as error:
        line = system_errors.describe(error)
        if line is None:
            raise
        fail(line)


def _report(kind: type[BaseException], error: BaseException, traceback: Any) -> None:
    """Report an error of the machine in one line, even if it kept a library from being imported."""
    line = system_errors.describe(error)
    if line is None:
        sys.__excepthook__(kind, error, traceback)
    else:
        print_error(line)


def check_code(planned: str | None) -> None:
    """Refuse to go on in a job whose code is not what its run was planned with.

    Raises
    ------
    CodeError
        See :func:`digits.workflow.plan.check_code`.
    """
    if planned:
        plan.check_code(Path(sys.argv[0]).stem, planned)


# Other processes, such as Snakemake's own, report errors in their own way.
if Path(sys.argv[0]).resolve().parent == SCRIPTS:
    sys.excepthook = _report
