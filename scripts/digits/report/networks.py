"""The networks and images that the report page carries, so that a digit can be drawn on it.

Weights go in as float16. On the 8,400 validation images of the reference experiment no probability
of its six networks moves by more than 0.0013 for it; with int8 and a scale per column they move by
up to 0.056, which is more than the page may be off.
"""

import base64
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from digits.core.design import CELL, TRIAL
from digits.data.image_tables import ImageTable
from digits.evaluation.inference import Dense, Layer, Rescaling
from digits.evaluation.trials import has_failed

WEIGHTS = 8_000_000
"""Characters that the weights may take in the page: 3,000,000 parameters, 2.8 times those of the
reference experiment's six networks, and about half of the 15 MB that a page should stay below."""

IMAGES = 200
PIXELS = 1_000_000
"""Images in the page, and the bytes that they may take before they are written as text."""

MEASURED = 2000
"""Images on which it is measured how digits are drawn: enough for a median, little memory."""

MNIST_EXTENT = 20 / 28
"""Side of the box that MNIST's digits are fitted into, as a share of the image's; centred by their
centre of mass (LeCun, Cortes and Burges, *The MNIST database of handwritten digits*)."""

HALF = np.finfo(np.float16).max


def first_good(metrics: Iterable[dict]) -> tuple[list[dict], list[dict]]:
    """Choose one trial per cell: the first, by fold and seed, that has not failed.

    Returns
    -------
    chosen : the metrics of those trials, in the order of the design
    failed : ``layers`` and ``nodes`` of the cells without such a trial
    """
    chosen: dict[tuple[int, ...], dict] = {}
    cells = set()
    for trial in sorted(metrics, key=lambda trial: [trial[name] for name in TRIAL]):
        cell = tuple(trial[name] for name in CELL)
        cells.add(cell)
        if not has_failed(trial):
            chosen.setdefault(cell, trial)
    failed = [dict(zip(CELL, cell, strict=True)) for cell in sorted(cells - set(chosen))]
    return list(chosen.values()), failed


def characters(parameters: int) -> int:
    """Count the characters that parameters take in the page: two bytes each, in base64."""
    return -(-2 * parameters // 3) * 4


def fitting(trials: Sequence[dict], limit: int = WEIGHTS) -> tuple[list[dict], list[dict]]:
    """Split trials into those whose networks fit into the page, the best first, and the others.

    A network that is too large for what is left gives way to the next best that is not.

    Parameters
    ----------
    trials : metrics with ``parameters`` and ``val_accuracy``
    limit : characters that the weights may take

    Returns
    -------
    fitting, others : lists of the same records, each in the order given
    """
    kept = []
    for trial in sorted(trials, key=lambda trial: -trial["val_accuracy"]):
        size = characters(trial["parameters"])
        if size <= limit:
            kept.append(trial)
            limit -= size
    return [t for t in trials if t in kept], [t for t in trials if t not in kept]


def as_text(array: np.ndarray) -> str:
    """Write an array's bytes, in rows, as base64; floats become little-endian float16.

    What lies beyond the range of float16 is written as its largest number.
    """
    if array.dtype != np.uint8:
        array = np.clip(array, -HALF, HALF).astype("<f2")
    return base64.b64encode(array.tobytes()).decode()


def as_data(layers: Sequence[Layer]) -> list[dict[str, Any]]:
    """Write a network's layers as plain data; flattening goes without saying."""
    data: list[dict[str, Any]] = []
    for layer in layers:
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
    int array of shape (n,), indices of the images; equal ones stay in their order
    """
    mean = np.mean([table[np.arange(len(labels)), labels] for table in probabilities], axis=0)
    return np.argsort(mean, kind="stable")


def sample(order: np.ndarray, pixels: int) -> np.ndarray:
    """Take the first half of a page's images from the front of an order, the rest from all of it.

    The rest are spread evenly over what is left, so that they reach from one end to the other.

    Parameters
    ----------
    order : int array of shape (n,)
    pixels : of an image; large ones are fewer, so that all together stay below ``PIXELS`` bytes

    Returns
    -------
    int array of shape (up to ``IMAGES``,), in the order given
    """
    count = min(IMAGES, len(order), max(1, PIXELS // pixels))
    front = -(-count // 2)
    rest = order[front:]
    spread = np.linspace(0, len(rest) - 1, count - front).round().astype(int)
    return np.concatenate([order[:front], rest[spread]])


def drawing_style(images: np.ndarray) -> dict[str, Any]:
    """Measure how the digits stand in their images, so that a drawing can be made to look alike.

    On MNIST this gives what its makers did: a box of 20 x 20 in 28 x 28, and the centre of mass in
    the middle of the pixel that lies below and right of the image's own, 14.5 from either edge.
    Blank images are to be drawn on in that way.

    Parameters
    ----------
    images : uint8 array of shape (n, height, width)

    Returns
    -------
    ``extent``: the larger side of a digit's box as a share of the image's, the median;
    ``centre``: row and column of the centre of mass in pixels from the upper left edge, the mean;
    ``pen``: width of a stroke in pixels, the median of twice the ink's area over its outline,
    which is exact for a long stroke with sharp edges or soft ones.
    """
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
    """Return, per row of a boolean array, how far it is from the first True to the last."""
    return inked.shape[1] - inked[:, ::-1].argmax(axis=1) - inked.argmax(axis=1)


def embed_images(table: ImageTable, fold: int, indices: np.ndarray) -> dict[str, Any]:
    """Write some of the validation images of a fold as plain data.

    Parameters
    ----------
    table : the images with their labels and their rows in the raw training CSV
    indices : int array of shape (n,), the images in the order in which they are written
    """
    return {
        "fold": fold,
        "rows": table.rows[indices].tolist(),
        "labels": table.labels[indices].tolist(),
        "pixels": as_text(table.images[indices]),
    }
