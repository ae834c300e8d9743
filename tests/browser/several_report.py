"""The report page of several folds and seeds, with trainings that failed, made up and drawn."""

from pathlib import Path

import numpy as np
from report_files import CELLS, IMAGES, Files

import plot_cell
import plot_effects
import plot_errors
import plot_results
from digits.data.image_tables import ImageTable, write_images

FOLDS = (0, 1, 2)
FAILED = ((2, 100), (3, 200, 0, 1))
PUBLISHED = "layers,nodes,val_accuracy\n2,100,0.75\n2,200,0.95\n3,200,0.5\n"


def write_several(folder: Path) -> Path:
    """Write the page of four cells on three folds with two seeds."""
    files = Files(folder, folds=FOLDS, seeds=(1, 2), failed=FAILED, score=0.9, published=PUBLISHED)
    files.prepare()
    plots = draw(files)
    cell_plots = draw_cells(files)
    files.write("--plots", *plots, "--cell-plots", *cell_plots, f"--rule-graph={plots[0]}")
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
    analysis = tables(files, "cells", "effects", "comparisons")
    effects = f"--effects-plot={plots['effects']}"
    others = (options[name] for name in ("differences", "cost", "published"))
    plot_effects.main([*analysis, effects, *others])
    given = tables(files, "results", "history")
    plot_results.main([*given, options["accuracy"], options["learning"]])
    given = tables(files, "calibration", "ece", "confused", "hardest")
    images = ["--images", *map(str, write_folds(files))]
    plot_errors.main([*given, *images, *(options[name] for name in errors)])
    return [path for name, path in plots.items() if name != "accuracy"]


def draw_cells(files: Files) -> list[Path]:
    drawn = []
    for layers, nodes in CELLS:
        folder = f"plots/cells/layers-{layers}_nodes-{nodes}"
        paths = {name: files.path(f"{folder}/{name}.svg") for name in ("confusion", "learning")}
        cell = [f"--layers={layers}", f"--nodes={nodes}"]
        cell.append(f"--confusion-table={files.path('tables/confusion.csv')}")
        cell.append(f"--history-table={files.path('tables/history.csv')}")
        plot_cell.main([*cell, *(f"--{name}={path}" for name, path in paths.items())])
        drawn += paths.values()
    return drawn


def write_folds(files: Files) -> list[Path]:
    """Write images for the validation parts, each a random pattern."""
    paths = []
    for fold in FOLDS:
        pixels = np.random.default_rng(fold).integers(0, 256, (IMAGES, 4, 4), dtype=np.uint8)
        rows = np.arange(IMAGES, dtype=np.int32) + 1000 * fold
        paths.append(files.path(f"fold-{fold}.parquet"))
        write_images(paths[-1], ImageTable(pixels, np.zeros(IMAGES, np.uint8), rows))
    return paths
