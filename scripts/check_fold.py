"""Check that no image of a fold's validation part, nor a copy of one, is in its training tensor.

If one is, the workflow stops before the first training; otherwise, writes what was compared.
"""

from pathlib import Path

from digits.workflow import job
from digits.augmentation.tensors import read_tensor
from digits.core import command_line
from digits.core.atomic_files import write_json
from digits.core.errors import DataError
from digits.data.image_tables import ImageFile
from digits.data.leakage import check_fold


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--validation", type=Path, required=True)
    parser.add_argument("--tensor", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True, help="JSON to write")
    arguments = parser.parse_args(argv)

    train = ImageFile(arguments.train, ["row", "label"])
    validation = ImageFile(arguments.validation, ["row"], image_shape=train.image_shape)
    images, labels = read_tensor(arguments.tensor)
    try:
        compared = check_fold(train, validation, images, labels)
    except DataError as error:
        raise DataError(f"{arguments.tensor}: {error}") from None
    write_json(arguments.output, compared)


if __name__ == "__main__":
    job.run(main)
