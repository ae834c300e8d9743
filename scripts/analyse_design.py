"""Analyse the design: the effects of its factors, which cells differ, and which one to pick.

Writes three tables: the cells with their accuracies, costs and the one to pick; the effects of the
factors; and the comparisons of cells with each other, with their ensemble and with published
figures. Failed trials are left out.
"""

from collections.abc import Iterator
from pathlib import Path

from digits.workflow import job
from digits.analysis.cells import cell_table, judge_cells
from digits.analysis.comparisons import (
    Comparer,
    compare_models,
    compare_published,
    comparison_table,
)
from digits.analysis.effects import effect_table
from digits.analysis.outcomes import TrialPredictions, outcomes_of
from digits.analysis.selection import best_cell
from digits.core import command_line
from digits.core.results_folder import ResultsFolder
from digits.core.tables import read_table, write_table
from digits.evaluation.predictions import LABELLED, read_probabilities
from digits.evaluation.published import read_shares
from digits.evaluation.trials import RESULTS, has_failed, read_all_metrics


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    command_line.add_results(parser)
    parser.add_argument("--table", type=Path, required=True, help="CSV of all trials")
    parser.add_argument("--splits", type=int, required=True, help="folds that the images are in")
    parser.add_argument(
        "--margin",
        type=float,
        required=True,
        help="loss against the best cell that matters, as a share of the images",
    )
    parser.add_argument("--published", type=Path, help="folder with a published results.csv")
    parser.add_argument("--cells", type=Path, required=True, help="CSV to write")
    parser.add_argument("--effects", type=Path, required=True, help="CSV to write")
    parser.add_argument("--comparisons", type=Path, required=True, help="CSV to write")
    arguments = parser.parse_args(argv)

    folder = ResultsFolder.of(arguments.results, arguments.design)
    design, test_share = folder.design, 1 / (arguments.splits - 1)
    results = read_table(arguments.table, (*design.trial_columns, *RESULTS), design)
    published = arguments.published and read_shares(arguments.published, design)
    outcomes = outcomes_of(read_trials(folder), design)
    comparer = Comparer(outcomes, test_share)
    cells = cell_table(results, outcomes, design, test_share)
    comparisons = [compare_models(comparer, best_cell(cells))]
    cells = judge_cells(cells, comparisons[0], comparer, arguments.margin)
    if published is not None:
        comparisons.append(compare_published(results, published, outcomes, design))
    write_table(arguments.effects, effect_table(outcomes, design, test_share))
    write_table(arguments.cells, cells)
    write_table(arguments.comparisons, comparison_table(*comparisons))


def read_trials(folder: ResultsFolder) -> Iterator[TrialPredictions]:
    """Read the predictions of the trials that ended with a result, one after the other."""
    for record in read_all_metrics(folder):
        if not has_failed(record):
            *cell, fold, seed = trial = folder.design.trial_of(record)
            keys, probabilities = read_probabilities(folder.validation(trial), LABELLED)
            yield TrialPredictions(
                tuple(cell), fold, seed, keys["row"], keys["label"], probabilities
            )


if __name__ == "__main__":
    job.run(main)
