"""Draw calibration and errors of the networks on their validation parts.

Four plots: reliability curves, the most confused classes, the images of the most confident errors,
and the images that every training misclassified. Only the images that are shown are read.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from digits.workflow import job
from digits.core import command_line
from digits.core.design import CELL, ENSEMBLE
from digits.core.tables import read_table
from digits.data.image_tables import find_images
from digits.plots import calibration, misclassified
from digits.plots.style import save

SHOWN = 24
CALIBRATION = ("model", "low", "high", "count", "confidence", "accuracy")
ECE = ("model", *CELL, "accuracy", "confidence", "ece")
CONFUSED = ("model", *CELL, "label", "predicted", "share")
HARDEST = (
    *("row", "label", "predicted", "confidence", *CELL),
    *("wrong", "trials", "label_probability"),
)


def main(argv: list[str] | None = None) -> None:
    """Run the program."""
    parser = command_line.parser(__doc__)
    for table in ("calibration", "ece", "confused", "hardest"):
        parser.add_argument(f"--{table}", type=Path, required=True, help=f"tables/{table}.csv")
    parser.add_argument(
        "--images", type=Path, nargs="+", required=True, help="validation images of all folds"
    )
    for plot in ("reliability", "confusions", "worst", "common"):
        parser.add_argument(f"--{plot}", type=Path, required=True, help="plot to write (.svg)")
    args = parser.parse_args(argv)

    curves = read_table(args.calibration, CALIBRATION, empty=True)
    errors = read_table(args.ece, ECE, empty=True)
    pairs = read_table(args.confused, CONFUSED, empty=True)
    hardest = read_table(args.hardest, HARDEST, empty=True)
    worst = hardest.head(SHOWN)
    common = hardest[hardest["wrong"] == hardest["trials"]]
    shown = common.sort_values("label_probability", kind="stable").head(SHOWN)
    worst_images, shown_images = (images_of(table, args.images) for table in (worst, shown))
    # Everything is read before anything is drawn, so that a corrupt file is reported at once.
    save(calibration.reliability(curves, errors), args.reliability)
    save(misclassified.confused(pairs, together=ENSEMBLE in set(errors["model"])), args.confusions)
    save(misclassified.worst(worst, worst_images), args.worst)
    save(misclassified.common(shown, shown_images, len(common)), args.common)


def images_of(hardest: pd.DataFrame, paths: list[Path]) -> np.ndarray:
    """Return the images of a table's rows, of shape (n, height, width)."""
    return find_images(paths, hardest["row"].to_numpy(np.int64))


if __name__ == "__main__":
    job.run(main)
