"""Errors of the networks: confused classes and misclassified images."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from digits.core.design import ENSEMBLE, cell_label
from digits.plots.style import (
    BLANK,
    INK,
    STROKES,
    fix_ticks,
    level_styles,
    new_figure,
    shortened,
    text_only,
    use_style,
)

PAIRS = 15
COLUMNS, TILE, STEP, LINE = 6, 0.86, 1.2, 0.13  # of a gallery; in inches except the first
ROOM = 20  # characters in a line below an image
TOGETHER = {"marker": "D", "markersize": 6, "markerfacecolor": "none", "markeredgewidth": 1.2}
TOGETHER |= {"color": INK, "linestyle": "none", "clip_on": False}
SINGLE = {"linestyle": "none", "markersize": 4.5, "alpha": 0.85, "clip_on": False}


@use_style()
def confused(pairs: pd.DataFrame, *, together: bool = True) -> Figure:
    """Draw the most frequent confusions of one class with another.

    Parameters
    ----------
    pairs : a row per model and pair, as ``tables/confused.csv``; bars are all trials pooled, marks
        each cell and the ensemble
    together : whether there is an ensemble; one without errors has no row
    """
    title = "Most frequent confusions"
    chosen = pairs[pairs["model"] == "all"].head(PAIRS)
    if chosen.empty:
        return text_only(title, "no validation image was misclassified")
    chosen = chosen.sort_values("share", ascending=False, kind="stable", ignore_index=True)
    names = [
        f"{shortened(pair.label)} predicted as {shortened(pair.predicted)}"
        for pair in chosen.itertuples()
    ]
    figure = new_figure(
        6.6,
        1.8 + 0.24 * len(chosen),
        "Bar chart of the most frequent confusions, as a share of the true class: "
        + ", ".join(f"{n} {s:.2%}" for n, s in zip(names, chosen["share"], strict=True)),
    )
    axes = figure.add_subplot()
    axes.barh(range(len(chosen)), chosen["share"], color=BLANK, height=0.72)
    entries = {"all trainings": Patch(color=BLANK)} | draw_models(axes, pairs, chosen)
    if together:
        ensemble = pairs[pairs["model"] == ENSEMBLE]
        axes.plot(shares(ensemble, chosen), range(len(chosen)), **TOGETHER)
        entries["ensemble"] = Line2D([], [], **TOGETHER)
    fix_ticks(axes.yaxis, list(range(len(chosen))), names)
    axes.set(ylim=(len(chosen) - 0.4, -0.6), xlim=(0, None))
    axes.set_xlabel("share of the validation images of the true class")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.3g}%"))
    axes.xaxis.grid(True)
    axes.tick_params(axis="y", length=0, pad=8)  # clear of the marks at 0
    figure.legend(entries.values(), entries.keys(), loc="outside lower center", ncols=3)
    figure.suptitle(title, x=0.01, ha="left")
    return figure


def draw_models(axes: Axes, pairs: pd.DataFrame, chosen: pd.DataFrame) -> dict[str, Line2D]:
    """Draw a mark per cell, styled by its layers; return the entries of the legend.

    A cell that never confuses a pair is at 0.
    """
    cells = pairs.dropna(subset="layers")
    entries = {}
    for level, style in level_styles(sorted(cells["layers"].unique().astype(int))).items():
        marks = style | SINGLE
        for _, cell in cells[cells["layers"] == level].groupby("nodes"):
            axes.plot(shares(cell, chosen), range(len(chosen)), **marks)
        plural = "" if level == 1 else "s"
        entries[f"cells with {level} layer{plural}"] = Line2D([], [], **marks)
    return entries


def shares(model: pd.DataFrame, chosen: pd.DataFrame) -> np.ndarray:
    """Return the shares of a model for the chosen pairs; 0 where it has no row."""
    pair = ["label", "predicted"]
    return chosen[pair].merge(model, on=pair, how="left")["share"].fillna(0).to_numpy(float)


@use_style()
def worst(hardest: pd.DataFrame, images: np.ndarray) -> Figure:
    """Draw the misclassified validation images with the most confident errors.

    Parameters
    ----------
    hardest : rows of ``tables/hardest.csv``
    images : uint8 array of shape (n, height, width), those of the rows
    """
    title = "Most confident errors"
    if hardest.empty:
        return text_only(title, "no validation image was misclassified")
    captions = [
        f"{predicted_as(image.label, image.predicted)}\n"
        f"{image.confidence:.2%} by {cell_label((image.layers, image.nodes))}\n"
        f"wrong in {image.wrong} of {image.trials}"
        for image in hardest.itertuples()
    ]
    return gallery(images, captions, f"{title}, with the cell that made each")


@use_style()
def common(hardest: pd.DataFrame, images: np.ndarray, total: int) -> Figure:
    """Draw validation images that every training of every cell misclassifies.

    Parameters
    ----------
    hardest, images : as for :func:`worst`
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


def predicted_as(label: str, predicted: str) -> str:
    """Write label and prediction below an image: in one line if they fit, else in two."""
    line = f"{label} predicted as {predicted}"
    if len(line) <= ROOM:
        return line
    return f"{shortened(label, ROOM - 10)} predicted\nas {shortened(predicted, ROOM - 3)}"


def gallery(images: np.ndarray, captions: Sequence[str], title: str) -> Figure:
    """Draw images side by side, dark on light, each with a caption of a few lines below it."""
    count, height, width = images.shape
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
