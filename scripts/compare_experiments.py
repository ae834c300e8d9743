"""Print the differences between two finished experiments: settings, data, versions and results.

Only settings and facts that differ are listed, with both values; the results of the cells of both
experiments are shown side by side, as means over the trials of a cell.
"""

from pathlib import Path

from rich.console import Console

from digits.workflow import job
from digits.core import command_line
from digits.monitor.comparison import compare
from digits.monitor.experiments import read_experiment


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    parser.add_argument("first", metavar="A", help="name of an experiment")
    parser.add_argument("second", metavar="B", help="name of another experiment")
    parser.add_argument("--results", type=Path, default=Path("results"), help="folder of both")
    arguments = parser.parse_args(argv)

    pair = [
        read_experiment(arguments.results / name) for name in (arguments.first, arguments.second)
    ]
    Console(highlight=False).print(compare(*pair))


if __name__ == "__main__":
    job.run(main)
