"""Predict class probabilities of a trial's validation images and of any test images."""

from pathlib import Path

import numpy as np

from digits.workflow import job
from digits.core import command_line
from digits.data.image_tables import ImageFile
from digits.evaluation.inference import predict_probabilities, read_network
from digits.evaluation.predictions import write_probabilities


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--model", type=Path, required=True, help="Keras file")
    parser.add_argument("--validation", type=Path, required=True, help="validation images")
    parser.add_argument("--test", type=Path, nargs="?", help="test images, if there are any")
    parser.add_argument("--validation-output", type=Path, required=True, help="Parquet to write")
    parser.add_argument("--test-output", type=Path, nargs="?", help="Parquet to write")
    arguments = parser.parse_args(argv)

    network = read_network(arguments.model)
    validation = ImageFile(arguments.validation, ["row", "label"])
    test = arguments.test and ImageFile(arguments.test, image_shape=validation.image_shape)
    write_probabilities(
        arguments.validation_output,
        {"row": validation.rows, "label": validation.labels},
        predict_probabilities(network, validation),
    )
    if test:
        write_probabilities(
            arguments.test_output,
            {"ImageId": np.arange(1, len(test) + 1, dtype=np.int32)},
            predict_probabilities(network, test),
        )


if __name__ == "__main__":
    job.run(main)
