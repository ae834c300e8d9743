"""Check a raw CSV of images and write it as Parquet.

The CSV may be gzipped, or a member of a zip (``digit-recognizer.zip::train.csv``). Its columns
are the label, if there is one, and then the pixels in order. Every value is checked; the first
error is reported with its row and column, and nothing is written then.
"""

from pathlib import Path

from digits.workflow import job
from digits.core import command_line
from digits.core.class_labels import add_classes
from digits.core.errors import DataError
from digits.data.content_hashes import HASHES, source_identity
from digits.data.ingest import ingest_csv


def main(argv: list[str] | None = None) -> None:
    """Run the program."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--source", required=True, help="CSV, .csv.gz or path.zip::member.csv")
    parser.add_argument("--output", required=True, type=Path, help="Parquet file to write")
    parser.add_argument("--label", help="column of the labels; omit if there is none")
    parser.add_argument(
        "--test", action="store_true", help="a test set: the labels, or any class, may be absent"
    )
    parser.add_argument(
        "--image-shape", required=True, type=int, nargs=2, metavar=("HEIGHT", "WIDTH")
    )
    add_classes(parser)
    parser.add_argument("--content", help="identity that the source had when the run was planned")
    args = parser.parse_args(argv)
    rows = ingest_csv(
        args.source,
        args.output,
        label=args.label,
        image_shape=tuple(args.image_shape),
        classes=args.classes,
        test=args.test,
    )
    if args.content and source_identity(args.source, HASHES) != args.content:
        args.output.unlink()
        raise DataError(f"{args.source}: the file was changed during the run; run again")
    print(f"{rows:,} images from {args.source}")


if __name__ == "__main__":
    job.run(main)
