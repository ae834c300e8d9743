"""The table of effects: means, main effects, interaction, trends and tests of the factors."""

import numpy as np
import pandas as pd

from digits.analysis.cells import accuracy_of
from digits.analysis.contrasts import Contrast, contrasts, variance_table
from digits.analysis.estimate import NAN, Estimate
from digits.analysis.outcomes import per_block, per_image
from digits.analysis.paired_tests import cochran
from digits.analysis.resampling import corrected_t, over_images
from digits.analysis.vocabulary import (
    ANOVA,
    BOTH,
    COCHRAN,
    EFFECTS,
    INTERACTION,
    MARGINAL,
    MEAN,
    TREND,
)
from digits.core.design import CELL, ENSEMBLE, Cell, model_name


def effect_table(cells: list[Cell], outcomes: pd.DataFrame, test_share: float) -> pd.DataFrame:
    """Tabulate means, effects, interaction, trends and tests of the factors.

    ``kind`` is one of

    - ``mean``: the accuracy of a cell, as in the table of cells;
    - ``marginal``, ``main effect``, ``interaction``, ``contrast``: see
      :func:`digits.analysis.contrasts.contrasts`; a trend is per unit of the factor (or of its
      square);
    - ``anova``: see :func:`digits.analysis.contrasts.variance_table`;
    - ``cochran``: whether all networks have the same accuracy on the images, per seed.

    Where there are several folds or seeds, contrasts are taken in each and tested over them by the
    corrected resampled t test; p-values are not adjusted. With one training per cell none of them
    has a p-value, as they cannot be separated from the noise of training; the intervals of
    marginal means and main effects are then over the images, conditional on the trained networks,
    and interaction and trends have none. The intervals of the main effects of a factor hold
    jointly (Bonferroni), so that the largest may be singled out.

    Parameters
    ----------
    cells : those with a result
    outcomes : see :func:`digits.analysis.outcomes.outcomes_of`
    test_share : validation images per training image

    Returns
    -------
    DataFrame
        With the columns ``EFFECTS``; what the design cannot estimate is empty.
    """
    rows = [_mean_row(cell, outcomes, test_share) for cell in cells]
    images, blocks = (per_image(outcomes), per_block(outcomes)) if cells else (None, None)
    for contrast in contrasts(cells):
        found = _estimate(contrast, images, blocks, test_share)
        rows.append(_row(contrast.kind, contrast.term, contrast.level, found))
    if cells:
        rows += [{"kind": ANOVA, **row} for row in _anova(cells, blocks, test_share)]
        rows += _cochran_rows(outcomes.drop(columns=ENSEMBLE, errors="ignore"))
    table = pd.DataFrame(rows, columns=EFFECTS)
    return table.astype({"df": "Int64", "df_error": "Int64"})


def _row(kind: str, term: str, level: str, found: Estimate) -> dict:
    return {"kind": kind, "term": term, "level": level, **found._asdict()}


def _mean_row(cell: Cell, outcomes: pd.DataFrame, test_share: float) -> dict:
    found, _ = accuracy_of(outcomes, model_name(cell), test_share)
    return _row(MEAN, BOTH, ", ".join(map(str, cell)), found)


def _estimate(
    contrast: Contrast, images: pd.DataFrame, blocks: pd.DataFrame, test_share: float
) -> Estimate:
    values = _weigh(contrast, blocks)
    if len(values) > 1:
        found = corrected_t(values, test_share, contrast.family)
        return found if contrast.kind != MARGINAL else _as_share(found)
    values = _weigh(contrast, images)
    if len(values) == 0:
        return Estimate(NAN)  # no images that all of its cells were evaluated on
    found = over_images(values, contrast.family)
    if contrast.kind in (INTERACTION, TREND):
        return Estimate(found.estimate)
    found = Estimate(found.estimate, found.low, found.high)
    return found if contrast.kind != MARGINAL else _as_share(found)


def _as_share(found: Estimate) -> Estimate:
    """Drop the test that a mean is 0, which it never is, and clip its interval to 0 and 1."""
    low, high = np.clip([found.low, found.high], 0.0, 1.0).tolist()
    return Estimate(found.estimate, low, high)


def _weigh(contrast: Contrast, accuracies: pd.DataFrame) -> np.ndarray:
    """Return the contrast per image or block, of those that all of its cells share."""
    names = [model_name(cell) for cell in contrast.weights]
    return accuracies[names].dropna().to_numpy() @ np.array(list(contrast.weights.values()))


def _anova(cells: list[Cell], blocks: pd.DataFrame, test_share: float) -> list[dict]:
    rows = [
        {**dict(zip(CELL, cell, strict=True)), "block": block, "accuracy": accuracy}
        for cell in cells
        for block, accuracy in blocks[model_name(cell)].dropna().items()
    ]
    # Seeds share all of their training images: they vary by the randomness of training alone.
    overlap = test_share if blocks.index.name == "fold" else 0.0
    return variance_table(pd.DataFrame(rows), overlap).to_dict("records")


def _cochran_rows(outcomes: pd.DataFrame) -> list[dict]:
    """Test all cells of each seed on the images that all of them were evaluated on.

    Each seed by itself, so that an image counts once.
    """
    rows = []
    if outcomes.shape[1] < 2:
        return rows
    for seed, right in outcomes.groupby(level="seed"):
        shared = right.dropna()
        if len(shared):
            statistic, df, p_value = cochran(shared.to_numpy())
            found = Estimate(NAN, statistic=statistic, df=df, p=p_value)
            rows.append(_row(COCHRAN, "cells", f"seed {seed}", found))
    return rows
