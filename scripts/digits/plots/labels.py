"""Names beside the points of a scatter plot, placed so that they hide as little as possible."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes

from digits.plots.style import INK

FONT_SIZE = 7.5

# Places of a name around its point: directions, the best first, at distances in points.
ANGLES = np.deg2rad([0, 180, 90, 270, 45, 315, 135, 225, 22, 338, 158, 202, 67, 293, 113, 247])
DISTANCES = (6, 12, 20, 30, 42)
GAP = 1  # between names at least, in points
CROWDED = 10
"""How much worse it is to write over another name or over the line than over a point or a bar."""


def place_labels(
    axes: Axes,
    points: np.ndarray,
    names: Sequence[str],
    bars: np.ndarray | None = None,
    line: np.ndarray | None = None,
) -> None:
    """Write each name beside its point, off other names, points, bars and the line.

    The layout of the figure must be final, since overlaps are measured on the page.

    Parameters
    ----------
    axes : where the points are drawn
    points : float array of shape (n, 2), in data coordinates
    names : of the first points; the others have none
    bars : half lengths of the error bars in x and in y, of shape (n, 2); NaN where there is none
    line : corners of a line, of shape (m, 2), in data coordinates
    """
    scale = axes.figure.dpi / 72
    texts = [
        axes.annotate(
            name,
            tuple(point),
            xytext=(0, 0),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=FONT_SIZE,
            color=INK,
            in_layout=False,
        )
        for name, point in zip(names, points, strict=False)
    ]
    if not texts:
        return
    sizes = np.array([text.get_window_extent().size for text in texts]) / scale + GAP
    shifts, distances = places(sizes)
    centres = axes.transData.transform(points[: len(names)])[:, None] / scale + shifts
    boxes = np.concatenate([centres - sizes[:, None] / 2, centres + sizes[:, None] / 2], axis=-1)
    taken, weights = obstacles(axes, points, bars, line)
    hidden = (weights * overlap(boxes[:, :, None], taken / scale)).sum(axis=-1)
    outside = sizes.prod(axis=1)[:, None] - overlap(boxes, axes.bbox.extents / scale)
    chosen = choose(boxes, hidden + CROWDED * outside + distances)
    for text, shift, place in zip(texts, shifts, chosen, strict=True):
        text.set_position(shift[place])


def places(sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of names of given sizes, of shape (n, 2), around their points.

    Returns
    -------
    the shifts of the names' centres, of shape (n, k, 2), and the places' distances, of shape (k,)
    """
    directions = np.tile(np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1), (len(DISTANCES), 1))
    distances = np.repeat(np.array(DISTANCES, dtype=float), len(ANGLES))
    # A name in a diagonal direction touches its circle with a corner.
    corners = np.clip(1.4 * directions, -1, 1)
    return directions * distances[:, None] + corners * sizes[:, None] / 2, distances


def obstacles(
    axes: Axes, points: np.ndarray, bars: np.ndarray | None, line: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return boxes on the page, in pixels, that cover the points, the error bars and the line.

    Returns
    -------
    the boxes, of shape (k, 4), and how bad it is to write over each, of shape (k,)
    """
    half = np.zeros_like(points) if bars is None else np.nan_to_num(bars)
    boxes, weights = [], []
    for arms, reach in (((0, 0), 5), ((1, 0), 1), ((0, 1), 1)):
        ends = [axes.transData.transform(points + sign * half * arms) for sign in (-1, 1)]
        boxes.append(np.hstack(ends) + reach * np.array([-1, -1, 1, 1]))
        weights += [1] * len(points)
    corners = axes.transData.transform(np.empty((0, 2)) if line is None else line)
    for start, end in pairwise(corners):
        steps = np.linspace(start, end, 2 + int(np.hypot(*(end - start)) / 3))
        boxes.append(np.hstack([steps - 2, steps + 2]))
        weights += [CROWDED] * len(steps)
    return np.concatenate(boxes), np.array(weights)


def choose(boxes: np.ndarray, costs: np.ndarray) -> np.ndarray:
    """Choose a place for each name: cheap, and off the other names.

    Each name in turn takes the best place given the others', until none moves any more.

    Parameters
    ----------
    boxes : where each name would stand, of shape (n, k, 4)
    costs : what each place costs by itself, of shape (n, k)
    """
    chosen = costs.argmin(axis=1)
    every = np.arange(len(chosen))
    for _ in range(20):
        before = chosen.copy()
        for name in every:
            others = boxes[every, chosen][every != name]
            crowded = overlap(boxes[name][:, None], others).sum(axis=-1)
            chosen[name] = (costs[name] + CROWDED * crowded).argmin()
        if (chosen == before).all():
            break
    return chosen


def overlap(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the areas that boxes (left, bottom, right, top) share, along their last axis."""
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    return np.clip(sides, 0, None).prod(axis=-1)
