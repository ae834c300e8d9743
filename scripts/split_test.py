"""Hold out a test set from a table of labelled images, stratified by class.

Writes the images to train on and the test images, and what is known of each of them from the files
and from the images themselves.
"""

from pathlib import Path
from typing import Any

import numpy as np

from digits.workflow import job
from digits.core import command_line
from digits.core.atomic_files import write_json
from digits.core.class_labels import add_classes
from digits.core.json_records import FOUND, read_record
from digits.data.folds import hold_out
from digits.data.image_tables import ImageFile, ImageTable, take, write_chunks
from digits.data.observations import observe


def main(argv: list[str] | None = None) -> None:
    """Run the program."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--images", required=True, type=Path, help="image table, with labels")
    parser.add_argument("--found", required=True, type=Path, help="JSON of its files")
    add_classes(parser)
    parser.add_argument("--share", required=True, type=float, help="share of the test images")
    parser.add_argument("--seed", required=True, type=int, help="seed of the choice")
    for part in ("train", "test"):
        parser.add_argument(f"--{part}", required=True, type=Path, help="Parquet file to write")
        parser.add_argument(f"--{part}-found", required=True, type=Path, help="JSON to write")
    args = parser.parse_args(argv)
    images = ImageFile(args.images, ["label"], classes=len(args.classes))
    found = read_record(args.found, FOUND)
    parts = hold_out(images.labels, args.share, args.seed, args.classes)
    for part, rows in zip(("train", "test"), parts, strict=True):
        chunks = (ImageTable(chunk.images, chunk.labels) for chunk in take(images, rows))
        write_chunks(getattr(args, part), (chunk for chunk in chunks if len(chunk)))
        write_json(getattr(args, f"{part}_found"), _of_part(found, images, rows))
    print(f"{len(parts[0]):,} images to train on, {len(parts[1]):,} for testing")


def _of_part(found: dict[str, Any], images: ImageFile, rows: np.ndarray) -> dict[str, Any]:
    """Return what was found, with what is observed on some rows alone."""
    observed = observe(take(images, rows), found["observed"]["low"], found["observed"]["high"])
    return found | {"rows": len(rows), "observed": observed}


if __name__ == "__main__":
    job.run(main)
