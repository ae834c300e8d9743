"""Write submissions and their scores: each test image's most probable class by the mean of trials.

There is one for each cell, or one for all cells together, the ensemble. Trials that failed have no
vote; where all did, the submission is empty. The score is there where the true labels are known.
"""

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import numpy as np

from digits.workflow import job
from digits.core import command_line
from digits.core.atomic_files import write_json
from digits.core.class_labels import add_classes, named
from digits.core.design import ENSEMBLE
from digits.core.intermediate_files import ContentError, reading
from digits.core.results_folder import ResultsFolder
from digits.data.image_tables import ImageFile
from digits.evaluation.predictions import UNLABELLED, mean_probabilities, read_probabilities
from digits.evaluation.submissions import add_form, form_of, read_submission, write_submission
from digits.evaluation.trials import has_failed, read_all_metrics

NOTHING = np.empty(0, np.int64)
"""The classes where no training came to an end."""


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    arguments = parse(argv)
    classes = arguments.classes
    test = ImageFile(arguments.test, classes=len(classes))
    folder = ResultsFolder.of(arguments.results, arguments.design)
    models = {ENSEMBLE: folder} if arguments.ensemble else folders_of_cells(folder)
    predicted = {model: vote(each, len(classes), len(test)) for model, each in models.items()}
    form, truth = form_of(arguments), test.labels
    if arguments.test_labels:
        truth = read_submission(arguments.test_labels, rows=len(test), classes=classes, form=form)
    # Everything is read before anything is written.
    for model, numbers in predicted.items():
        cell = {}
        if model != ENSEMBLE:
            (levels,) = models[model].design.cells
            cell = dict(zip(folder.design.factors, levels, strict=True))
        known = truth is not None and len(numbers)
        score = float((numbers == truth).mean()) if known else None
        write_submission(folder.submission(model), named(numbers, classes), form)
        write_json(folder.score(model), cell | {"rows": len(numbers), "score": score})


def folders_of_cells(folder: ResultsFolder) -> dict[str, ResultsFolder]:
    """Return the results folder once for each cell, by its model's name, with its trials alone."""
    design = folder.design
    return {m: replace(folder, design=design.only(cell)) for m, cell in design.models.items()}


def vote(folder: ResultsFolder, classes: int, images: int) -> np.ndarray:
    """Predict by the mean of the probabilities of the trials that did not fail.

    Returns
    -------
    int64 array of shape (images,), the number of each image's class; empty if all trials failed

    Raises
    ------
    DataError
        If predictions cannot be read, or are not of as many images.
    """
    trials = zip(folder.design.trials, read_all_metrics(folder), strict=True)
    paths = [folder.test(trial) for trial, metrics in trials if not has_failed(metrics)]
    if not paths:
        return NOTHING
    tables = (read_probabilities(path, UNLABELLED, classes) for path in paths)
    _, means = mean_probabilities(tables, paths)
    with reading(paths[0]):
        if len(means) != images:
            raise ContentError(f"expected {images} rows, one per test image, found {len(means)}")
    return means.argmax(axis=1)  # the first class wins a tie


def parse(argv: list[str] | None) -> Namespace:
    """Parse the command line."""
    parser = command_line.parser(__doc__)
    command_line.add_results(parser)
    parser.add_argument(
        "--ensemble", action="store_true", help="all trials vote together, for one submission"
    )
    parser.add_argument(
        "--test", type=Path, required=True, help="test images, with or without labels"
    )
    parser.add_argument("--test-labels", type=Path, help="CSV of the true labels, if known")
    add_form(parser)
    add_classes(parser)
    return parser.parse_args(argv)


if __name__ == "__main__":
    job.run(main)
