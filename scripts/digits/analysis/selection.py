"""Cost against accuracy: the Pareto front, the best cell and the cell to pick."""

import numpy as np
import pandas as pd

from digits.analysis.estimate import NAN
from digits.analysis.vocabulary import TESTS, TRAININGS
from digits.core.design import CELL, ENSEMBLE


def cost_measure(cells: pd.DataFrame) -> str:
    """Return which column measures the time of a training.

    Processor time if all ran on the CPU, as trainings that share a machine slow each other down;
    wall time if any ran on a GPU, whose work processor time does not include.
    """
    devices = cells["device"].replace("", pd.NA).dropna()
    return "cpu_seconds" if (devices == "CPU").all() else "training_seconds"


def best_cell(cells: pd.DataFrame) -> str | None:
    """Return the cell with the highest accuracy; of ties the one with the fewest parameters.

    None if no cell has a result.
    """
    known = cells[(cells["model"] != ENSEMBLE) & cells["accuracy"].notna()]
    if known.empty:
        return None
    order = known.sort_values(
        ["accuracy", "parameters", *CELL], ascending=[False, True, *[True] * len(CELL)]
    )
    return str(order["model"].iloc[0])


def front(cost: pd.Series, accuracy: pd.Series) -> np.ndarray:
    """Return which models are on the Pareto front: no other is as good on both and better on one.

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
    """Return the test that decides whether two models differ, None if they were not compared.

    Where there are several trainings it is the one over trainings: the test over images is
    conditional on the networks, so the randomness of training alone would make it reject. With few
    trainings it has little power, as its interval shows. Where it gives no p-value, as for two
    trainings with the same difference, the test over images decides.

    Parameters
    ----------
    comparisons : test, first, second, p_holm and any other columns to return
    """
    pair = comparisons[["first", "second"]].isin([one, other]).all(axis=1)
    rows = comparisons[pair & comparisons["test"].isin(TESTS)]
    if rows.empty:
        return None
    order = [rows["p_holm"].isna(), rows["test"] != TRAININGS]
    return rows.iloc[np.lexsort(order[::-1])[0]]


def pair_p(comparisons: pd.DataFrame, one: str, other: str) -> float:
    """Return the p-value of the hypothesis that two cells are equally good.

    That of :func:`deciding_test`: two-sided and adjusted for all pairs of cells by Holm's method,
    so that it holds for a pair picked because of the data, such as one with the best cell. NaN if
    the two were not tested.

    Parameters
    ----------
    comparisons : test, first, second, p_holm
    """
    found = deciding_test(comparisons, one, other)
    return NAN if found is None else float(found["p_holm"])


def pick_cell(cells: pd.DataFrame, best: str, alpha: float) -> str:
    """Return the cell with the fewest parameters that is not significantly worse than the best.

    Not significantly worse does not mean as good: the interval of the difference shows how much
    worse it may be. A cell that could not be compared with the best is not picked. Size is counted
    in parameters, not seconds, so that the same accuracies give the same pick on any machine.

    Parameters
    ----------
    cells : model, the factors, parameters, accuracy, p_best
    best : the model to which ``p_best`` refers
    alpha : level of the test
    """
    worse = cells["accuracy"] < cells.set_index("model").loc[best, "accuracy"]
    rejected = worse & (cells["p_best"] < alpha)
    eligible = (cells["model"] == best) | (cells["p_best"].notna() & ~rejected)
    candidates = cells[eligible].sort_values(["parameters", *CELL])
    return str(candidates["model"].iloc[0])
