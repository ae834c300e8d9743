"""Tabulate per-class metrics and the confusion matrix of each trial on its validation part.

Failed trials are left out.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from digits.workflow import job
from digits.core import command_line
from digits.core.class_labels import add_classes
from digits.core.design import TRIAL
from digits.core.tables import label_classes, write_table
from digits.evaluation.class_metrics import CLASSES, CONFUSION, class_table, confusion_table
from digits.evaluation.predictions import LABELLED, read_probabilities
from digits.evaluation.trials import has_failed, read_metrics


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--metrics", type=Path, nargs="+", required=True)
    parser.add_argument("--predictions", type=Path, nargs="+", required=True, help="same order")
    add_classes(parser)
    parser.add_argument("--class-table", type=Path, required=True, help="CSV to write")
    parser.add_argument("--confusion", type=Path, required=True, help="CSV to write")
    arguments = parser.parse_args(argv)

    trials = [read_metrics(path) for path in arguments.metrics]
    results = [
        (trial, *read_probabilities(path, LABELLED, len(arguments.classes)))
        for trial, path in zip(trials, arguments.predictions, strict=True)
        if not has_failed(trial)
    ]
    for evaluate, columns, path in (
        (class_table, CLASSES, arguments.class_table),
        (confusion_table, CONFUSION, arguments.confusion),
    ):
        table = evaluate_trials(evaluate, results, columns)
        write_table(path, label_classes(table, arguments.classes))


def evaluate_trials(
    evaluate: Callable[[np.ndarray, np.ndarray, int], pd.DataFrame],
    results: list[tuple[dict, pd.DataFrame, np.ndarray]],
    columns: list[str],
) -> pd.DataFrame:
    """Evaluate all trials and concatenate their tables, with the columns of the trial first.

    Parameters
    ----------
    results : per trial its metrics, the keys of its predictions, and its probabilities
    columns : the columns of ``evaluate``, for a table without rows
    """
    if not results:
        return pd.DataFrame(columns=[*TRIAL, *columns])
    tables = []
    for trial, keys, probabilities in results:
        predicted = probabilities.argmax(axis=1)
        table = evaluate(keys["label"].to_numpy(), predicted, probabilities.shape[1])
        for position, name in enumerate(TRIAL):
            table.insert(position, name, trial[name])
        tables.append(table)
    return pd.concat(tables).sort_values([*TRIAL, "label"], kind="stable", ignore_index=True)


if __name__ == "__main__":
    job.run(main)
