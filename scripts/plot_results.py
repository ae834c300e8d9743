"""Draw the accuracy of every cell, and its learning curves, beside published figures if any.

Of one or two factors, the accuracy of the last epoch, the mean over the trials (folds and seeds) of
each cell; of more factors, that of the saved weights with its interval, in rank order.
"""

from pathlib import Path

from digits.workflow import job
from digits.analysis.vocabulary import cells_columns
from digits.core import command_line
from digits.core.design import read_design
from digits.core.errors import ConfigError
from digits.core.tables import read_table
from digits.evaluation.published import read_curves, read_shares
from digits.plots import overview, rank_order, results
from digits.plots.style import save

CURVES = ("epoch", "val_accuracy")


def main(argv: list[str] | None = None) -> None:
    """Run the program."""
    parser = command_line.parser(__doc__)
    command_line.add_design(parser)
    parser.add_argument("--table", type=Path, required=True, help="tables/results.csv")
    parser.add_argument("--history", type=Path, required=True, help="tables/history.csv")
    parser.add_argument(
        "--cells", type=Path, nargs="?", help="tables/cells.csv, for more than two factors"
    )
    parser.add_argument(
        "--published", type=Path, help="folder with a published results.csv and history.csv"
    )
    parser.add_argument("--accuracy", type=Path, required=True, help="plot to write (.svg)")
    parser.add_argument("--learning", type=Path, required=True, help="plot to write (.svg)")
    args = parser.parse_args(argv)

    design = read_design(args.design)
    ranked = len(design.varied) > rank_order.FACTORS
    if ranked and args.cells is None:
        raise ConfigError("--cells: needed for a design of more than two factors")
    trial = design.trial_columns
    table = read_table(args.table, (*trial, "val_accuracy"), design)
    history = read_table(args.history, (*trial, *CURVES, "val_loss"), design, empty=True)
    published = theirs = None
    if args.published:
        published = read_shares(args.published, design)
        theirs = read_curves(args.published, design)
    if ranked:
        cells = read_table(args.cells, cells_columns(design), design)
        figure = rank_order.accuracy(cells, design, published)
    else:
        figure = results.accuracy(table, design, published)
    save(figure, args.accuracy)
    save(overview.learning(table, history, design, theirs), args.learning)


if __name__ == "__main__":
    job.run(main)
