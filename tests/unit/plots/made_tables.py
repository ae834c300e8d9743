"""Tables of the analysis of a small design, made by hand, for the tests of its plots."""

import numpy as np
import pandas as pd
from answers import cell, pair

from digits.analysis.vocabulary import COMPARISONS, EFFECTS, cells_columns
from digits.core.design import Design

SIZES = Design({"layers": (2, 3, 5), "nodes": (100, 200)})


def cells_table(*rows, design: Design = SIZES) -> pd.DataFrame:
    """Return a table of cells with these rows."""
    return pd.DataFrame(list(rows), columns=cells_columns(design))


def effects_table(*rows) -> pd.DataFrame:
    """Return a table of effects with these rows."""
    return pd.DataFrame(list(rows), columns=EFFECTS)


def effect(kind: str, term: str, level: str, estimate: float, half: float = 0.01) -> dict:
    """Return a row of the table of effects."""
    ends = {"low": estimate - half, "high": estimate + half}
    return {"kind": kind, "term": term, "level": level, "estimate": estimate} | ends


THREE = [cell(2, 100, 0.95, 0.01), cell(2, 200, 0.97, 0.4, pick=True), cell(5, 200, 0.98)]
CELLS_TABLE = cells_table(*THREE)
EFFECTS_TABLE = effects_table(
    effect("marginal", "layers", "2", 0.96),
    effect("marginal", "layers", "5", 0.98),
    effect("marginal", "nodes", "100", 0.95),
    effect("marginal", "nodes", "200", 0.975),
    effect("main effect", "layers", "5 - 2", 0.005),
    effect("main effect", "nodes", "200 - 100", 0.025, 0.005),
)
COMPARISONS_TABLE = pd.DataFrame(
    [
        pair("mcnemar", "2L100N", "2L200N", -0.02, p_adjusted=0.2),
        pair("mcnemar", "2L100N", "5L200N", -0.03, p_adjusted=0.01),
        pair("mcnemar", "2L200N", "5L200N", -0.01, p_adjusted=0.4),
        pair("published", "2L100N", "published", 0.002, decides=False),
        pair("published", "5L200N", "published", -0.05, decides=False),
    ],
    columns=COMPARISONS,
)
NONE = cells_table(cell(2, 100, np.nan, trials=0), cell(5, 200, np.nan, trials=0))
NO_EFFECTS, NO_COMPARISONS = EFFECTS_TABLE[:0], COMPARISONS_TABLE[:0]


def many(design: Design) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the cells of a design, each 0.001 better than the one before, and comparisons."""
    best = len(design.cells) - 1
    rows, pairs = [], []
    for place, levels in enumerate(design.cells):
        row = cell(2, 100, 0.9 + 0.001 * place, loss=(0.001 * (best - place), 0.002))
        row |= dict(zip(design.factors, levels, strict=True))
        rows.append(row | {"model": design.model_name(levels), "pick": place == best - 1})
        if place != best:
            first, second = (design.model_name(design.cells[n]) for n in (best, place))
            chance = {"p_adjusted": 0.01 if place < best - 2 else 0.5}
            pairs.append(pair("mcnemar", first, second, 0.001 * (best - place), **chance))
    return cells_table(*rows, design=design), pd.DataFrame(pairs, columns=COMPARISONS)
