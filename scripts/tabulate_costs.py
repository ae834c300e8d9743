"""Sum up what each rule cost: jobs, wall time, processor time and peak memory."""

from pathlib import Path

from digits import program
from digits.costs import cost_table
from digits.tables import write_table


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = program.parser(__doc__)
    parser.add_argument(
        "--benchmarks", type=Path, nargs="+", required=True, help="Snakemake's benchmark files"
    )
    parser.add_argument("--output", type=Path, required=True, help="CSV to write")
    arguments = parser.parse_args(argv)

    write_table(arguments.output, cost_table(arguments.benchmarks))


if __name__ == "__main__":
    program.run(main)
