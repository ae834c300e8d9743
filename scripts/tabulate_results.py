"""Tabulate the trials: a table with a row per trial, and one with a row per epoch."""

from argparse import Namespace
from pathlib import Path

from digits.workflow import job
from digits.core import command_line
from digits.core.design import Cell
from digits.core.json_records import SCORE, read_record
from digits.core.results_folder import ResultsFolder
from digits.core.tables import write_table
from digits.evaluation.kaggle_scores import known_scores, read_by_hand, read_rows
from digits.evaluation.trial_tables import history_table, read_history, results_table
from digits.evaluation.trials import read_all_metrics


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    command_line.add_results(parser)
    command_line.add_without_test(parser)
    parser.add_argument("--table", type=Path, required=True, help="CSV to write, a row per trial")
    parser.add_argument(
        "--kaggle-scores", type=Path, nargs="?", help="table of what was submitted to Kaggle"
    )
    parser.add_argument("--competition", help="the one to which it was submitted")
    parser.add_argument(
        "--scores-by-hand", type=Path, nargs="?", help="Kaggle's scores got by hand (.tsv)"
    )
    parser.add_argument("--history", type=Path, required=True, help="CSV to write, one per epoch")
    arguments = parser.parse_args(argv)

    folder = ResultsFolder.of(arguments.results, arguments.design)
    design = folder.design
    metrics = read_all_metrics(folder)
    histories = [read_history(folder.history(trial)) for trial in design.trials]
    scores = {
        cell: read_record(folder.score(model), SCORE)["score"]
        for model, cell in design.models.items()
        if not arguments.without_test
    }
    kaggle_scores = {} if arguments.without_test else scores_of_kaggle(arguments, folder)
    write_table(arguments.table, results_table(metrics, scores, design, kaggle_scores))
    pairs = list(zip(metrics, histories, strict=True))
    write_table(arguments.history, history_table(pairs, design))


def scores_of_kaggle(arguments: Namespace, folder: ResultsFolder) -> dict[Cell, float]:
    """Return Kaggle's scores of the cells whose submission has one."""
    models = folder.design.models
    rows = read_rows(arguments.kaggle_scores) if arguments.kaggle_scores else []
    by_hand = read_by_hand(arguments.scores_by_hand) if arguments.scores_by_hand else {}
    files = {model: folder.submission(model) for model in models}
    known = known_scores(files, rows, by_hand, arguments.competition)
    return {models[model]: score for model, score in known.items()}


if __name__ == "__main__":
    job.run(main)
