"""Draw calibration and errors of the networks on their validation parts.

Four plots: reliability curves, the most confused classes, the images of the most confident errors,
and the images that every training misclassified. Only the images that are shown are read.
"""

from pathlib import Path

import numpy as np

from digits.workflow import job
from digits.analysis.cell_summaries import accuracies, shown_cells
from digits.core import command_line
from digits.core.design import ENSEMBLE
from digits.core.frames import pd
from digits.core.results_folder import ResultsFolder
from digits.core.tables import read_table
from digits.data.image_tables import find_images
from digits.plots import calibration, misclassified
from digits.plots.style import save

SHOWN = 24
CALIBRATION = ("model", "low", "high", "count", "confidence", "accuracy")
ECE = ("model", "accuracy", "confidence", "ece", "expected_ece")
CONFUSED = ("model", "label", "predicted", "share")
HARDEST = ("row", "label", "predicted", "confidence", "wrong", "trials", "label_probability")


def main(argv: list[str] | None = None) -> None:
    """Run the program."""
    parser = command_line.parser(__doc__)
    command_line.add_results(parser)
    for table in ("calibration", "ece", "confused", "hardest"):
        parser.add_argument(f"--{table}", type=Path, required=True, help=f"tables/{table}.csv")
    for plot in ("reliability", "confusions", "worst", "common"):
        parser.add_argument(f"--{plot}", type=Path, required=True, help="plot to write (.svg)")
    args = parser.parse_args(argv)

    folder = ResultsFolder.of(args.results, args.design)
    design = folder.design
    curves = read_table(args.calibration, CALIBRATION, design, empty=True)
    errors = read_table(args.ece, ECE, design, empty=True)
    pairs = read_table(args.confused, CONFUSED, design, empty=True)
    hardest = read_table(args.hardest, (*HARDEST, *design.cell_columns), design, empty=True)
    worst = hardest.head(SHOWN)
    common = hardest[hardest["wrong"] == hardest["trials"]]
    most = common.sort_values("label_probability", kind="stable").head(SHOWN)
    images = [folder.part(fold, "validation") for fold in design.folds]
    worst_images, most_images = (images_of(table, images) for table in (worst, most))
    shown = shown_cells(accuracies(errors, design), design)
    together = ENSEMBLE in set(errors["model"])
    # Everything is read before anything is drawn, so that a corrupt file is reported at once.
    save(calibration.reliability(curves, errors, shown, design), args.reliability)
    save(misclassified.confused(pairs, shown, design, together=together), args.confusions)
    save(misclassified.worst(worst, worst_images, design), args.worst)
    save(misclassified.common(most, most_images, len(common)), args.common)


def images_of(hardest: pd.DataFrame, paths: list[Path]) -> np.ndarray:
    """Return the images of a table's rows, of shape (n, *image_shape)."""
    return find_images(paths, hardest["row"].to_numpy(np.int64))


if __name__ == "__main__":
    job.run(main)
