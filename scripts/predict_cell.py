"""Predict the class probabilities of a cell's validation images and of any test images."""

from pathlib import Path

import numpy as np

from digits.workflow import job
from digits.core import command_line
from digits.core.results_folder import ResultsFolder
from digits.data.image_tables import ImageFile
from digits.evaluation.inference import predict_probabilities, read_network
from digits.evaluation.predictions import write_probabilities


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    command_line.add_results(parser)
    parser.add_argument("--test", type=Path, nargs="?", help="test images, if there are any")
    arguments = parser.parse_args(argv)

    folder = ResultsFolder.of(arguments.results, arguments.design)
    parts = {
        fold: ImageFile(folder.part(fold, "validation"), ["row", "label"])
        for fold in folder.design.folds
    }
    shape = next(iter(parts.values())).image_shape
    test = arguments.test and ImageFile(arguments.test, image_shape=shape)
    for trial in folder.design.trials:
        network, validation = read_network(folder.model(trial)), parts[trial[-2]]
        write_probabilities(
            folder.validation(trial),
            {"row": validation.rows, "label": validation.labels},
            predict_probabilities(network, validation),
        )
        if test:
            write_probabilities(
                folder.test(trial),
                {"ImageId": np.arange(1, len(test) + 1, dtype=np.int32)},
                predict_probabilities(network, test),
            )


if __name__ == "__main__":
    job.run(main)
