"""Draw the confusion matrix and the learning curves of one cell of the design.

Both cover all trials (folds and seeds) of the cell that ended with a result, those in the table of
confusions; published curves are drawn if there are any. If all trials failed, the plots state that.
"""

from pathlib import Path

from digits.workflow import job
from digits.core import command_line
from digits.core.design import REPEATS, read_design
from digits.core.tables import read_cell, rows_of
from digits.evaluation.published import read_curves
from digits.plots import cells, failed
from digits.plots.style import save

COUNTS = ("label", "predicted", "count")
CURVES = ("epoch", "accuracy", "loss", "val_accuracy", "val_loss")


def main(argv: list[str] | None = None) -> None:
    """Run the program."""
    parser = command_line.parser(__doc__)
    command_line.add_design(parser)
    parser.add_argument("--confusion-table", type=Path, required=True, help="CSV of all cells")
    parser.add_argument("--history-table", type=Path, required=True, help="CSV of all cells")
    parser.add_argument("--published", type=Path, help="folder with a published history.csv")
    parser.add_argument("--confusion", type=Path, required=True, help="plot to write (.svg)")
    parser.add_argument("--learning", type=Path, required=True, help="plot to write (.svg)")
    args = parser.parse_args(argv)

    design = read_design(args.design)
    [cell] = design.cells
    name = design.cell_label(cell)
    counts = read_cell(args.confusion_table, (*REPEATS, *COUNTS), cell, design, empty=True)
    history = read_cell(args.history_table, (*REPEATS, *CURVES), cell, design, empty=counts.empty)
    if counts.empty:
        save(failed.confusion(name), args.confusion)
        save(failed.learning(history, name), args.learning)
        return
    history = history.merge(counts[REPEATS].drop_duplicates(), on=REPEATS)
    published = None
    if args.published:
        published = rows_of(read_curves(args.published, design), cell, design)

    matrix, trials = cells.pooled_counts(counts), cells.trial_count(counts)
    save(cells.confusion(matrix, name, trials), args.confusion)
    save(cells.learning(history, name, published), args.learning)


if __name__ == "__main__":
    job.run(main)
