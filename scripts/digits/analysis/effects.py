"""The table of effects: means, main effects, interactions, trends and tests of the factors."""

import numpy as np

from digits.analysis.cells import accuracy_of
from digits.analysis.contrasts import Contrast, contrasts
from digits.analysis.estimate import NAN, Estimate
from digits.analysis.outcomes import Outcomes
from digits.analysis.paired_tests import cochran
from digits.analysis.resampling import corrected_t, over_images
from digits.analysis.variance import variance_table
from digits.analysis.vocabulary import (
    ANOVA,
    COCHRAN,
    EFFECTS,
    INTERACTION,
    MARGINAL,
    MEAN,
    TREND,
    all_factors,
)
from digits.core.design import Design, spell
from digits.core.frames import pd


def effect_table(outcomes: Outcomes, design: Design, test_share: float) -> pd.DataFrame:
    """Tabulate means, effects, interactions, trends and tests of the factors that vary.

    ``kind`` is one of

    - ``mean``: the accuracy of a cell, as in the table of cells;
    - ``marginal``, ``main effect``, ``interaction``, ``contrast``: see
      :func:`digits.analysis.contrasts.contrasts`; a trend is per unit of the factor (or of its
      square), or per doubling where its levels span a decade;
    - ``anova``: see :func:`digits.analysis.variance.variance_table`;
    - ``cochran``: whether all networks have the same accuracy on the images, per seed.

    Where there are several folds or seeds, contrasts are taken in each and tested over them by the
    corrected resampled t test; p-values are not adjusted. With one training per cell none of them
    has a p-value, as they cannot be separated from the noise of training; the intervals of
    marginal means and main effects are then over the images, conditional on the trained networks,
    and interactions and trends have none. The intervals of the main effects of a factor hold
    jointly (Bonferroni), so that the largest may be singled out.

    Parameters
    ----------
    outcomes : of the cells with a result
    test_share : validation images per training image

    Returns
    -------
    DataFrame
        With the columns ``EFFECTS``; what the design cannot estimate is empty.
    """
    cells = {name: design.models[name] for name in outcomes.cells}
    rows = []
    for name, cell in cells.items():
        levels = dict(zip(design.factors, cell, strict=True))
        level = ", ".join(spell(levels[factor]) for factor in design.varied or levels)
        found, _ = accuracy_of(outcomes, name, test_share)
        rows.append(_row(MEAN, all_factors(design), level, found))
    for contrast in contrasts(cells.values(), design):
        found = _estimate(contrast, outcomes, design, test_share)
        rows.append(_row(contrast.kind, contrast.term, contrast.level, found))
    if cells:
        rows += [{"kind": ANOVA, **row} for row in _anova(outcomes, design, test_share)]
        rows += _cochran_rows(outcomes.table[outcomes.cells])
    table = pd.DataFrame(rows, columns=EFFECTS)
    return table.astype({"df": "Int64", "df_error": "Int64"})


def _row(kind: str, term: str, level: str, found: Estimate) -> dict:
    return {"kind": kind, "term": term, "level": level, **found._asdict()}


def _estimate(
    contrast: Contrast, outcomes: Outcomes, design: Design, test_share: float
) -> Estimate:
    values = _weigh(contrast, outcomes.blocks, design)
    if len(values) > 1:
        found = corrected_t(values, test_share, contrast.family)
        return found if contrast.kind != MARGINAL else _as_share(found)
    values = _weigh(contrast, outcomes.images, design)
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


def _weigh(contrast: Contrast, accuracies: pd.DataFrame, design: Design) -> np.ndarray:
    """Return the contrast per image or block, of those that all of its cells share."""
    names = [design.model_name(cell) for cell in contrast.weights]
    return accuracies[names].dropna().to_numpy() @ np.array(list(contrast.weights.values()))


def _anova(outcomes: Outcomes, design: Design, test_share: float) -> list[dict]:
    rows = [
        {
            **dict(zip(design.factors, design.models[name], strict=True)),
            "block": block,
            "accuracy": accuracy,
        }
        for name in outcomes.cells
        for block, accuracy in outcomes.blocks[name].dropna().items()
    ]
    # Seeds share all of their training images: they vary by the randomness of training alone.
    overlap = test_share if outcomes.blocks.index.name == "fold" else 0.0
    return variance_table(pd.DataFrame(rows), design.varied, overlap).to_dict("records")


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
