"""Gather the trials into two tables: a row per trial, and a row per epoch of each."""

import json
from pathlib import Path

import pandas as pd

from digits import program
from digits.errors import DataError
from digits.trials import history_table, read_metrics, results_table, write_table


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = program.parser(__doc__)
    parser.add_argument("--metrics", type=Path, nargs="+", required=True)
    parser.add_argument("--history", type=Path, nargs="+", required=True, help="same order")
    parser.add_argument("--scores", type=Path, nargs="+", required=True, help="of the cells")
    parser.add_argument("--results", type=Path, required=True, help="CSV to write")
    parser.add_argument("--histories", type=Path, required=True, help="CSV to write")
    arguments = parser.parse_args(argv)

    metrics = [read_metrics(path) for path in arguments.metrics]
    histories = [read_history(path) for path in arguments.history]
    submissions = [json.loads(path.read_text(encoding="utf-8")) for path in arguments.scores]
    scores = {(cell["layers"], cell["nodes"]): cell["score"] for cell in submissions}
    write_table(arguments.results, results_table(metrics, scores))
    write_table(arguments.histories, history_table(list(zip(metrics, histories, strict=True))))


def read_history(path: Path) -> pd.DataFrame:
    """Read a trial's history, a row per epoch."""
    try:
        return pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: not a readable history ({error})") from None


if __name__ == "__main__":
    program.run(main)
