"""The report page of several folds and seeds, with trainings that failed, made up and drawn."""

from pathlib import Path

import numpy as np
from image_files import write_images
from report_files import IMAGES, Files

import plot_cells
import plot_effects
import plot_errors
import plot_results
from digits.data.image_tables import ImageTable

FOLDS = (0, 1, 2)
FAILED = ((2, 100), (3, 200, 0, 1))
TABLES_OF_CELL = {"confusion": "confusion", "history": "history"}
PUBLISHED = "layers,nodes,val_accuracy\n2,100,0.75\n2,200,0.95\n3,200,0.5\n"


def write_several(folder: Path) -> Path:
    """Write the page of four cells on three folds with two seeds."""
    files = Files(folder, folds=FOLDS, seeds=(1, 2), failed=FAILED, score=0.9, published=PUBLISHED)
    files.prepare()
    write_folds(files)
    plots = draw(files)
    draw_cells(files)
    files.write("--plots", *plots, f"--rule-graph={plots[0]}")
    return files.path("report/index.html")


def tables(files: Files, *names: str) -> list[str]:
    return [f"--{name}={files.path(f'tables/{name}.csv')}" for name in names]


def draw(files: Files) -> list[Path]:
    """Draw results and errors by their programs."""
    results = ("effects", "differences", "cost", "learning", "published", "accuracy")
    errors = ("reliability", "confusions", "worst", "common")
    plots = {name: files.path(f"plots/results/{name}.svg") for name in results}
    plots |= {name: files.path(f"plots/errors/{name}.svg") for name in errors}
    options = {name: f"--{name}={path}" for name, path in plots.items()}
    design = files.given[1]
    analysis = tables(files, "cells", "effects", "comparisons")
    effects = f"--effects-plot={plots['effects']}"
    others = (options[name] for name in ("differences", "cost", "published"))
    plot_effects.main([design, *analysis, effects, *others])
    given = [*tables(files, "history"), f"--table={files.path('tables/results.csv')}"]
    plot_results.main([design, *given, options["accuracy"], options["learning"]])
    given = tables(files, "calibration", "ece", "confused", "hardest")
    plot_errors.main([*files.given, *given, *(options[name] for name in errors)])
    return [path for name, path in plots.items() if name != "accuracy"]


def draw_cells(files: Files) -> None:
    given = [f"--{n}-table={files.path(f'tables/{t}.csv')}" for n, t in TABLES_OF_CELL.items()]
    plot_cells.main([*files.given, *given])


def write_folds(files: Files) -> None:
    """Write images for the validation parts, each a random pattern."""
    for fold in FOLDS:
        pixels = np.random.default_rng(fold).integers(0, 256, (IMAGES, 4, 4), dtype=np.uint8)
        rows = np.arange(IMAGES, dtype=np.int32) + 1000 * fold
        path = files.path(str(files.results.part(fold, "validation")))
        write_images(path, ImageTable(pixels, np.zeros(IMAGES, np.uint8), rows))
