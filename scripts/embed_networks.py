"""Write the trained networks, and validation images to try them on, for the report page.

One network per cell, that of its first training, by fold and seed, that has not failed. If they are
too large for a page together, the best ones that fit are written and the others listed.
"""

import math
from argparse import Namespace
from pathlib import Path
from typing import Any

import numpy as np

from digits.workflow import job
from digits.core import command_line
from digits.core.atomic_files import write_json
from digits.core.class_labels import add_classes
from digits.core.design import CELL, TRIAL, trial_of
from digits.core.intermediate_files import ContentError, reading
from digits.data.image_tables import read_images
from digits.evaluation.inference import Layer, read_layers, sizes
from digits.evaluation.predictions import LABELLED, read_probabilities
from digits.evaluation.trials import has_failed, read_metrics
from digits.report import networks

NEEDED = [*TRIAL, "parameters", "val_accuracy"]


def parse(argv: list[str] | None) -> Namespace:
    """Parse the command line."""
    parser = command_line.parser(__doc__)
    parser.add_argument(
        "--metrics",
        type=Path,
        nargs="+",
        required=True,
        help="metrics.json of each training; model.keras and validation.parquet lie beside it",
    )
    parser.add_argument("--folds", type=int, nargs="+", required=True, help="numbers of the folds")
    parser.add_argument(
        "--validation", type=Path, nargs="+", required=True, help="their validation images"
    )
    add_classes(parser)
    parser.add_argument("--output", type=Path, required=True, help="JSON to write")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    args = parse(argv)
    trials = [(path.parent, read_metrics(path, NEEDED)) for path in args.metrics]
    chosen, failed = networks.first_good(trial for _, trial in trials)
    kept, too_large = networks.fitting_networks(chosen)
    fold = min((trial["fold"] for trial in chosen), default=args.folds[0])
    judges = [
        folder / "validation.parquet"
        for folder, trial in trials
        if trial["fold"] == fold and not has_failed(trial)
    ]
    images = dict(zip(args.folds, args.validation, strict=True))[fold]
    folders = {trial_of(trial): folder for folder, trial in trials}
    about = about_images(images, fold, judges, len(args.classes))
    size = math.prod(about["image_shape"]), len(args.classes)
    content = {
        "classes": list(args.classes),
        "networks": [
            dict(zip(TRIAL, trial_of(trial), strict=True))
            | {"stack": networks.as_data(read_network(folders[trial_of(trial)], size))}
            for trial in kept
        ],
        "failed": failed,
        "too_large": [{name: trial[name] for name in CELL} for trial in too_large],
    }
    write_json(args.output, content | about)


def read_network(folder: Path, size: tuple[int, int]) -> list[Layer]:
    """Read the layers of a trial's network, which must have so many inputs and classes."""
    path = folder / "model.keras"
    layers = read_layers(path)
    with reading(path):
        if sizes(layers) != size:
            network = "a network for {} pixels and {} classes"
            found = network.format(*sizes(layers))
            raise ContentError(f"expected {network.format(*size)}, found {found}")
    return layers


def about_images(path: Path, fold: int, judges: list[Path], classes: int) -> dict[str, Any]:
    """Read a fold's validation images; return those for the page and their drawing style.

    Parameters
    ----------
    judges : files of predictions that the images are ordered by; without any, none is returned
    classes : number of classes
    """
    table = read_images(path, ["row", "label"], classes=classes)
    height, width = table.images.shape[1:]
    predictions = [read_probabilities(judge, LABELLED, classes) for judge in judges]
    for judge, (rows, _) in zip(judges, predictions, strict=True):
        with reading(judge):
            if not np.array_equal(rows["row"], table.rows):
                raise ContentError(f"not of the images of {path}")
    order = np.arange(0)
    if predictions:
        order = networks.hard_first(table.labels, [table for _, table in predictions])
        order = networks.sample(order, height * width)
    return {
        "image_shape": [height, width],
        "drawing": networks.drawing_style(table.images),
        "images": networks.embed_images(table, fold, order),
    }


if __name__ == "__main__":
    job.run(main)
