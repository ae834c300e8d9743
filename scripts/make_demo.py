"""Write the demo's raw CSVs, in Kaggle's format, from scikit-learn's bundled handwritten digits.

1,797 images of 8 x 8 are enlarged to 28 x 28 and split by label into 80% for training and 20%
for testing. The test set's labels are written apart, so that submissions can be scored offline.
"""

from pathlib import Path

from digits.workflow import job
from digits.core import command_line
from digits.core.atomic_files import write_text
from digits.data import demo


def main(argv: list[str] | None = None) -> None:
    """Run the program."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--train", required=True, type=Path, help="CSV to write: label, pixels")
    parser.add_argument("--test", required=True, type=Path, help="CSV to write: pixels")
    parser.add_argument("--test-labels", required=True, type=Path, help="CSV to write: id, label")
    args = parser.parse_args(argv)
    images, labels = demo.load_digits()
    train, test = demo.split(labels)
    write_text(args.train, demo.image_csv(images[train], labels[train]))
    write_text(args.test, demo.image_csv(images[test]))
    write_text(args.test_labels, demo.label_csv(labels[test]))
    shared = demo.count_shared(images[train], images[test])
    print(f"{len(train):,} training and {len(test):,} test images, {shared} of these in both")


if __name__ == "__main__":
    job.run(main)
