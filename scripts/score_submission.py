"""Check a submission against the test set and, where the true labels are known, score it.

Every id, its place, every label and the number of rows are checked before anything uses the file.
"""

from pathlib import Path

from digits.core import command_line
from digits.core.atomic_files import write_json
from digits.core.class_labels import add_classes
from digits.core.design import CELL
from digits.data.image_tables import ImageFile
from digits.evaluation.submissions import read_submission
from digits.workflow import job


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--submission", type=Path, required=True)
    parser.add_argument(
        "--test", type=Path, required=True, help="test images, with or without labels"
    )
    parser.add_argument("--test-labels", type=Path, help="CSV with ImageId,Label, if known")
    add_classes(parser)
    for name in CELL:
        parser.add_argument(f"--{name}", type=int, help="of the cell, if it is of a single one")
    parser.add_argument("--output", type=Path, required=True, help="JSON to write")
    arguments = parser.parse_args(argv)

    classes = arguments.classes
    test = ImageFile(arguments.test, classes=len(classes))
    # Where all trainings failed, nothing is submitted.
    submitted = read_submission(
        arguments.submission, rows=len(test), classes=classes, given=False, or_none=True
    )
    truth, score = test.labels, None
    if arguments.test_labels:
        truth = read_submission(arguments.test_labels, rows=len(test), classes=classes)
    if truth is not None and len(submitted):
        score = float((submitted == truth).mean())
    cell = {name: level for name in CELL if (level := getattr(arguments, name)) is not None}
    write_json(arguments.output, cell | {"rows": len(submitted), "score": score})


if __name__ == "__main__":
    job.run(main)
