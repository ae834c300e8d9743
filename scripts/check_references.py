"""Check the references for the results: test labels, sample submission, scores, published figures.

This runs before the first training, so that a mistake in them does not show only at the end.
Writes how many of each there are.
"""

from pathlib import Path

from digits.workflow import job
from digits.core import command_line
from digits.core.atomic_files import write_json
from digits.core.class_labels import add_classes
from digits.data.image_tables import ImageFile
from digits.evaluation.kaggle_scores import read_by_hand
from digits.evaluation.published import check_curves, check_shares
from digits.evaluation.submissions import add_form, check_sample, form_of, read_submission


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--test", type=Path, nargs="?", help="test images, if there are any")
    parser.add_argument("--test-labels", type=Path, help="CSV of the true labels, if known")
    parser.add_argument("--sample", type=Path, help="sample submission, if there is one")
    add_form(parser)
    parser.add_argument("--scores-by-hand", type=Path, help="Kaggle's scores got by hand (.tsv)")
    parser.add_argument("--published", type=Path, help="folder with results.csv and history.csv")
    add_classes(parser)
    parser.add_argument("--output", type=Path, required=True, help="JSON to write")
    arguments = parser.parse_args(argv)

    counts, rows = {}, len(ImageFile(arguments.test)) if arguments.test else 0
    form = form_of(arguments)
    if arguments.sample:
        check_sample(arguments.sample, rows, form)
        counts["sample_submission"] = rows
    if arguments.test_labels:
        truth = read_submission(
            arguments.test_labels, rows=rows, classes=arguments.classes, form=form
        )
        counts["test_labels"] = len(truth)
    if arguments.scores_by_hand:
        counts["kaggle_scores"] = len(read_by_hand(arguments.scores_by_hand))
    if arguments.published:
        counts["published_cells"] = len(check_shares(arguments.published))
        counts["published_epochs"] = len(check_curves(arguments.published))
    write_json(arguments.output, counts)


if __name__ == "__main__":
    job.run(main)
