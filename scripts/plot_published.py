"""Draw the difference of each cell from its published accuracy, with its interval."""

from pathlib import Path

from digits.analysis.vocabulary import COMPARISONS
from digits.core import command_line
from digits.core.tables import read_table
from digits.plots.published import published
from digits.plots.style import save
from digits.workflow import job


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--comparisons", type=Path, required=True, help="tables/comparisons.csv")
    parser.add_argument("--output", type=Path, required=True, help="plot to write (.svg)")
    arguments = parser.parse_args(argv)

    save(published(read_table(arguments.comparisons, COMPARISONS, empty=True)), arguments.output)


if __name__ == "__main__":
    job.run(main)
