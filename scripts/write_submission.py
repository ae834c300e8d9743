"""Write a submission: the most probable class of each test image by the mean of several trials.

They are those of a cell, or of all cells together. Trials that failed have no vote; where all did,
the submission is empty.
"""

from pathlib import Path

import numpy as np

from digits.core import command_line
from digits.core.class_labels import add_classes, named
from digits.evaluation.predictions import UNLABELLED, mean_probabilities, read_probabilities
from digits.evaluation.submissions import write_submission
from digits.evaluation.trials import has_failed, read_metrics
from digits.workflow import job

NOTHING = np.empty(0, np.int64)
"""The classes where no training came to an end."""


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    parser.add_argument(
        "--predictions", type=Path, nargs="+", required=True, help="of the test images, per trial"
    )
    parser.add_argument("--metrics", type=Path, nargs="+", required=True, help="same order")
    add_classes(parser)
    parser.add_argument("--output", type=Path, required=True, help="CSV to write")
    arguments = parser.parse_args(argv)

    paths = [
        path
        for path, metrics in zip(arguments.predictions, arguments.metrics, strict=True)
        if not has_failed(read_metrics(metrics))
    ]
    predicted = NOTHING
    if paths:
        classes = len(arguments.classes)
        tables = [read_probabilities(path, UNLABELLED, classes) for path in paths]
        _, means = mean_probabilities(tables, paths)
        predicted = means.argmax(axis=1)  # the first class wins a tie
    write_submission(arguments.output, named(predicted, arguments.classes))


if __name__ == "__main__":
    job.run(main)
