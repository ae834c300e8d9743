"""Draw a preview of the augmentation: one image of each class and its copies.

A row per class: the first image of that class in the fold, then its random copies, by kind.
"""

from pathlib import Path

from digits.workflow import job
from digits.augmentation.tensors import read_tensor
from digits.core import command_line
from digits.core.class_labels import add_classes
from digits.core.errors import DataError
from digits.plots.augmentation import preview
from digits.plots.style import save


def main(argv: list[str] | None = None) -> None:
    """Run the program."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--tensor", type=Path, required=True, help="augmented images, as NPZ")
    parser.add_argument("--copies", type=int, required=True, help="copies of each kind")
    add_classes(parser)
    parser.add_argument("--output", type=Path, required=True, help="plot to write (.svg)")
    args = parser.parse_args(argv)

    images, labels = read_tensor(args.tensor, len(args.classes))
    try:
        figure = preview(images, labels, args.copies, args.classes)
    except DataError as error:
        raise DataError(f"{args.tensor}: {error}") from None
    save(figure, args.output)


if __name__ == "__main__":
    job.run(main)
