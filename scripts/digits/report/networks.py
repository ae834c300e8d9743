"""The networks and images embedded in the report page, for classifying a drawn digit.

Weights are stored as float16. On the 8,400 validation images of the reference experiment this
changes no probability of its six networks by more than 0.0013; int8 with a scale per column would
change them by up to 0.056, too much for the page.
"""

import base64
from collections.abc import Iterable, Sequence
from itertools import compress
from typing import Any

import numpy as np

from digits.core.design import Cell, Design
from digits.data.image_tables import ImageTable
from digits.evaluation.inference import Dense, Layer, Rescaling
from digits.evaluation.trials import has_failed
from digits.report.page_size import FEW, TRIED, select_within

WEIGHTS = 8_000_000
"""Characters that the weights may take in the page: 3,000,000 parameters, 2.8 times those of the
reference experiment's six networks, and about half of the 15 MB that a page should stay below."""

IMAGES = 200
PIXELS = 1_000_000
"""Images in the page, and the bytes that they may take before they are written as text."""

MEASURED = 2000
"""Images on which the drawing style is measured: enough for a median, little memory."""

MNIST_EXTENT = 20 / 28
"""Side of the box that MNIST's digits are fitted into, as a share of the image's; they are centred
by their centre of mass (LeCun, Cortes and Burges, *The MNIST database of handwritten digits*)."""

HALF = np.finfo(np.float16).max


def first_good(metrics: Iterable[dict], design: Design) -> tuple[list[dict], list[dict]]:
    """Choose one trial per cell: the first, by fold and seed, that has not failed.

    Returns
    -------
    chosen : the metrics of those trials, in the order of the design
    failed : those of the first trials of the cells without such a trial
    """
    firsts: dict[Cell, dict] = {}
    good: dict[Cell, dict] = {}
    for trial in sorted(metrics, key=lambda trial: (trial["fold"], trial["seed"])):
        cell = design.cell_of(trial)
        firsts.setdefault(cell, trial)
        if not has_failed(trial):
            good.setdefault(cell, trial)
    cells = sorted(firsts, key=design.rank)
    return [good[c] for c in cells if c in good], [firsts[c] for c in cells if c not in good]


def leading_networks(
    chosen: Sequence[dict], metrics: Iterable[dict], design: Design
) -> tuple[list[dict], list[dict]]:
    """Split the trials of many cells into those of the most accurate cells, and the others.

    The first are in the order of their cells' mean accuracy over all trials. Up to ``FEW`` stay as
    they are.

    Parameters
    ----------
    chosen : a trial of each cell, see :func:`first_good`
    metrics : all trials
    """
    if len(chosen) <= FEW:
        return list(chosen), []
    accuracies: dict[Cell, list[float]] = {}
    for trial in metrics:
        if not has_failed(trial):
            accuracies.setdefault(design.cell_of(trial), []).append(trial["best_val_accuracy"])
    means = {cell: sum(values) / len(values) for cell, values in accuracies.items()}
    best_first = sorted(chosen, key=lambda trial: -means[design.cell_of(trial)])
    return best_first[:TRIED], best_first[TRIED:]


