"""Summarise the data: counts, checksums, duplicates and statistics of the pixels.

Reads the image tables and what was found in the raw files that they were made from. Writes counts
and checksums as JSON and the statistics as a table: one row per class of the training set, one for
the whole training set and one for the whole test set.
"""

from pathlib import Path

from digits.workflow import job
from digits.core import command_line
from digits.core.atomic_files import write_json, write_text
from digits.core.class_labels import add_classes
from digits.core.json_records import FOUND, read_record
from digits.data.image_tables import ImageFile
from digits.data.summary import count_duplicates, count_labels, file_facts, summarise_pixels


def main(argv: list[str] | None = None) -> None:
    """Run the program."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--train", required=True, type=Path, help="image table, with labels")
    parser.add_argument("--test", nargs="?", type=Path, help="image table, if there is one")
    parser.add_argument("--train-found", required=True, type=Path, help="JSON of --train's files")
    parser.add_argument("--test-found", nargs="?", type=Path, help="JSON of --test's files")
    add_classes(parser)
    parser.add_argument("--facts", required=True, type=Path, help="JSON to write")
    parser.add_argument("--summary", required=True, type=Path, help="CSV to write")
    args = parser.parse_args(argv)
    classes = len(args.classes)
    train = ImageFile(args.train, ["label"], classes=classes)
    test = args.test and ImageFile(args.test, classes=classes, image_shape=train.image_shape)
    labels = count_labels(train.labels, args.classes)
    found = read_record(args.train_found, FOUND)
    facts = {
        "train": file_facts(found, args.train) | {"labels": labels},
        "test": args.test and file_facts(read_record(args.test_found, FOUND), args.test),
        "image_shape": list(train.image_shape),
        "duplicates": count_duplicates(train, test),
    }
    write_json(args.facts, facts)
    summary = summarise_pixels(train, test, args.classes)
    write_text(args.summary, summary.to_csv(index=False, lineterminator="\n"))


if __name__ == "__main__":
    job.run(main)
