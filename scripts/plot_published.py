"""Draw how far each cell is from its published accuracy, with an interval of the difference."""

from pathlib import Path

from digits import program
from digits.analysis.names import COMPARISONS
from digits.plots.published import published
from digits.plots.style import save
from digits.tables import read_table


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = program.parser(__doc__)
    parser.add_argument("--comparisons", type=Path, required=True, help="tables/comparisons.csv")
    parser.add_argument("--output", type=Path, required=True, help="plot to write (.svg)")
    arguments = parser.parse_args(argv)

    save(published(read_table(arguments.comparisons, COMPARISONS, empty=True)), arguments.output)


if __name__ == "__main__":
    program.run(main)
