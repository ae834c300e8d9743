"""What the report page leaves out, to stay small enough to read and to send, of a large design."""

from collections.abc import Iterable, Mapping
from typing import Any

from digits.report.pictures import Picture

FEW = 8
"""Up to this many cells are listed one by one in running text and in the contents."""

TRIED = 12
"""Networks that can be tried on the page at most: a table of more does not fit on a screen."""

PICTURES = 4_000_000
"""Characters that the pictures may take: those of the reference experiment take 3,300,000. With the
weights (8,000,000), the images to try (1,300,000) and the tables of a hundred cells (1,000,000),
this keeps the page below 15 MB."""


def select_within(sizes: Iterable[int], limit: int) -> list[bool]:
    """Return which of some items fit within a limit together, the first ones first.

    An item that is too large for what is left is skipped in favour of the next that fits.
    """
    fits = []
    for size in sizes:
        fits.append(size <= limit)
        limit -= size * fits[-1]
    return fits


def fitting_pictures(
    groups: Mapping[Any, Mapping[str, Picture]], limit: int = PICTURES
) -> tuple[dict[Any, dict[str, Picture]], list[tuple[Any, str]]]:
    """Split pictures into those that fit into the page, the first ones first, and the others.

    See :func:`select_within`.

    Parameters
    ----------
    groups : the pictures by folder, or by cell, and by name
    limit : characters that they may take

    Returns
    -------
    fitting : those that fit, grouped as given; a group may be empty
    others : group and name of each of the others
    """
    kept: dict[Any, dict[str, Picture]] = {group: {} for group in groups}
    others = []
    named = [(group, name) for group, pictures in groups.items() for name in pictures]
    fits = select_within((len(groups[group][name].uri) for group, name in named), limit)
    for (group, name), fit in zip(named, fits, strict=True):
        if fit:
            kept[group][name] = groups[group][name]
        else:
            others.append((group, name))
    return kept, others
