"""Make the training tensor of a fold: its training images and random affine copies of them.

It contains each image once as it is and ``--copies`` times in each of three kinds: translated and
rotated; translated and zoomed; translated, zoomed and rotated.
"""

from pathlib import Path

import numpy as np

from digits.workflow import job
from digits.augmentation.tensors import write_tensor
from digits.augmentation.transforms import KINDS, Ranges, augmented_chunks
from digits.core import command_line
from digits.data.image_tables import ImageFile, digests


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--train", type=Path, required=True, help="training part of the fold")
    parser.add_argument("--validation", type=Path, required=True, help="images to exclude")
    parser.add_argument("--copies", type=int, required=True, help="copies of each kind")
    parser.add_argument("--translation", type=float, required=True, help="share of the side")
    parser.add_argument("--rotation", type=float, required=True, help="share of a full turn")
    parser.add_argument("--zoom", type=float, required=True, help="relative change of scale")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--fold", type=int, required=True)
    parser.add_argument("--output", type=Path, required=True, help="NPZ to write")
    arguments = parser.parse_args(argv)

    table = ImageFile(arguments.train, ["label"])
    validation = ImageFile(arguments.validation, image_shape=table.image_shape)
    chunks = augmented_chunks(
        table,
        digests(validation),
        copies=arguments.copies,
        ranges=Ranges(arguments.translation, arguments.rotation, arguments.zoom),
        seed=arguments.seed,
        fold=arguments.fold,
    )
    labels = np.tile(table.labels, 1 + len(KINDS) * arguments.copies)
    write_tensor(arguments.output, chunks, labels, table.image_shape)


if __name__ == "__main__":
    job.run(main)
