"""Errors of the networks: confused classes and misclassified images."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from digits.analysis.cell_summaries import leading
from digits.core.design import ENSEMBLE, Cell, Design
from digits.plots.style import (
    STROKES,
    fix_ticks,
    new_figure,
    shortened,
    text_colour,
    text_only,
    use_style,
    wrapped,
)

ALL = "all"  # trainings together, as a model of the table
PAIRS = 15
FIELD, NARROW, ROW = 0.4, 0.28, 0.22  # width of a share, of one of many, and height, in inches
FEW = 12  # models that have shares with two decimals
COLUMNS, TILE, STEP, LINE = 6, 0.86, 1.2, 0.13  # of a gallery; in inches except the first
ROOM = 20  # characters in a line below an image


@use_style()
def confused(
    pairs: pd.DataFrame, shown: Sequence[Cell], design: Design, *, together: bool = True
) -> Figure:
    """Draw the most frequent confusions of one class with another, by all trainings and by cell.

    Parameters
    ----------
    pairs : a row per model and pair, as ``tables/confused.csv``
    shown : the cells that have a column, see :func:`digits.analysis.cell_summaries.shown_cells`
    together : whether there is an ensemble; one without errors has no row
    """
    title = "Most frequent confusions"
    chosen = pairs[pairs["model"] == ALL].head(PAIRS)
    if chosen.empty:
        return text_only(title, "no validation image was misclassified")
    chosen = chosen.sort_values("share", ascending=False, kind="stable", ignore_index=True)
    names = [
        f"{shortened(pair.label)} predicted as {shortened(pair.predicted)}"
        for pair in chosen.itertuples()
    ]
    models = {ALL: "all trainings"}
    models |= {design.model_name(cell): design.cell_label(cell) for cell in shown}
    models |= {ENSEMBLE: "ensemble"} if together else {}
    few = len(models) <= FEW
    title += leading(shown, len(design.cells))
    figure = new_figure(
        max(5.4, 2.9 + (FIELD if few else NARROW) * len(models)),
        1.9 + ROW * len(chosen),
        f"{title}, as a share of the true class, by all trainings: "
        + ", ".join(f"{n} {s:.2%}" for n, s in zip(names, chosen["share"], strict=True)),
    )
    axes = figure.add_subplot()
    grid = np.column_stack([shares(pairs[pairs["model"] == model], chosen) for model in models])
    draw_shares(axes, grid, digits=2 if few else 1)
    fix_ticks(axes.xaxis, list(range(len(models))), list(models.values()), room=0)
    if not few:
        upright = {"rotation": 90, "va": "center", "ha": "right", "rotation_mode": "anchor"}
        axes.set_xticks(axes.get_xticks(), list(models.values()), **upright)
    fix_ticks(axes.yaxis, list(range(len(chosen))), names)
    figure.suptitle(title, x=0.01, ha="left")
    return figure


def shares(model: pd.DataFrame, chosen: pd.DataFrame) -> np.ndarray:
    """Return the shares of a model for the chosen pairs; 0 where it has no row."""
    pair = ["label", "predicted"]
    return chosen[pair].merge(model, on=pair, how="left")["share"].fillna(0).to_numpy(float)


def draw_shares(axes: Axes, grid: np.ndarray, digits: int) -> None:
    """Draw shares as fields with their percentages: all trainings first, apart from the models."""
    image = axes.imshow(
        grid, cmap="YlOrRd", vmin=0, vmax=grid.max(), aspect="auto", interpolation="none"
    )
    colours = image.to_rgba(grid)
    for (row, column), share in np.ndenumerate(grid):
        text = f"{100 * share:.{digits}f}" if share else "0"
        axes.text(
            column,
            row,
            text,
            ha="center",
            va="center",
            fontsize=7,
            fontweight="normal" if column else "bold",
            color=text_colour(colours[row, column]),
            in_layout=False,  # as it is inside of its field
        )
    height, width = grid.shape
    axes.hlines(np.arange(1, height) - 0.5, -0.5, width - 0.5, color="white", linewidth=1)
    axes.vlines(np.arange(1, width) - 0.5, -0.5, height - 0.5, color="white", linewidth=1)
    axes.axvline(0.5, color="white", linewidth=6)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title(
        "% of the validation images of the true class", fontsize=8.5, fontweight="normal"
    )


@use_style()
def worst(hardest: pd.DataFrame, images: np.ndarray, design: Design) -> Figure:
    """Draw the misclassified validation images with the most confident errors.

    Parameters
    ----------
    hardest : rows of ``tables/hardest.csv``
    images : uint8 array of shape (n, height, width), in colour (n, height, width, 3), of the rows
    """
    title = "Most confident errors"
    if hardest.empty:
        return text_only(title, "no validation image was misclassified")
    captions = [
        f"{predicted_as(image['label'], image['predicted'])}\n"
        f"{maker(image, design)}\nwrong in {image['wrong']} of {image['trials']}"
        for image in hardest.to_dict("records")
    ]
    return gallery(images, captions, f"{title}, with the cell that made each")


@use_style()
def common(hardest: pd.DataFrame, images: np.ndarray, total: int) -> Figure:
    """Draw validation images that every training of every cell misclassifies.

    Parameters
    ----------
    hardest, images : as for :func:`worst`; the cells of the rows are not used
    total : number of such images; those given may be some of them
    """
    if hardest.empty:
        title = "Images that every cell misclassifies"
        return text_only(title, "no validation image was misclassified by every training")
    captions = [
        f"{predicted_as(image.label, image.predicted)}\n"
        f"mean probability\nof {shortened(image.label, ROOM - 10)}: {image.label_probability:.1%}"
        for image in hardest.itertuples()
    ]
    shown = f": the {len(hardest)} hardest" if len(hardest) < total else ""
    images_are = "image is" if total == 1 else "images are"
    return gallery(
        images, captions, f"{total:,} validation {images_are} misclassified by every cell{shown}"
    )


def maker(image: dict[str, Any], design: Design) -> str:
    """Write the confidence of an error and the cell that made it, below an image."""
    label = design.cell_label(design.cell_of(image))
    return wrapped(f"{image['confidence']:.2%} by {label}", ROOM)


def predicted_as(label: str, predicted: str) -> str:
    """Write label and prediction below an image: in one line if they fit, else in two."""
    line = f"{label} predicted as {predicted}"
    if len(line) <= ROOM:
        return line
    return f"{shortened(label, ROOM - 10)} predicted\nas {shortened(predicted, ROOM - 3)}"


def gallery(images: np.ndarray, captions: Sequence[str], title: str) -> Figure:
    """Draw images side by side, each with a caption of a few lines below it.

    Grey ones are dark on light, colours are as they are.
    """
    count, height, width = images.shape[:3]
    columns, tall = min(COLUMNS, count), TILE * height / width
    lines = 1 + max(caption.count("\n") for caption in captions)
    rows, step = math.ceil(count / columns), tall + 0.11 + LINE * lines
    size = max(STEP * columns, 4.6), step * rows
    first = "; ".join(caption.replace("\n", ", ") for caption in captions[:COLUMNS])
    figure = new_figure(size[0] + 0.2, size[1] + 0.45, f"{title}. The first ones: {first}")
    axes = figure.add_subplot()
    for place, (image, caption) in enumerate(zip(images, captions, strict=True)):
        row, column = divmod(place, columns)
        x, y = column * STEP, row * step
        extent = (x, x + TILE, y + tall, y)
        axes.imshow(image, extent=extent, cmap=STROKES, vmin=0, vmax=255, interpolation="none")
        axes.text(x, y + tall + 0.05, caption, fontsize=6.5, va="top", linespacing=1.15)
    axes.set(xlim=(0, size[0]), ylim=(size[1], 0), aspect="equal")
    axes.set_axis_off()
    figure.suptitle(title, x=0.01, ha="left")
    return figure
