"""Show what is in raw files before anything is trained: a short table, and a picture of images."""

from pathlib import Path

from digits.workflow import job
from digits.core import command_line
from digits.core.atomic_files import replacing, write_text
from digits.core.class_labels import add_classes
from digits.core.json_records import FOUND, read_record
from digits.data.contact_sheet import contact_sheet, first_of_each
from digits.data.image_tables import ImageFile
from digits.data.overview import overview
from digits.data.summary import count_labels


def main(argv: list[str] | None = None) -> None:
    """Run the program."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--images", required=True, type=Path, nargs="+", help="image tables")
    parser.add_argument("--found", required=True, type=Path, nargs="+", help="JSON of their files")
    add_classes(parser)
    parser.add_argument("--table", required=True, type=Path, help="text to write")
    parser.add_argument("--pictures", required=True, type=Path, help="PNG to write")
    args = parser.parse_args(argv)
    texts, rows, names = [], [], []
    for path, record in zip(args.images, args.found, strict=True):
        table = ImageFile(path, classes=len(args.classes))
        counts = {} if table.labels is None else count_labels(table.labels, args.classes)
        texts.append(overview(path.stem, read_record(record, FOUND), table.image_shape, counts))
        # The images of a test set are shown only where they say something else.
        if not rows or table.labels is None:
            rows += first_of_each(table, len(args.classes))
            names += [path.stem] if table.labels is None else args.classes
    write_text(args.table, "\n".join(texts) + f"\nimages of each class: {args.pictures}\n")
    with replacing(args.pictures) as temporary:
        temporary.write_bytes(contact_sheet(rows, names))


if __name__ == "__main__":
    job.run(main)
