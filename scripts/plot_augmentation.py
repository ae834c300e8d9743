"""Draw a preview of the augmentation: images of each class and their copies.

A row per class: the first image of that class in the fold, then its random copies, by kind. Where
copies are made anew in each epoch, the copies are those that the first epoch trains on.
"""

import json
from argparse import Namespace
from pathlib import Path

from matplotlib.figure import Figure

from digits.workflow import job
from digits.augmentation.fresh import FreshCopies
from digits.augmentation.tensors import read_tensor
from digits.core import command_line
from digits.core.class_labels import add_classes
from digits.core.errors import ConfigError, DataError
from digits.data.held_out import HeldOut
from digits.data.image_tables import ImageFile
from digits.plots.augmentation import fresh_preview, preview
from digits.plots.style import save


def main(argv: list[str] | None = None) -> None:
    """Run the program."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--tensor", type=Path, required=True, help="augmented images, as NPZ")
    parser.add_argument(
        "--augmentation", type=json.loads, required=True, help="JSON: how images are copied"
    )
    parser.add_argument(
        "--validation", type=Path, nargs="?", help="validation images, for fresh copies"
    )
    parser.add_argument("--fold", type=int, required=True)
    add_classes(parser)
    parser.add_argument("--output", type=Path, required=True, help="plot to write (.svg)")
    args = parser.parse_args(argv)
    save(draw(args), args.output)


def draw(args: Namespace) -> Figure:
    """Read the images and draw the preview."""
    augmentation = args.augmentation
    if augmentation["mode"] == "fresh" and args.validation is None:
        raise ConfigError("--validation: needed where copies are made anew in each epoch")
    images, labels = read_tensor(args.tensor, len(args.classes))
    if augmentation["mode"] == "fresh":
        validation = ImageFile(args.validation, image_shape=images.shape[1:])
        source = FreshCopies(
            (images, labels), HeldOut(validation.chunks()), augmentation, args.fold
        )
        return fresh_preview(source, args.classes)
    try:
        return preview(images, labels, augmentation, args.classes)
    except DataError as error:
        raise DataError(f"{args.tensor}: {error}") from None


if __name__ == "__main__":
    job.run(main)
