"""Tabulate per-class metrics and the confusion matrix of each trial on its validation part.

Failed trials are left out.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from digits.workflow import job
from digits.core import command_line
from digits.core.class_labels import add_classes
from digits.core.design import REPEATS, Design
from digits.core.results_folder import ResultsFolder
from digits.core.tables import by_design, label_classes, write_table
from digits.evaluation.class_metrics import CLASSES, CONFUSION, class_table, confusion_table
from digits.evaluation.predictions import LABELLED, read_probabilities
from digits.evaluation.trials import has_failed, read_all_metrics, with_trial


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    command_line.add_results(parser)
    add_classes(parser)
    parser.add_argument("--class-table", type=Path, required=True, help="CSV to write")
    parser.add_argument("--confusion", type=Path, required=True, help="CSV to write")
    arguments = parser.parse_args(argv)

    folder = ResultsFolder.of(arguments.results, arguments.design)
    results = list(read_results(folder, len(arguments.classes)))
    for evaluate, columns, path in (
        (class_table, CLASSES, arguments.class_table),
        (confusion_table, CONFUSION, arguments.confusion),
    ):
        table = evaluate_trials(evaluate, results, columns, folder.design)
        write_table(path, label_classes(table, arguments.classes))


def read_results(
    folder: ResultsFolder, classes: int
) -> Iterator[tuple[dict, np.ndarray, np.ndarray, int]]:
    """Yield the metrics of each trial with a result, its labels and its predicted classes."""
    for trial, metrics in zip(folder.design.trials, read_all_metrics(folder), strict=True):
        if not has_failed(metrics):
            keys, probabilities = read_probabilities(folder.validation(trial), LABELLED, classes)
            predicted = probabilities.argmax(axis=1)
            yield metrics, keys["label"].to_numpy(), predicted, classes


def evaluate_trials(
    evaluate: Callable[[np.ndarray, np.ndarray, int], pd.DataFrame],
    results: list[tuple[dict, np.ndarray, np.ndarray, int]],
    columns: list[str],
    design: Design,
) -> pd.DataFrame:
    """Evaluate all trials and concatenate their tables, with the columns of the trial first.

    Parameters
    ----------
    results : see :func:`read_results`
    columns : the columns of ``evaluate``, for a table without rows
    """
    if not results:
        return pd.DataFrame(columns=[*design.trial_columns, *columns])
    tables = [with_trial(evaluate(*each), metrics, design) for metrics, *each in results]
    return by_design(pd.concat(tables, ignore_index=True), design, [*REPEATS, "label"])


if __name__ == "__main__":
    job.run(main)
