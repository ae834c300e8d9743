"""Draw the confusion matrix and the learning curves of each cell of the design.

Both cover all trials (folds and seeds) of the cell that ended with a result, those in the table of
confusions; published curves are drawn if there are any. If all trials failed, the plots state that.
"""

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from digits.workflow import job
from digits.core import command_line
from digits.core.design import REPEATS, Cell
from digits.core.frames import pd
from digits.core.parallel import beside, end_with_parent, shares
from digits.core.results_folder import ResultsFolder
from digits.core.tables import read_table, rows_of, some_rows_of
from digits.evaluation.published import read_curves
from digits.plots import cells, failed
from digits.plots.style import save

COUNTS = ("label", "predicted", "count")
CURVES = ("epoch", "accuracy", "loss", "val_accuracy", "val_loss")


def main(argv: list[str] | None = None) -> None:
    """Run the program."""
    parser = command_line.parser(__doc__)
    command_line.add_results(parser)
    parser.add_argument("--confusion-table", type=Path, required=True, help="CSV of all cells")
    parser.add_argument("--history-table", type=Path, required=True, help="CSV of all cells")
    parser.add_argument("--published", type=Path, help="folder with a published history.csv")
    command_line.add_processes(parser, "cells")
    arguments = parser.parse_args(argv)
    folder = ResultsFolder.of(arguments.results, arguments.design)
    cells = folder.design.cells
    if arguments.only:
        end_with_parent()
        own, others = arguments.only, []
    else:
        own, *others = shares(range(len(cells)), arguments.processes)
    with beside(__file__, sys.argv[1:] if argv is None else argv, others):
        draw_cells(arguments, folder, [cells[number] for number in own])


def draw_cells(arguments: Namespace, folder: ResultsFolder, some: Sequence[Cell]) -> None:
    """Draw the plots of some of the cells."""
    design, history_table = folder.design, arguments.history_table
    columns = (*design.cell_columns, *REPEATS)
    counts = read_table(arguments.confusion_table, (*columns, *COUNTS), design, empty=True)
    history = read_table(history_table, (*columns, *CURVES), design, empty=True)
    published = read_curves(arguments.published, design) if arguments.published else None
    for cell in some:
        counted = rows_of(counts, cell, design)
        if counted.empty:
            epochs = rows_of(history, cell, design)
        else:
            epochs = some_rows_of(history_table, history, cell, design)
        curves = None if published is None else rows_of(published, cell, design)
        draw_cell(folder, cell, counted, epochs, curves)


def draw_cell(
    folder: ResultsFolder,
    cell: Cell,
    counts: pd.DataFrame,
    history: pd.DataFrame,
    published: pd.DataFrame | None,
) -> None:
    """Draw the plots of a cell, by its rows of the tables."""
    name, learning = folder.design.cell_label(cell), folder.cell_plot(cell, "learning")
    confusion = folder.cell_plot(cell, "confusion")
    if counts.empty:
        save(failed.confusion(name), confusion)
        save(failed.learning(history, name), learning)
        return
    history = history.merge(counts[REPEATS].drop_duplicates(), on=REPEATS)
    matrix, trials = cells.pooled_counts(counts), cells.trial_count(counts)
    save(cells.confusion(matrix, name, trials), confusion)
    save(cells.learning(history, name, published), learning)


if __name__ == "__main__":
    job.run(main)
