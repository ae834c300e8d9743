"""Tabulate the cost of each rule: jobs, wall time, processor time and peak memory."""

from pathlib import Path

from digits.workflow import job
from digits.core import command_line
from digits.core.results_folder import ResultsFolder
from digits.workflow.costs import cost_table, write_costs


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    command_line.add_results(parser)
    parser.add_argument("--rules", nargs="+", required=True, help="rules, in the order to list")
    parser.add_argument("--output", type=Path, required=True, help="CSV to write")
    arguments = parser.parse_args(argv)

    folder = ResultsFolder.of(arguments.results, arguments.design)
    write_costs(arguments.output, cost_table(folder, arguments.rules))


if __name__ == "__main__":
    job.run(main)