def characters(parameters: int) -> int:
    """Count the characters that parameters take in the page: two bytes each, in base64."""
    return -(-2 * parameters // 3) * 4


def fitting_networks(trials: Sequence[dict], limit: int = WEIGHTS) -> tuple[list[dict], list[dict]]:
    """Split trials into those whose networks fit into the page, the best first, and the others.

    See :func:`digits.report.page_size.select_within`.

    Parameters
    ----------
    trials : metrics with ``parameters`` and ``val_accuracy``
    limit : characters that the weights may take

    Returns
    -------
    fitting, others : lists of the same records, each in the order given
    """
    best_first = sorted(trials, key=lambda trial: -trial["val_accuracy"])
    fits = select_within((characters(trial["parameters"]) for trial in best_first), limit)
    kept = list(compress(best_first, fits))
    return [t for t in trials if t in kept], [t for t in trials if t not in kept]


def as_text(array: np.ndarray) -> str:
    """Return an array's bytes in row-major order as base64; floats become little-endian float16.

    Values beyond the range of float16 are clipped to it.
    """
    if array.dtype != np.uint8:
        array = np.clip(array, -HALF, HALF).astype("<f2")
    return base64.b64encode(array.tobytes()).decode()


def as_data(stack: Sequence[Layer]) -> list[dict[str, Any]]:
    """Return the parts of a network as plain data, without the flattening."""
    data: list[dict[str, Any]] = []
    for layer in stack:
        if isinstance(layer, Rescaling):
            data.append({"scale": float(layer.scale), "offset": float(layer.offset)})
        elif isinstance(layer, Dense):
            weights = {"kernel": as_text(layer.kernel), "bias": as_text(layer.bias)}
            data.append({"activation": layer.activation, "units": len(layer.bias)} | weights)
    return data


def hard_first(labels: np.ndarray, probabilities: Sequence[np.ndarray]) -> np.ndarray:
    """Order images by the mean probability of their true class over all networks, lowest first.

    Parameters
    ----------
    labels : int array of shape (n,)
    probabilities : per network a float array of shape (n, classes)

    Returns
    -------
    int array of shape (n,), indices of the images; ties stay in their order
    """
    mean = np.mean([table[np.arange(len(labels)), labels] for table in probabilities], axis=0)
    return np.argsort(mean, kind="stable")


def sample(order: np.ndarray, pixels: int) -> np.ndarray:
    """Take half of the page's images from the front of an order, the others evenly from the rest.

    Parameters
    ----------
    order : int array of shape (n,)
    pixels : values of an image; of large images fewer are taken, to stay below ``PIXELS`` bytes

    Returns
    -------
    int array of shape (up to ``IMAGES``,), in the order given
    """
    count = min(IMAGES, len(order), max(1, PIXELS // pixels))
    front = -(-count // 2)
    rest = order[front:]
    spread = np.linspace(0, len(rest) - 1, count - front).round().astype(int)
    return np.concatenate([order[:front], rest[spread]])


def drawing_style(images: np.ndarray) -> dict[str, Any] | None:
    """Measure size, position and stroke width of the digits, to normalise a drawing like them.

    On MNIST this recovers its normalisation: a box of 20 x 20 in 28 x 28, and the centre of mass in
    the middle of the pixel below and right of the image's centre, 14.5 from either edge. That is
    also the style for blank images.

    Parameters
    ----------
    images : uint8 array of shape (n, height, width); of shape (n, height, width, 3), in colour,
        there is no style, because strokes of one colour would be unlike them

    Returns
    -------
    None in colour; else
    ``extent``: the larger side of a digit's box as a share of the image's, the median;
    ``centre``: row and column of the centre of mass in pixels from the upper left edge, the mean;
    ``pen``: width of a stroke in pixels, the median of twice the ink's area over its outline,
    which is exact for a long stroke, with sharp or soft edges.
    """
    if images.ndim == 4:
        return None
    height, width = images.shape[1:]
    images = images[:: -(-len(images) // MEASURED) or 1]
    images = images[images.any(axis=(1, 2))]
    if not len(images):
        centre = [(height + 1) / 2, (width + 1) / 2]
        return {"extent": MNIST_EXTENT, "centre": centre, "pen": height / 10}
    extents = [_lengths(images.any(axis=axis)) / side for axis, side in ((2, height), (1, width))]
    ink = images / 255
    mass = ink.sum(axis=(1, 2))
    rows = (ink.sum(axis=2) @ (np.arange(height) + 0.5)) / mass
    columns = (ink.sum(axis=1) @ (np.arange(width) + 0.5)) / mass
    framed = np.pad(ink, ((0, 0), (1, 1), (1, 1)))
    down, across = np.diff(framed, axis=1)[:, :, :-1], np.diff(framed, axis=2)[:, :-1]
    outline = np.hypot(down, across).sum(axis=(1, 2))
    return {
        "extent": round(float(np.median(np.maximum(*extents))), 4),
        "centre": [round(float(rows.mean()), 2), round(float(columns.mean()), 2)],
        "pen": round(float(np.median(2 * mass / outline)), 2),
    }


def _lengths(inked: np.ndarray) -> np.ndarray:
    """Return, per row of a boolean array, the distance from the first True to the last."""
    return inked.shape[1] - inked[:, ::-1].argmax(axis=1) - inked.argmax(axis=1)


def embed_images(table: ImageTable, fold: int, indices: np.ndarray) -> dict[str, Any]:
    """Return some of the validation images of a fold as plain data.

    Parameters
    ----------
    table : the images with their labels and their rows in the raw training CSV
    indices : int array of shape (n,), the images in the order of the output
    """
    return {
        "fold": fold,
        "rows": table.rows[indices].tolist(),
        "labels": table.labels[indices].tolist(),
        "pixels": as_text(table.images[indices]),
    }
