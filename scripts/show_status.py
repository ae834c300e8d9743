"""Show where an experiment stands: its trials, how far each is, how good, and how long to go.

Reads only what lies in the results folder, whatever made it and whether or not it is being made.
With --watch it is shown anew every second, until all is done or Ctrl-C; without a terminal it is
printed once, as plain text.
"""

import contextlib
import time
from argparse import Namespace
from pathlib import Path

from rich.console import Console, RenderableType
from rich.live import Live

from digits.core import command_line
from digits.monitor.status import read_status
from digits.monitor.status_view import show
from digits.workflow import job

AROUND = 9
"""Lines around the rows of the table: heading, column names, stages, best cell, prompt."""

WIDE = 100
"""Columns from which on there is room for progress bars."""


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    with contextlib.suppress(KeyboardInterrupt):
        follow(parse(argv))


def follow(arguments: Namespace) -> None:
    """Show the status once, or until the experiment is finished."""
    folder = arguments.results or Path("results") / arguments.experiment
    console = Console()

    def look() -> tuple[bool, RenderableType]:
        status = read_status(folder, time.time())
        rows = None if arguments.all else console.height - AROUND
        return status.finished, show(status, rows=rows, wide=console.width >= WIDE)

    finished, view = look()
    if finished or not (arguments.watch and console.is_terminal):
        console.print(view)
        return
    try:
        with Live(view, console=console, auto_refresh=False) as live:
            while not finished:
                time.sleep(arguments.interval)
                finished, view = look()
                live.update(view, refresh=True)
    finally:
        console.show_cursor()  # which it has hidden and, interrupted as it begins, leaves so


def parse(argv: list[str] | None) -> Namespace:
    """Parse the command line."""
    parser = command_line.parser(__doc__)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--experiment", default="demo", help="its name; demo by default")
    which.add_argument("--results", type=Path, help="or its folder, such as results/demo")
    parser.add_argument("--watch", action="store_true", help="go on until it is finished")
    parser.add_argument("--interval", type=float, default=1.0, help="seconds between two looks")
    parser.add_argument("--all", action="store_true", help="every trial, however many")
    return parser.parse_args(argv)


if __name__ == "__main__":
    job.run(main)
