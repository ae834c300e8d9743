"""Draw the accuracy of every cell at its last epoch, and its learning curves.

Means over the trials (folds and seeds) of each cell; published figures if there are any.
"""

from pathlib import Path

from digits.workflow import job
from digits.core import command_line
from digits.core.design import read_design
from digits.core.tables import read_table
from digits.evaluation.published import read_curves, read_shares
from digits.plots import overview, results
from digits.plots.style import save

CURVES = ("epoch", "val_accuracy")


def main(argv: list[str] | None = None) -> None:
    """Run the program."""
    parser = command_line.parser(__doc__)
    command_line.add_design(parser)
    parser.add_argument("--results", type=Path, required=True, help="CSV of all cells and trials")
    parser.add_argument("--history", type=Path, required=True, help="CSV of all epochs")
    parser.add_argument(
        "--published", type=Path, help="folder with a published results.csv and history.csv"
    )
    parser.add_argument("--accuracy", type=Path, required=True, help="plot to write (.svg)")
    parser.add_argument("--learning", type=Path, required=True, help="plot to write (.svg)")
    args = parser.parse_args(argv)

    design = read_design(args.design)
    trial = design.trial_columns
    table = read_table(args.results, (*trial, "val_accuracy"), design)
    history = read_table(args.history, (*trial, *CURVES, "val_loss"), design, empty=True)
    published = theirs = None
    if args.published:
        published = read_shares(args.published, design)
        theirs = read_curves(args.published, design)
    save(results.accuracy(table, design, published), args.accuracy)
    save(overview.learning(table, history, design, theirs), args.learning)


if __name__ == "__main__":
    job.run(main)
