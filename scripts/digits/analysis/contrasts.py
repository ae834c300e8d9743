"""Marginal means, main effects, interaction and trends as contrasts of cells; analysis of variance.

Contrasts need every cell that they weight. Where cells have no result, they are taken over the
largest part of the design that is still completely crossed, so that levels are always compared
within the same levels of the other factor.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations, pairwise, product

import numpy as np
import pandas as pd
from scipy import stats

from digits.analysis.vocabulary import BOTH, INTERACTION, MAIN, MARGINAL, TREND
from digits.core.design import CELL, Cell

TRENDS = {1: "linear", 2: "quadratic"}


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
    weights: dict[Cell, float]
    family: int = 1


def complete_part(cells: Iterable[Cell]) -> tuple[list[int], list[int]]:
    """Return the levels of the largest part of a design that is completely crossed.

    Of parts with as many cells, the one with more levels of layers, then with lower levels.

    Parameters
    ----------
    cells : those with a result
    """
    rows: dict[int, frozenset[int]] = {}
    for layers, nodes in cells:
        rows[layers] = rows.get(layers, frozenset()) | {nodes}
    # In a largest part, the nodes are those shared by some levels of layers, and the layers are
    # all that have these nodes; so the intersections of the rows are all candidates.
    shared = set(rows.values())
    while new := {one & other for one, other in combinations(shared, 2)} - shared:
        shared |= new
    parts = [([m for m in sorted(rows) if nodes <= rows[m]], sorted(nodes)) for nodes in shared]
    parts = sorted(parts or [([], [])])
    return max(parts, key=lambda part: (len(part[0]) * len(part[1]), len(part[0])))


def contrasts(cells: Iterable[Cell]) -> list[Contrast]:
    """Return the contrasts that a design allows.

    Marginal means of each level; main effects, as differences of the marginal means of all pairs
    of levels, the higher minus the lower; interaction, as differences of the effect of neighbouring
    levels of nodes between neighbouring levels of layers; and linear and quadratic trends of
    factors with at least three levels.

    Parameters
    ----------
    cells : those with a result
    """
    levels = dict(zip(CELL, complete_part(cells), strict=True))
    if not all(levels.values()):
        return []
    found = []
    for factor in CELL:
        found += _marginals(factor, levels) + _main_effects(factor, levels)
    found += _interactions(levels)
    for factor in CELL:
        found += _trends(factor, levels)
    return found


def trend_weights(levels: list[int], degree: int) -> np.ndarray:
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


def _mean_over(factor: str, level: int, levels: dict[str, list[int]]) -> dict[Cell, float]:
    other = levels[CELL[1 - CELL.index(factor)]]
    weight = 1 / len(other)
    return {(level, o) if factor == CELL[0] else (o, level): weight for o in other}


def _sum(parts: Iterable[tuple[float, dict[Cell, float]]]) -> dict[Cell, float]:
    total: dict[Cell, float] = {}
    for factor, weights in parts:
        for cell, weight in weights.items():
            total[cell] = total.get(cell, 0.0) + factor * weight
    return total


def _marginals(factor: str, levels: dict[str, list[int]]) -> list[Contrast]:
    return [
        Contrast(MARGINAL, factor, str(level), _mean_over(factor, level, levels))
        for level in levels[factor]
    ]


def _main_effects(factor: str, levels: dict[str, list[int]]) -> list[Contrast]:
    pairs = list(combinations(levels[factor], 2))
    return [
        Contrast(
            MAIN,
            factor,
            f"{high} - {low}",
            _sum((sign, _mean_over(factor, at, levels)) for sign, at in ((1, high), (-1, low))),
            len(pairs),
        )
        for low, high in pairs
    ]


def _interactions(levels: dict[str, list[int]]) -> list[Contrast]:
    found = []
    for (few, more), (narrow, wide) in product(*(list(pairwise(levels[name])) for name in CELL)):
        weights = {(more, wide): 1.0, (more, narrow): -1.0, (few, wide): -1.0, (few, narrow): 1.0}
        level = f"{more} - {few}, {wide} - {narrow}"
        found.append(Contrast(INTERACTION, BOTH, level, weights))
    return found


def _trends(factor: str, levels: dict[str, list[int]]) -> list[Contrast]:
    if len(levels[factor]) < 3:
        return []  # of two levels it would be their difference again
    return [
        Contrast(
            TREND,
            factor,
            name,
            _sum(
                (weight, _mean_over(factor, level, levels))
                for level, weight in zip(
                    levels[factor], trend_weights(levels[factor], degree), strict=True
                )
            ),
        )
        for degree, name in TRENDS.items()
    ]


def variance_table(trials: pd.DataFrame, test_share: float = 0.0) -> pd.DataFrame:
    """Analyse the variance of accuracies by layers, nodes and their interaction, with blocks.

    Sums of squares are of type II, which allows for missing trials; the interaction is left out
    where cells are missing that it would need.

    The training parts of folds overlap, so the difference between two cells is correlated over the
    folds and its mean varies by more than the residuals suggest. As in the corrected resampled t
    test of Nadeau and Bengio (2003), Machine Learning 52, 239-281, the variance of a mean over J
    folds is taken as ``1 / J + test_share`` times that of a fold and not ``1 / J``: F is divided by
    ``1 + J * test_share``. For a factor of two levels it is the square of that t, but for the
    degrees of freedom. The F of the block is not corrected: what all folds share does not affect
    it.

    Parameters
    ----------
    trials : the factors, block (fold, or seed where there is one fold), accuracy; one row per cell
        and block
    test_share : validation images per training image, 0 for blocks that are independent

    Returns
    -------
    DataFrame
        term, statistic (F), df, df_error, p, effect_size (partial eta squared: the share of what
        the other terms leave unexplained); no rows if no degrees of freedom or no variance are
        left for the error.
    """
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    factors = [name for name in CELL if trials[name].nunique() > 1]
    formulas = [" * ".join(f"C({name})" for name in factors)]
    formulas.append(formulas[0].replace("*", "+"))
    blocks = trials["block"].nunique()
    for formula in formulas if factors and blocks > 1 else []:
        model = ols(f"accuracy ~ C(block) + {formula}", data=trials)
        if np.linalg.matrix_rank(model.exog) < model.exog.shape[1]:
            continue
        fit = model.fit()
        if fit.df_resid < 1 or fit.ssr <= 1e-12 * max(fit.centered_tss, 1e-12):
            break
        return _named(anova_lm(fit, typ=2), 1 + blocks * test_share)
    return pd.DataFrame(columns=["term", "statistic", "df", "df_error", "p", "effect_size"])


def _named(table: pd.DataFrame, inflation: float) -> pd.DataFrame:
    error = table.loc["Residual"]
    terms = table.drop(index="Residual")
    statistic = (terms["F"] / np.where(terms.index == "C(block)", 1.0, inflation)).to_numpy()
    return pd.DataFrame(
        {
            "term": [str(name).replace("C(", "").replace(")", "") for name in terms.index],
            "statistic": statistic,
            "df": terms["df"].to_numpy(),
            "df_error": error["df"],
            "p": stats.f.sf(statistic, terms["df"], error["df"]),
            "effect_size": (terms["sum_sq"] / (terms["sum_sq"] + error["sum_sq"])).to_numpy(),
        }
    )
