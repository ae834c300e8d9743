"""The levels of a factor along an axis."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from digits.core.design import Level, axis_label, spell
from digits.plots.style import fix_ticks

DECADE = 10
"""Numbers that span this factor or more are placed by their logarithms."""
MARGIN = 0.12  # beside the first and the last level, as a share of the distance between them
WIDE, NARROW = 30, 17  # characters of tick labels that have room beside each other


def is_logarithmic(levels: Sequence[Level]) -> bool:
    """Return whether levels are placed by their logarithms: positive numbers over a decade."""
    if any(isinstance(level, str) for level in levels):
        return False
    return min(levels) > 0 and max(levels) >= DECADE * min(levels)


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


def scale_levels(axes: Axes, factor: str, levels: Sequence[Level], letters: int = WIDE) -> None:
    """Put the levels of a factor at their :func:`positions` along the x axis, and label it.

    Parameters
    ----------
    letters : characters that have room along the axis
    """
    places = positions(levels)
    texts = any(isinstance(level, str) for level in levels)
    names = list(map(spell, levels))
    if not texts:
        names = thinned(list(places.values()), names, letters)
    room = letters // len(levels) if texts else letters
    fix_ticks(axes.xaxis, list(places.values()), names, room=room)
    scale = ", log scale" if is_logarithmic(levels) else ""
    axes.set(xlabel=axis_label(factor) + scale, xlim=(-MARGIN, 1 + MARGIN))


def thinned(places: list[float], names: list[str], letters: int) -> list[str]:
    """Return labels of ticks, empty where one is too close to the last one before it that is not.

    Parameters
    ----------
    places : of the ticks, from 0 to 1
    letters : characters that have room between these
    """
    kept, last, length = [""] * len(names), -np.inf, 0
    for index in np.argsort(places):
        if places[index] - last >= (1 + (length + len(names[index])) / 2) / letters:
            kept[index], last, length = names[index], places[index], len(names[index])
    return kept
