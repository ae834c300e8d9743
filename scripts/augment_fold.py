"""Make the training tensor of a fold: its training images and random copies of them.

It contains each image once as it is and ``copies`` times in each of three kinds: translated and
rotated; translated and zoomed; translated, zoomed and rotated; all three sheared and bent as well,
if that is asked for. Where the copies are made anew in each epoch, it contains the images alone.
"""

import json
from pathlib import Path

import numpy as np

from digits.workflow import job
from digits.augmentation.tensors import write_tensor
from digits.augmentation.transforms import KINDS, augmented_chunks
from digits.core import command_line
from digits.data.held_out import HeldOut
from digits.data.image_tables import ImageFile


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--train", type=Path, required=True, help="training part of the fold")
    parser.add_argument("--validation", type=Path, required=True, help="images to exclude")
    parser.add_argument("--fold", type=int, required=True)
    parser.add_argument(
        "--augmentation", type=json.loads, required=True, help="JSON: how images are copied"
    )
    parser.add_argument("--output", type=Path, required=True, help="NPZ to write")
    arguments = parser.parse_args(argv)

    table = ImageFile(arguments.train, ["label"])
    validation = ImageFile(arguments.validation, image_shape=table.image_shape)
    augmentation = arguments.augmentation
    copies = augmentation["copies"] if augmentation["mode"] == "fixed" else 0
    chunks = augmented_chunks(
        table,
        HeldOut(validation.chunks()),
        copies=copies,
        ranges=augmentation,
        seed=augmentation["seed"],
        fold=arguments.fold,
    )
    labels = np.tile(table.labels, 1 + len(KINDS) * copies)
    write_tensor(arguments.output, chunks, labels, table.image_shape)


if __name__ == "__main__":
    job.run(main)
