"""The analysis of variance of a factorial design with blocks."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from digits.analysis.distributions import f_tail
from digits.core.frames import pd

COLUMNS = ["term", "statistic", "df", "df_error", "p", "effect_size"]
BLOCK = "block"


def variance_table(
    trials: pd.DataFrame, factors: Sequence[str], test_share: float = 0.0
) -> pd.DataFrame:
    """Analyse the variance of accuracies by factors and their interactions in pairs, with blocks.

    Sums of squares are of type II, which allows for missing trials. Interactions of three factors
    or more are part of the error. The interaction of a pair is left out where not all combinations
    of its levels have a result; all are left out where they cannot be told apart.

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
    factors : those that the design varies
    test_share : validation images per training image, 0 for blocks that are independent

    Returns
    -------
    DataFrame
        term, statistic (F), df, df_error, p, effect_size (partial eta squared: the share of what
        the other terms leave unexplained, from the corrected F); no rows if no degrees of freedom
        or no variance are left for the error.
    """
    factors = [name for name in factors if trials[name].nunique() > 1]
    blocks = trials["block"].nunique()
    if not factors or blocks < 2:
        return pd.DataFrame(columns=COLUMNS)
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    pairs = [pair for pair in combinations(factors, 2) if _is_complete(trials, pair)]
    # Names of our own, as those of factors may mean something in a formula.
    names = {f"f{place}": name for place, name in enumerate(factors)}
    codes = {name: f"C({code})" for code, name in names.items()}
    data = trials.rename(columns={name: code for code, name in names.items()})
    additive = " + ".join(["accuracy ~ C(block)", *codes.values()])
    crossed = [additive, *(f"{codes[one]}:{codes[other]}" for one, other in pairs)]
    for formula in (" + ".join(crossed), additive):
        model = ols(formula, data=data)
        if np.linalg.matrix_rank(model.exog) < model.exog.shape[1]:
            continue
        fit = model.fit()
        if fit.df_resid < 1 or fit.ssr <= 1e-12 * max(fit.centered_tss, 1e-12):
            break
        table = anova_lm(fit, typ=2)
        table.index = [_term(str(term), names) for term in table.index]
        return _corrected(table, 1 + blocks * test_share)
    return pd.DataFrame(columns=COLUMNS)


def _is_complete(trials: pd.DataFrame, pair: tuple[str, str]) -> bool:
    """Return whether all combinations of the levels of two factors have a result."""
    combined = trials[list(pair)].drop_duplicates()
    return len(combined) == combined[pair[0]].nunique() * combined[pair[1]].nunique()


def _term(formula: str, names: dict[str, str]) -> str:
    """Return a term of the table of effects for one of a formula: ``C(f0):C(f1)``."""
    codes = formula.replace("C(", "").replace(")", "").split(":")
    return ":".join(names.get(code, code) for code in codes)


def _corrected(table: pd.DataFrame, inflation: float) -> pd.DataFrame:
    df_error = table.loc["Residual", "df"]
    terms = table.drop(index="Residual")
    statistic = (terms["F"] / np.where(terms.index == BLOCK, 1.0, inflation)).to_numpy()
    df = terms["df"].to_numpy()
    return pd.DataFrame(
        {
            "term": terms.index,
            "statistic": statistic,
            "df": df,
            "df_error": df_error,
            "p": f_tail(statistic, df, df_error),
            "effect_size": statistic * df / (statistic * df + df_error),
        }
    )
