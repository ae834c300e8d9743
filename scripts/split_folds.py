"""Split the training images into the training and validation part of one stratified fold.

The split is the same as scikit-learn's. Training images that equal one of the validation part,
pixel for pixel, are left out, so that no validation image is trained on.
"""

from pathlib import Path

from digits.workflow import job
from digits.core import command_line
from digits.core.class_labels import add_classes
from digits.core.errors import DataError
from digits.data.folds import split_fold
from digits.data.image_tables import ImageFile, take, write_chunks
from digits.data.leakage import without_copies


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--images", type=Path, required=True, help="all training images")
    add_classes(parser)
    parser.add_argument("--splits", type=int, required=True)
    parser.add_argument("--fold", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--train", type=Path, required=True, help="Parquet to write")
    parser.add_argument("--validation", type=Path, required=True, help="Parquet to write")
    arguments = parser.parse_args(argv)

    table = ImageFile(arguments.images, ["label"], classes=len(arguments.classes))
    train, validation = split_fold(
        table.labels,
        arguments.classes,
        splits=arguments.splits,
        fold=arguments.fold,
        seed=arguments.seed,
    )
    kept = without_copies(table, train, validation)
    if not len(kept):
        raise DataError(
            f"{arguments.images}: fold {arguments.fold}: no image is left to train on;"
            " each equals one in the validation part"
        )
    if len(kept) < len(train):
        print(f"{len(train) - len(kept)} copies of validation images left out of training")
    write_chunks(arguments.train, take(table, kept))
    write_chunks(arguments.validation, take(table, validation))


if __name__ == "__main__":
    job.run(main)
