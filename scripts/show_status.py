"""Show the status of an experiment: the progress, accuracy and time left of each trial.

Reads only the results folder, whether or not the experiment is running. With --watch the status is
updated every second until everything is done or Ctrl-C is pressed; without a terminal it is printed
once, as plain text.
"""

import contextlib
import time
from argparse import Namespace
from pathlib import Path

from rich.console import Console, RenderableType
from rich.live import Live

from digits.workflow import job
from digits.core import command_line
from digits.monitor.runs import results_of
from digits.monitor.status import read_status
from digits.monitor.status_view import show

AROUND = 9
"""Lines around the rows of the table: heading, column names, stages, best cell, prompt."""

WIDE = 100
"""Columns of a terminal with room for progress bars."""


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    with contextlib.suppress(KeyboardInterrupt):
        follow(parse(argv))


def follow(arguments: Namespace) -> None:
    """Show the status once, or until the experiment is finished."""
    folder = arguments.results or results_of(arguments.experiment)
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
        console.show_cursor()  # Live leaves it hidden if interrupted as it starts


def parse(argv: list[str] | None) -> Namespace:
    """Parse the command line."""
    parser = command_line.parser(__doc__)
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--experiment", default="demo", help="name of the experiment; demo by default"
    )
    which.add_argument("--results", type=Path, help="or its folder, such as results/demo")
    parser.add_argument("--watch", action="store_true", help="update until it is finished")
    parser.add_argument("--interval", type=float, default=1.0, help="seconds between updates")
    parser.add_argument("--all", action="store_true", help="show every trial, however many")
    return parser.parse_args(argv)


if __name__ == "__main__":
    job.run(main)
