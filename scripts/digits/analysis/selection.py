"""Cost against accuracy: the Pareto front, the best cell and the cell to pick."""

import numpy as np

from digits.analysis.vocabulary import INTERACTION
from digits.core.design import ENSEMBLE
from digits.core.frames import pd


def cost_measure(cells: pd.DataFrame) -> str:
    """Return which column measures the time of a training.

    Processor time if all ran on the CPU, as trainings that share a machine slow each other down;
    wall time if any ran on a GPU, whose work processor time does not include.
    """
    devices = cells["device"].replace("", pd.NA).dropna()
    return "cpu_seconds" if (devices == "CPU").all() else "training_seconds"


def best_cell(cells: pd.DataFrame) -> str | None:
    """Return the cell with the highest accuracy; of ties the one with the fewest parameters.

    Of further ties it is the first. None if no cell has a result.

    Parameters
    ----------
    cells : the table of cells, in the order of the design
    """
    known = cells[(cells["model"] != ENSEMBLE) & cells["accuracy"].notna()]
    if known.empty:
        return None
    order = known.sort_values(["accuracy", "parameters"], ascending=[False, True], kind="stable")
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

    Parameters
    ----------
    comparisons : first, second, decides and any other columns to return
    """
    pair = comparisons[["first", "second"]].isin([one, other]).all(axis=1)
    rows = comparisons[pair & comparisons["decides"].astype(bool)]
    return None if rows.empty else rows.iloc[0]


def pick_cell(cells: pd.DataFrame, best: str, margin: float) -> str:
    """Return the cell with the fewest parameters that is shown to lose less than a margin.

    The losses are against the best cell, which qualifies itself; a cell qualifies if the one-sided
    95% upper bound of its loss is below the margin (a test of non-inferiority). So a cell that
    loses the margin or more is picked in at most one of twenty experiments per such cell, and few
    data lead to the best cell rather than to the smallest. Size is counted in parameters, not
    seconds, so that the same accuracies give the same pick on any machine.

    Parameters
    ----------
    cells : the table of cells, in the order of the design; of equally small cells with the same
        bound the first is picked
    best : the model that the losses are against
    margin : as a share of the images
    """
    qualified = (cells["model"] == best) | (cells["worst_loss"] < margin)
    order = ["parameters", "loss"]
    return str(cells[qualified].sort_values(order, kind="stable")["model"].iloc[0])


def strongest_pairs(effects: pd.DataFrame, count: int) -> list[tuple[str, str]]:
    """Return the pairs of factors whose largest interactions are the largest, in that order.

    Parameters
    ----------
    effects : the table of effects
    count : the most pairs to return
    """
    rows = effects[(effects["kind"] == INTERACTION) & effects["estimate"].notna()]
    sizes = rows["estimate"].abs().groupby(rows["term"], sort=False).max()
    terms = sizes.sort_values(ascending=False, kind="stable").index[:count]
    return [tuple(term.split(":")) for term in terms]
