"""Marginal means, main effects, interactions and trends, as contrasts of cells.

Contrasts need every cell that they weight. Where cells are excluded or have no result, they are
taken over the largest part of the design that is still completely crossed, so that levels are
always compared within the same levels of all other factors.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product

import numpy as np

from digits.analysis.vocabulary import INTERACTION, MAIN, MARGINAL, TREND
from digits.core.design import Cell, Design, Level, spell

TRENDS = {1: "linear", 2: "quadratic"}
DECADE = 10
"""Levels of which one is at least this many times another are spaced by their logarithms."""

PER_DOUBLING = ", per doubling"
"""What the levels of trends per doubling of a factor, and not per unit, end with."""

Levels = dict[str, list[Level]]
Weights = dict[Cell, float]


@dataclass(frozen=True)
class Contrast:
    """A weighted sum of the accuracies of cells.

    Attributes
    ----------
    kind, term, level : its columns in the table of effects
    weights : per cell
    family : number of contrasts of its kind and term, for intervals that hold jointly
    """

    kind: str
    term: str
    level: str
    weights: Weights
    family: int = 1


def ordered_levels(factor: str, design: Design) -> list[Level]:
    """Return the levels of a factor: numbers from the smallest, texts as the design lists them."""
    levels = list(design.factors[factor])
    return levels if design.kinds[factor] is str else sorted(levels)


def complete_part(cells: Collection[tuple[int, ...]]) -> list[list[int]]:
    """Return the levels of the largest part of a design that is completely crossed, by factor.

    Of parts with as many cells, the one with more levels of the first factor, then of the next
    ones, then with lower levels.

    Parameters
    ----------
    cells : those with a result, each as the places of its levels; all with as many factors
    """
    factors = max(map(len, cells), default=0)
    if factors == 0:
        return []
    rows: dict[int, frozenset[tuple[int, ...]]] = {}
    for first, *others in cells:
        rows[first] = rows.get(first, frozenset()) | {tuple(others)}
    if factors == 1:
        return [sorted(rows)]
    # In a largest part, the other factors' cells are among those shared by some levels of the
    # first, which are all that have them; so the intersections of the rows are all candidates.
    shared = set(rows.values())
    while new := {one & other for one, other in combinations(shared, 2)} - shared:
        shared |= new
    parts = sorted(
        [[m for m in sorted(rows) if others <= rows[m]], *complete_part(others)]
        for others in shared
        if others
    )
    return max(parts, key=lambda part: (math.prod(map(len, part)), *map(len, part)))


def crossed_levels(cells: Iterable[Cell], design: Design) -> Levels:
    """Return the levels, of the factors that vary, of the largest part that is completely crossed.

    Parameters
    ----------
    cells : those with a result
    """
    orders = {factor: ordered_levels(factor, design) for factor in design.varied}
    places = [list(design.factors).index(factor) for factor in design.varied]
    known = [
        tuple(order.index(cell[at]) for at, order in zip(places, orders.values(), strict=True))
        for cell in cells
    ]
    part = complete_part(known) if known else [[] for _ in orders]
    return {
        factor: [order[place] for place in found]
        for (factor, order), found in zip(orders.items(), part, strict=True)
    }


def contrasts(cells: Iterable[Cell], design: Design) -> list[Contrast]:
    """Return the contrasts that a design allows, of the factors that vary.

    Marginal means of each level; main effects, as differences of the marginal means of all pairs
    of levels, the later minus the earlier; interactions of all pairs of factors, as differences of
    the effect of neighbouring levels of the second between neighbouring levels of the first; and
    linear and quadratic trends of numeric factors with at least three levels. All are means over
    the levels of the other factors.

    Parameters
    ----------
    cells : those with a result
    """
    cells = list(cells)
    part = _Part(crossed_levels(cells, design), cells[0] if cells else (), design)
    if not cells:
        return []
    found = []
    for factor in part.levels:
        found += _marginals(factor, part) + _main_effects(factor, part)
    for pair in combinations(part.levels, 2):
        found += _interactions(*pair, part)
    for factor in part.levels:
        if design.kinds[factor] is not str:
            found += _trends(factor, part)
    return found


@dataclass(frozen=True)
class _Part:
    """A completely crossed part of a design: the levels of its factors, and any of its cells."""

    levels: Levels
    cell: Cell
    design: Design

    def mean(self, fixed: Mapping[str, Level]) -> Weights:
        """Return the weights of the mean of the cells with given levels of some factors."""
        levels = {name: [level] for name, level in zip(self.design.factors, self.cell, strict=True)}
        levels |= self.levels | {name: [level] for name, level in fixed.items()}
        cells = list(product(*levels.values()))
        return dict.fromkeys(cells, 1 / len(cells))


def trend_weights(levels: Sequence[float], degree: int) -> np.ndarray:
    """Return the weights of the orthogonal polynomial contrast of a degree, by the actual spacing.

    Scaled so that the contrast of the means is the leading coefficient of the polynomial of that
    degree fitted to them by least squares: for degree 1 their slope per unit of the factor.

    Parameters
    ----------
    levels : more than ``degree`` different numbers
    """
    centred = np.asarray(levels, dtype=float) - np.mean(levels)
    scale = np.abs(centred).max()  # keeps the fit well-conditioned
    return np.linalg.pinv(np.vander(centred / scale, degree + 1))[0] / scale**degree


def spans_decade(levels: Sequence[float]) -> bool:
    """Return whether the levels of a factor are better spaced by their logarithms."""
    return min(levels) > 0 and max(levels) >= DECADE * min(levels)


def _sum(parts: Iterable[tuple[float, Weights]]) -> Weights:
    total: Weights = {}
    for factor, weights in parts:
        for cell, weight in weights.items():
            total[cell] = total.get(cell, 0.0) + factor * weight
    return total


def _marginals(factor: str, part: _Part) -> list[Contrast]:
    return [
        Contrast(MARGINAL, factor, spell(level), part.mean({factor: level}))
        for level in part.levels[factor]
    ]


def _main_effects(factor: str, part: _Part) -> list[Contrast]:
    pairs = list(combinations(part.levels[factor], 2))
    return [
        Contrast(
            MAIN,
            factor,
            f"{spell(high)} - {spell(low)}",
            _sum((sign, part.mean({factor: at})) for sign, at in ((1, high), (-1, low))),
            len(pairs),
        )
        for low, high in pairs
    ]


def _interactions(one: str, other: str, part: _Part) -> list[Contrast]:
    found = []
    steps = product(pairwise(part.levels[one]), pairwise(part.levels[other]))
    for (few, more), (narrow, wide) in steps:
        corners = [(1, more, wide), (-1, more, narrow), (-1, few, wide), (1, few, narrow)]
        weights = _sum((sign, part.mean({one: a, other: b})) for sign, a, b in corners)
        level = f"{spell(more)} - {spell(few)}, {spell(wide)} - {spell(narrow)}"
        found.append(Contrast(INTERACTION, f"{one}:{other}", level, weights))
    return found


def _trends(factor: str, part: _Part) -> list[Contrast]:
    levels = part.levels[factor]
    if len(levels) < 3:
        return []  # of two levels it would be their difference again
    logarithmic = spans_decade(levels)
    places = np.log2(levels) if logarithmic else levels
    return [
        Contrast(
            TREND,
            factor,
            name + (PER_DOUBLING if logarithmic else ""),
            _sum(
                (weight, part.mean({factor: level}))
                for level, weight in zip(levels, trend_weights(places, degree), strict=True)
            ),
        )
        for degree, name in TRENDS.items()
    ]
