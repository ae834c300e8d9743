"""What the report page leaves out to stay small enough to be sent, however large the design is."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from digits.analysis.vocabulary import ENSEMBLE
from digits.report.pictures import Picture

PICTURES = 4_000_000
"""Characters that the pictures may take: those of the reference experiment take 3,300,000. With the
weights (8,000,000), the images to try (1,300,000) and the tables of a hundred cells (1,000,000),
this leaves the page below the 15 MB that it should not have more of."""

PAIRS = 1000
"""Tests of pairs of cells that are shown, all those of up to 45 cells with one training each."""


def fitting(
    groups: Mapping[Any, Mapping[str, Picture]], limit: int = PICTURES
) -> tuple[dict[Any, dict[str, Picture]], list[tuple[Any, str]]]:
    """Split pictures into those that fit into the page, the first ones first, and the others.

    A picture that is too large for what is left gives way to the next one that is not.

    Parameters
    ----------
    groups : the pictures by their own name and that of their folder or, of a cell, its layers and
        nodes
    limit : characters that they may take

    Returns
    -------
    fitting : those that fit, grouped as given; a group may be empty
    others : group and name of each of the others
    """
    kept: dict[Any, dict[str, Picture]] = {group: {} for group in groups}
    others = []
    for group, pictures in groups.items():
        for name, picture in pictures.items():
            if len(picture.uri) <= limit:
                kept[group][name] = picture
                limit -= len(picture.uri)
            else:
                others.append((group, name))
    return kept, others


def fitting_pairs(pairs: pd.DataFrame, best: str | None) -> pd.DataFrame:
    """Return the tests of pairs of models or, of very many, those with the best cell.

    Parameters
    ----------
    pairs : rows of the table of comparisons
    best : name of the best cell
    """
    if len(pairs) <= PAIRS:
        return pairs
    return pairs[pairs[["first", "second"]].isin([best, ENSEMBLE]).any(axis=1)]
