"""Analyse the design: the effects of its factors, which cells differ, and which one to pick.

Writes three tables: the cells with their accuracies, costs and the one to pick; the effects of the
factors; and the comparisons of cells with each other, with their ensemble and with published
figures. Failed trials are left out.
"""

from pathlib import Path

from digits.workflow import job
from digits.analysis.cells import cell_table, judge_cells
from digits.analysis.comparisons import compare_models, compare_published, comparison_table
from digits.analysis.effects import effect_table
from digits.analysis.outcomes import TrialPredictions, outcomes_of
from digits.analysis.selection import best_cell
from digits.core import command_line
from digits.core.design import CELL, cell_of
from digits.core.tables import read_table, write_table
from digits.evaluation.predictions import LABELLED, read_probabilities
from digits.evaluation.published import read_shares
from digits.evaluation.trials import RESULTS, has_failed, read_metrics


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--results", type=Path, required=True, help="CSV of all trials")
    parser.add_argument("--metrics", type=Path, nargs="+", required=True)
    parser.add_argument(
        "--predictions",
        type=Path,
        nargs="+",
        required=True,
        help="of the validation images, same order",
    )
    parser.add_argument("--splits", type=int, required=True, help="folds that the images are in")
    parser.add_argument("--published", type=Path, help="folder with a published results.csv")
    parser.add_argument("--cells", type=Path, required=True, help="CSV to write")
    parser.add_argument("--effects", type=Path, required=True, help="CSV to write")
    parser.add_argument("--comparisons", type=Path, required=True, help="CSV to write")
    arguments = parser.parse_args(argv)

    results = read_table(arguments.results, RESULTS)
    published = arguments.published and read_shares(arguments.published)
    outcomes = outcomes_of(read_trials(arguments.metrics, arguments.predictions))
    test_share = 1 / (arguments.splits - 1)
    cells = cell_table(results, outcomes, test_share)
    comparisons = [compare_models(outcomes, best_cell(cells), test_share)]
    if published is not None:
        comparisons.append(compare_published(results, published, outcomes))
    known = cells.dropna(subset=["accuracy", *CELL])
    with_result = [cell_of(cell) for cell in known.to_dict("records")]
    write_table(arguments.effects, effect_table(with_result, outcomes, test_share))
    write_table(arguments.cells, judge_cells(cells, comparisons[0]))
    write_table(arguments.comparisons, comparison_table(*comparisons))


def read_trials(metrics: list[Path], predictions: list[Path]) -> list[TrialPredictions]:
    """Read the predictions of the trials that ended with a result."""
    trials = []
    for record, path in zip(map(read_metrics, metrics), predictions, strict=True):
        if not has_failed(record):
            keys, probabilities = read_probabilities(path, LABELLED)
            images = (keys["row"].to_numpy(), keys["label"].to_numpy())
            trial = (cell_of(record), record["fold"], record["seed"])
            trials.append(TrialPredictions(*trial, *images, probabilities))
    return trials


if __name__ == "__main__":
    job.run(main)
