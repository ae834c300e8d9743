"""Write the trained networks, and validation images to try them on, for the report page.

One network per cell, that of its first training, by fold and seed, that has not failed. Of many
cells only the leading ones are written, and if they are too large for a page together, the best
ones that fit; the others are listed.
"""

import math
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from digits.workflow import job
from digits.core import command_line
from digits.core.atomic_files import write_json
from digits.core.class_labels import add_classes
from digits.core.design import Design
from digits.core.intermediate_files import ContentError, reading
from digits.core.results_folder import ResultsFolder
from digits.data.image_tables import read_images
from digits.evaluation.inference import Layer, read_layers, sizes
from digits.evaluation.predictions import LABELLED, read_probabilities
from digits.evaluation.trials import has_failed, read_all_metrics
from digits.report import networks


def parse(argv: list[str] | None) -> Namespace:
    """Parse the command line."""
    parser = command_line.parser(__doc__)
    command_line.add_results(parser)
    add_classes(parser)
    parser.add_argument("--output", type=Path, required=True, help="JSON to write")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    args = parse(argv)
    folder = ResultsFolder.of(args.results, args.design)
    design = folder.design
    trials = read_all_metrics(folder)
    chosen, failed = networks.first_good(trials, design)
    leading, behind = networks.leading_networks(chosen, trials, design)
    kept, too_large = networks.fitting_networks(leading)
    fold = min((trial["fold"] for trial in chosen), default=design.folds[0])
    judges = [
        folder.validation(design.trial_of(trial))
        for trial in trials
        if trial["fold"] == fold and not has_failed(trial)
    ]
    about = about_images(folder.part(fold, "validation"), fold, judges, len(args.classes))
    size = math.prod(about["image_shape"]), len(args.classes)
    content = {
        "classes": list(args.classes),
        "networks": [
            {name: trial[name] for name in design.trial_columns}
            | {"stack": networks.as_data(read_network(folder.model(design.trial_of(trial)), size))}
            for trial in kept
        ],
        "failed": [levels(trial, design) for trial in failed],
        "too_large": [levels(trial, design) for trial in too_large],
        "behind": [levels(trial, design) for trial in behind],
    }
    write_json(args.output, content | about)


def levels(trial: Mapping[str, Any], design: Design) -> dict[str, Any]:
    """Return the levels of a trial's cell, by factor."""
    return {name: trial[name] for name in design.cell_columns}


def read_network(path: Path, size: tuple[int, int]) -> list[Layer]:
    """Read the parts of a trial's network, which must have so many inputs and classes."""
    stack = read_layers(path)
    with reading(path):
        if sizes(stack) != size:
            network = "a network for {} pixels and {} classes"
            found = network.format(*sizes(stack))
            raise ContentError(f"expected {network.format(*size)}, found {found}")
    return stack


def about_images(path: Path, fold: int, judges: list[Path], classes: int) -> dict[str, Any]:
    """Read a fold's validation images; return those for the page and, if grey, how to draw alike.

    Parameters
    ----------
    judges : files of predictions that the images are ordered by; without any, none is returned
    classes : number of classes
    """
    table = read_images(path, ["row", "label"], classes=classes)
    predictions = [read_probabilities(judge, LABELLED, classes) for judge in judges]
    for judge, (rows, _) in zip(judges, predictions, strict=True):
        with reading(judge):
            if not np.array_equal(rows["row"], table.rows):
                raise ContentError(f"not of the images of {path}")
    order = np.arange(0)
    if predictions:
        order = networks.hard_first(table.labels, [table for _, table in predictions])
        order = networks.sample(order, math.prod(table.image_shape))
    return {
        "image_shape": list(table.image_shape),
        "drawing": networks.drawing_style(table.images),
        "images": networks.embed_images(table, fold, order),
    }


if __name__ == "__main__":
    job.run(main)
