"""Draw the accuracy of every cell at its last epoch, and its learning curves.

Means over the trials (folds and seeds) of each cell; published figures if there are any.
"""

from pathlib import Path

from digits.workflow import job
from digits.core import command_line
from digits.core.design import CELL, TRIAL
from digits.core.tables import read_numbers, read_table
from digits.plots import overview, results
from digits.plots.style import save

CURVES = ("epoch", "val_accuracy")


def main(argv: list[str] | None = None) -> None:
    """Run the program."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--results", type=Path, required=True, help="CSV of all cells and trials")
    parser.add_argument("--history", type=Path, required=True, help="CSV of all epochs")
    parser.add_argument(
        "--published", type=Path, help="folder with a published results.csv and history.csv"
    )
    parser.add_argument("--accuracy", type=Path, required=True, help="plot to write (.svg)")
    parser.add_argument("--learning", type=Path, required=True, help="plot to write (.svg)")
    args = parser.parse_args(argv)

    table = read_table(args.results, (*TRIAL, "val_accuracy"))
    history = read_table(args.history, (*TRIAL, *CURVES, "val_loss"), empty=True)
    published = theirs = None
    if args.published:
        published = read_numbers(args.published / "results.csv", (*CELL, "val_accuracy"))
        theirs = read_numbers(args.published / "history.csv", (*CELL, *CURVES))
    save(results.accuracy(table, published), args.accuracy)
    save(overview.learning(table, history, theirs), args.learning)


if __name__ == "__main__":
    job.run(main)
