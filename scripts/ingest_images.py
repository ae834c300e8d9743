"""Check raw images and write them as Parquet.

The files, of any format of :mod:`digits.data.formats`, may be compressed, or members of a zip
(``digit-recognizer.zip::train.csv``). Every value is checked; the first error is reported with its
row and column, and nothing is written then. What was found in the files is written as JSON.
"""

from pathlib import Path

from digits.workflow import job
from digits.core import command_line
from digits.core.atomic_files import write_json
from digits.core.errors import DataError
from digits.data.content_hashes import HASHES, identity_of_all
from digits.data.description import Description
from digits.data.ingest import ingest


def main(argv: list[str] | None = None) -> None:
    """Run the program."""
    parser = command_line.parser(__doc__)
    parser.add_argument(
        "--dataset",
        required=True,
        type=Description.from_json,
        help="the files and how they are read, as JSON: see digits.data.description",
    )
    parser.add_argument("--output", required=True, type=Path, help="Parquet file to write")
    parser.add_argument("--found", required=True, type=Path, help="JSON to write")
    parser.add_argument("--content", help="identity that the files had when the run was planned")
    args = parser.parse_args(argv)
    found = ingest(args.dataset, args.output)
    files = [*args.dataset.files, *args.dataset.label_files]
    if args.content and identity_of_all(files, HASHES) != args.content:
        args.output.unlink()
        changed = "the file was" if len(files) == 1 else "this file or another was"
        raise DataError(f"{files[0]}: {changed} changed during the run; run again")
    write_json(args.found, found)
    for note in found["notes"]:
        print(f"note: {note}")
    more = f" and {len(files) - 1} more" if files[1:] else ""
    print(f"{found['rows']:,} images from {files[0]}{more}")


if __name__ == "__main__":
    job.run(main)
