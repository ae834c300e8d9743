"""Cost against accuracy: which cells nothing beats on both, and which one to pick."""

import numpy as np
import pandas as pd

from digits.analysis.estimate import NAN
from digits.analysis.vocabulary import ENSEMBLE, TESTS, TRAININGS
from digits.core.design import CELL


def cost_measure(cells: pd.DataFrame) -> str:
    """Return which column tells the time that a training costs.

    Processor time, where all ran on the CPU: trainings that share a machine slow each other down.
    Wall time where any ran on a GPU, whose work processor time does not show.
    """
    devices = cells["device"].replace("", pd.NA).dropna()
    return "cpu_seconds" if (devices == "CPU").all() else "training_seconds"


def best_cell(cells: pd.DataFrame) -> str | None:
    """Return the cell with the highest accuracy, of equals the one with the fewest parameters.

    None if no cell has a result.
    """
    known = cells[(cells["model"] != ENSEMBLE) & cells["accuracy"].notna()]
    if known.empty:
        return None
    order = known.sort_values(
        ["accuracy", "parameters", *CELL], ascending=[False, True, True, True]
    )
    return str(order["model"].iloc[0])


def front(cost: pd.Series, accuracy: pd.Series) -> np.ndarray:
    """Tell which models are on the Pareto front: none is as good on both counts and better on one.

    Parameters
    ----------
    cost, accuracy : of each model; one with a NaN is not on the front
    """
    costs, accuracies = cost.to_numpy(dtype=float), accuracy.to_numpy(dtype=float)
    no_worse = (costs <= costs[:, None]) & (accuracies >= accuracies[:, None])
    better = (costs < costs[:, None]) | (accuracies > accuracies[:, None])
    known = ~np.isnan(costs) & ~np.isnan(accuracies)
    return known & ~(no_worse & better).any(axis=1)


def deciding_test(comparisons: pd.DataFrame, one: str, other: str) -> pd.Series | None:
    """Return the test that decides whether two models differ, None where they were not compared.

    Where there are several trainings it is the one over trainings: that of the networks on their
    images is conditional on them, so that the chance of training alone would make it reject. With
    few trainings it has little power, as its interval shows. Where it gives no p-value, as between
    two trainings that differ by the same, the test on the images decides.

    Parameters
    ----------
    comparisons : test, first, second, p_holm and whatever else is to be told
    """
    pair = comparisons[["first", "second"]].isin([one, other]).all(axis=1)
    rows = comparisons[pair & comparisons["test"].isin(TESTS)]
    if rows.empty:
        return None
    order = [rows["p_holm"].isna(), rows["test"] != TRAININGS]
    return rows.iloc[np.lexsort(order[::-1])[0]]


def pair_p(comparisons: pd.DataFrame, one: str, other: str) -> float:
    """Return the p-value of two cells being equally good, by :func:`deciding_test`.

    Two-sided, and adjusted for all pairs of cells by Holm's method, so that it holds for a pair
    that was found by looking, such as one with the best cell. NaN where the two have no test.

    Parameters
    ----------
    comparisons : test, first, second, p_holm
    """
    found = deciding_test(comparisons, one, other)
    return NAN if found is None else float(found["p_holm"])


def pick_cell(cells: pd.DataFrame, best: str, alpha: float) -> str:
    """Return the cell with the fewest parameters that is not significantly worse than the best.

    Not to be significantly worse is not to be as good: the interval of the difference tells how
    much worse it may be. A cell that could not be compared with the best is not picked. Parameters
    and not seconds count, so that the same accuracies give the same pick on any machine.

    Parameters
    ----------
    cells : model, layers, nodes, parameters, accuracy, p_best
    best : the model to which ``p_best`` refers
    alpha : level of the test
    """
    worse = cells["accuracy"] < cells.set_index("model").loc[best, "accuracy"]
    apart = worse & (cells["p_best"] < alpha)
    able = (cells["model"] == best) | (cells["p_best"].notna() & ~apart)
    candidates = cells[able].sort_values(["parameters", *CELL])
    return str(candidates["model"].iloc[0])
