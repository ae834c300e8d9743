"""Tabulate per-class metrics and the confusion matrix of each trial on its validation part.

Failed trials are left out.
"""

from pathlib import Path

import numpy as np

from digits.workflow import job
from digits.core import command_line
from digits.core.class_labels import add_classes
from digits.core.design import REPEATS
from digits.core.results_folder import ResultsFolder
from digits.core.tables import by_design, label_classes, write_table
from digits.evaluation.class_metrics import class_table, confusion_table, confusions
from digits.evaluation.predictions import LABELLED, read_probabilities
from digits.evaluation.trial_tables import with_trials
from digits.evaluation.trials import has_failed, read_all_metrics


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    command_line.add_results(parser)
    add_classes(parser)
    parser.add_argument("--class-table", type=Path, required=True, help="CSV to write")
    parser.add_argument("--confusion", type=Path, required=True, help="CSV to write")
    arguments = parser.parse_args(argv)

    folder = ResultsFolder.of(arguments.results, arguments.design)
    design, classes = folder.design, len(arguments.classes)
    done, counts = read_confusions(folder, classes)
    for table, path in (
        (class_table(counts), arguments.class_table),
        (confusion_table(counts), arguments.confusion),
    ):
        rows = len(table) // max(len(done), 1)
        found = by_design(with_trials(table, done, rows, design), design, [*REPEATS, "label"])
        write_table(path, label_classes(found, arguments.classes))


def read_confusions(folder: ResultsFolder, classes: int) -> tuple[list[dict], np.ndarray]:
    """Return the metrics of all trials with a result, and their confusion matrices."""
    done, found = [], []
    for trial, metrics in zip(folder.design.trials, read_all_metrics(folder), strict=True):
        if not has_failed(metrics):
            keys, probabilities = read_probabilities(folder.validation(trial), LABELLED, classes)
            found.append(confusions(keys["label"], probabilities.argmax(axis=1), classes))
            done.append(metrics)
    return done, np.array(found, int).reshape(-1, classes, classes)


if __name__ == "__main__":
    job.run(main)
