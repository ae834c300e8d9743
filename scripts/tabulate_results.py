"""Tabulate the trials: a table with a row per trial, and one with a row per epoch."""

from pathlib import Path

from digits.workflow import job
from digits.core import command_line
from digits.core.design import cell_of
from digits.core.json_records import SCORE, read_record
from digits.core.tables import write_table
from digits.evaluation.trials import history_table, read_history, read_metrics, results_table


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--metrics", type=Path, nargs="+", required=True)
    parser.add_argument("--history", type=Path, nargs="+", required=True, help="same order")
    parser.add_argument("--scores", type=Path, nargs="+", required=True, help="of the cells")
    parser.add_argument("--results", type=Path, required=True, help="CSV to write")
    parser.add_argument("--histories", type=Path, required=True, help="CSV to write")
    arguments = parser.parse_args(argv)

    metrics = [read_metrics(path) for path in arguments.metrics]
    histories = [read_history(path) for path in arguments.history]
    submissions = [read_record(path, SCORE) for path in arguments.scores]
    scores = {cell_of(record): record["score"] for record in submissions}
    write_table(arguments.results, results_table(metrics, scores))
    write_table(arguments.histories, history_table(list(zip(metrics, histories, strict=True))))


if __name__ == "__main__":
    job.run(main)
