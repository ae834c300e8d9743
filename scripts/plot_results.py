"""Draw the accuracy of the cells, and their learning curves.

Accuracies are those of the last epoch, means over the trials (folds and seeds) of each cell, beside
published figures if there are any; of designs of more than two factors, those of the saved models
in rank order.
"""

from pathlib import Path

from digits.workflow import job
from digits.analysis.vocabulary import cells_columns
from digits.core import command_line
from digits.core.design import read_design
from digits.core.tables import read_table
from digits.evaluation.published import read_curves, read_shares
from digits.plots import overview, results
from digits.plots.style import save
from digits.plots.summary import accuracies, shown_cells

CURVES = ("epoch", "val_accuracy")


def main(argv: list[str] | None = None) -> None:
    """Run the program."""
    parser = command_line.parser(__doc__)
    command_line.add_design(parser)
    parser.add_argument("--results", type=Path, required=True, help="CSV of all cells and trials")
    parser.add_argument("--history", type=Path, required=True, help="CSV of all epochs")
    parser.add_argument("--cells", type=Path, required=True, help="tables/cells.csv")
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
    cells = read_table(args.cells, cells_columns(design), design)
    published = theirs = None
    if args.published:
        published = read_shares(args.published, design)
        theirs = read_curves(args.published, design)
    shown = shown_cells(accuracies(cells, design), design)
    save(results.accuracy(table, cells, design, published), args.accuracy)
    save(overview.learning(table, history, shown, design, theirs), args.learning)


if __name__ == "__main__":
    job.run(main)
