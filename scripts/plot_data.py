"""Draw the training images.

Four plots: the number of images per class, the correlation between all pairs of pixels, the first
ten images of each class, and the mean and standard deviation of each class.
"""

from pathlib import Path

from digits.workflow import job
from digits.core import command_line
from digits.core.class_labels import add_classes
from digits.data.image_tables import ImageFile
from digits.plots import data
from digits.plots.style import save


def main(argv: list[str] | None = None) -> None:
    """Run the program."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--train", type=Path, required=True, help="labelled images, as Parquet")
    add_classes(parser)
    for plot in ("class-distribution", "pixel-correlation", "sample-digits", "mean-digits"):
        parser.add_argument(f"--{plot}", type=Path, required=True, help="plot to write (.svg)")
    args = parser.parse_args(argv)

    table = ImageFile(args.train, ["label"], classes=len(args.classes))
    save(data.class_distribution(table.labels, args.classes), args.class_distribution)
    save(data.pixel_correlation(table), args.pixel_correlation)
    save(data.sample_digits(table, args.classes), args.sample_digits)
    save(data.mean_digits(table, args.classes), args.mean_digits)


if __name__ == "__main__":
    job.run(main)
