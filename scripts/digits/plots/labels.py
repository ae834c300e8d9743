"""Names beside the points of a scatter plot, placed so that they hide neither points nor names."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from digits.plots.style import INK

# Directions in which a name may stand, the best first, and how it is then aligned
PLACES = (
    (1, 0, "left", "center"),
    (-1, 0, "right", "center"),
    (0, 1, "center", "bottom"),
    (0, -1, "center", "top"),
    (0.7, 0.7, "left", "bottom"),
    (0.7, -0.7, "left", "top"),
    (-0.7, 0.7, "right", "bottom"),
    (-0.7, -0.7, "right", "top"),
)
FONT_SIZE = 7.5
DISTANCE = 6  # from the point, in typographic points


def place_labels(
    axes: Axes, points: np.ndarray, names: Sequence[str], bars: np.ndarray | None = None
) -> None:
    """Write each name beside its point, where it meets the fewest points, bars and names.

    The layout of the figure must be final, since overlaps are counted on the page.

    Parameters
    ----------
    axes : where the points are drawn
    points : float array of shape (n, 2), in data coordinates
    names : n names
    bars : half lengths of the error bars in x and in y, of shape (n, 2); NaN where there is none
    """
    scale = axes.figure.dpi / 72
    centres = axes.transData.transform(points)
    taken = obstacles(axes, points, bars, scale)
    frame = axes.get_window_extent().extents
    for (px, py), point, name in zip(centres, points, names, strict=True):
        size = (0.62 * FONT_SIZE * len(name) * scale, 1.1 * FONT_SIZE * scale)
        boxes = [box(px, py, place, size, DISTANCE * scale) for place in PLACES]
        scores = [sum(overlap(b, other) for other in taken) + outside(b, frame) for b in boxes]
        best = int(np.argmin(scores))
        right, up, horizontal, vertical = PLACES[best]
        axes.annotate(
            name,
            tuple(point),
            xytext=(right * DISTANCE, up * DISTANCE),
            textcoords="offset points",
            ha=horizontal,
            va=vertical,
            fontsize=FONT_SIZE,
            color=INK,
        )
        taken.append(boxes[best])


def obstacles(
    axes: Axes, points: np.ndarray, bars: np.ndarray | None, scale: float
) -> list[np.ndarray]:
    """Return the boxes (left, bottom, right, top) on the page of all points and error bars."""
    half = np.zeros_like(points) if bars is None else np.nan_to_num(bars)
    boxes = []
    for arms, reach in (((0, 0), 4), ((1, 0), 1), ((0, 1), 1)):
        ends = [axes.transData.transform(points + sign * half * arms) for sign in (-1, 1)]
        boxes.extend(np.hstack(ends) + scale * reach * np.array([-1, -1, 1, 1]))
    return boxes


def box(
    x: float, y: float, place: tuple, size: tuple[float, float], distance: float
) -> tuple[float, float, float, float]:
    """Return left, bottom, right and top of a name at a place beside the point (x, y)."""
    right, up, horizontal, vertical = place
    left = x + right * distance - size[0] * {"left": 0, "center": 0.5, "right": 1}[horizontal]
    bottom = y + up * distance - size[1] * {"bottom": 0, "center": 0.5, "top": 1}[vertical]
    return left, bottom, left + size[0], bottom + size[1]


def overlap(a: Sequence[float], b: Sequence[float]) -> float:
    """Return the area that two boxes share."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(width, 0.0) * max(height, 0.0)


def outside(a: Sequence[float], frame: Sequence[float]) -> float:
    """Return the area of a box that lies outside the frame."""
    return (a[2] - a[0]) * (a[3] - a[1]) - overlap(a, frame)
