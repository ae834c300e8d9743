"""The levels of a factor along an axis."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis

from digits.core.design import Level, axis_label, spell
from digits.plots.style import fix_ticks

DECADE = 10
"""Numbers that span this factor or more are placed by their logarithms."""
MARGIN = 0.12  # beside the first and the last level, as a share of the distance between them
ROOM = 0.02  # of a character of a tick label, as a share of that distance


def is_logarithmic(levels: Sequence[Level]) -> bool:
    """Return whether levels are placed by their logarithms: positive numbers over a decade."""
    numbers = [level for level in levels if not isinstance(level, str)]
    return len(numbers) == len(levels) and min(numbers) > 0 and max(numbers) >= DECADE * min(numbers)


def positions(levels: Sequence[Level]) -> dict[Level, float]:
    """Return the position of each level, from 0 to 1; a single one is in the middle.

    Numbers are where they are on a linear or logarithmic scale, texts are equally spaced.
    """
    if len(levels) == 1:
        return {levels[0]: 0.5}
    if any(isinstance(level, str) for level in levels):
        values = np.arange(len(levels), dtype=float)
    else:
        values = np.array(levels, dtype=float)
        values = np.log(values) if is_logarithmic(levels) else values
    shares = (values - values.min()) / np.ptp(values)
    return dict(zip(levels, shares.tolist(), strict=True))


def scale_levels(axes: Axes, factor: str, levels: Sequence[Level]) -> None:
    """Put the levels of a factor at their :func:`positions` along the x axis, and label it."""
    places = positions(levels)
    fix_ticks(axes.xaxis, list(places.values()), [spell(level) for level in levels])
    thin_labels(axes.xaxis, list(places.values()))
    if any(isinstance(level, str) for level in levels) and len(levels) > 2:
        axes.tick_params(axis="x", rotation=30)
    scale = ", log scale" if is_logarithmic(levels) else ""
    axes.set(xlabel=axis_label(factor) + scale, xlim=(-MARGIN, 1 + MARGIN))


def thin_labels(axis: Axis, places: list[float]) -> None:
    """Leave out the labels of ticks that are too close to the last one that has a label."""
    texts = [label.get_text() for label in axis.get_ticklabels()]
    order = np.argsort(places)
    last, length = -np.inf, 0
    for index in order:
        room = ROOM * (2 + (length + len(texts[index])))
        if places[index] - last < room:
            texts[index] = ""
        else:
            last, length = places[index], len(texts[index])
    axis.set_ticklabels(texts)
