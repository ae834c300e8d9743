"""Draw what layers and nodes do to the accuracy of the last epoch.

Means over the trials (folds and seeds) of each cell; published accuracies where there are.
"""

from pathlib import Path

from digits import program
from digits.plots import results
from digits.plots.style import save
from digits.tables import read_numbers, read_table


def main(argv: list[str] | None = None) -> None:
    """Run the program."""
    parser = program.parser(__doc__)
    parser.add_argument("--results", type=Path, required=True, help="CSV of all cells and trials")
    parser.add_argument("--published", type=Path, help="folder with a published results.csv")
    parser.add_argument("--accuracy", type=Path, required=True, help="plot to write (.svg)")
    args = parser.parse_args(argv)

    measures = ("layers", "nodes", "val_accuracy")
    table = read_table(args.results, measures)
    published = None
    if args.published:
        published = read_numbers(args.published / "results.csv", measures)
    save(results.accuracy(table, published), args.accuracy)


if __name__ == "__main__":
    program.run(main)
