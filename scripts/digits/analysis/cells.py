"""The table of cells: accuracy with its interval, cost, and which cell to pick."""

from pathlib import Path

import pandas as pd

from digits.analysis.estimate import ALPHA, NAN, Estimate
from digits.analysis.outcomes import per_block, per_image, per_trial
from digits.analysis.proportions import wilson
from digits.analysis.resampling import corrected_t, over_images
from digits.analysis.selection import best_cell, cost_measure, front, pair_p, pick_cell
from digits.analysis.vocabulary import CELLS, IMAGES, TRAININGS, WILSON
from digits.core.design import CELL, ENSEMBLE, MODEL, cell_of, model_name
from digits.core.intermediate_files import reading
from digits.core.tables import read_table, refuse

COSTS = ["parameters", "cpu_seconds", "training_seconds"]


def accuracy_of(outcomes: pd.DataFrame, model: str, test_share: float) -> tuple[Estimate, str]:
    """Return the accuracy of a model with its 95% interval, and the name of the interval.

    The accuracy is that of all its predictions pooled. For one trial the interval is Wilson's,
    conditional on the network; for several folds, or several seeds of one fold, it is that of the
    corrected resampled t test around the pooled accuracy, clipped to 0 and 1, and covers other
    trainings. Where only seeds of one of the folds have a result, and so there is no spread
    between folds, it is a t interval over the images, each with the mean of its seeds. All are
    biased upwards, because the epoch was chosen on the same images.
    """
    right = outcomes[model].dropna()
    pooled = float(right.mean())
    if len(per_trial(outcomes)[model].dropna()) == 1:
        low, high = wilson(float(right.sum()), len(right))
        return Estimate(pooled, low, high), WILSON
    blocks = per_block(outcomes)[model].dropna().to_numpy()
    several = len(blocks) > 1
    images = per_image(outcomes)[model].dropna().to_numpy()
    found = corrected_t(blocks, test_share) if several else over_images(images)
    shift = pooled - found.estimate  # folds of slightly different size
    low, high = max(found.low + shift, 0.0), min(found.high + shift, 1.0)
    return Estimate(pooled, low, high), TRAININGS if several else IMAGES


def cell_table(results: pd.DataFrame, outcomes: pd.DataFrame, test_share: float) -> pd.DataFrame:
    """Tabulate the cells and the ensemble; :func:`judge_cells` adds how they compare.

    Parameters
    ----------
    results : the results table; trials without a val_accuracy have failed and do not count
    outcomes : see :func:`digits.analysis.outcomes.outcomes_of`
    test_share : validation images per training image

    Returns
    -------
    DataFrame
        With the columns ``CELLS``: cells in order of their levels, then the ensemble, whose costs
        are the sums of those of its cells. Costs are means over trials; a cell without a result has
        neither costs nor accuracy.
    """
    rows = []
    for _, trials in results.groupby(CELL):
        cell = cell_of(trials.iloc[0])
        name, done = model_name(cell), trials.dropna(subset="val_accuracy")
        row = {"model": name, **dict(zip(CELL, cell, strict=True)), "trials": len(done)}
        row |= {"parameters": trials["parameters"].iloc[0]}
        row |= {cost: done[cost].mean() for cost in COSTS[1:]}
        row["device"] = ", ".join(sorted(set(done["device"].astype(str))))
        rows.append(row | (_accuracies(outcomes, name, test_share) if len(done) else {}))
    if ENSEMBLE in outcomes.columns:
        rows.append(_ensemble(rows) | _accuracies(outcomes, ENSEMBLE, test_share))
    table = pd.DataFrame(rows, columns=CELLS)
    table = table.astype(dict.fromkeys((*CELL, "trials", "parameters"), "Int64"))
    return table.assign(p_best=NAN, pareto=False, pick=False)


def _accuracies(outcomes: pd.DataFrame, model: str, test_share: float) -> dict:
    trials = per_trial(outcomes)[model].dropna()
    found, interval = accuracy_of(outcomes, model, test_share)
    return {
        "trials": len(trials),
        "accuracy": found.estimate,
        "sd": float(trials.std(ddof=1)),
        "low": found.low,
        "high": found.high,
        "interval": interval,
    }


def _ensemble(cells: list[dict]) -> dict:
    members = [cell for cell in cells if cell["trials"]]
    devices = {device for cell in members for device in cell["device"].split(", ")}
    sums = {cost: sum(cell[cost] for cell in members) for cost in COSTS}
    return {"model": ENSEMBLE, **sums, "device": ", ".join(sorted(devices))}


def judge_cells(cells: pd.DataFrame, comparisons: pd.DataFrame) -> pd.DataFrame:
    """Fill in how each cell compares with the best one, the Pareto front, and the cell to pick.

    ``p_best`` is that of :func:`digits.analysis.selection.pair_p`; it is empty for the best cell
    itself, for a cell without a result and for the ensemble.

    Parameters
    ----------
    cells : see :func:`cell_table`
    comparisons : see :func:`digits.analysis.comparisons.compare_models`
    """
    cells = cells.copy()
    best = best_cell(cells)
    if best is None:
        return cells
    for index, model in cells["model"].items():
        if model not in (ENSEMBLE, best):
            cells.loc[index, "p_best"] = pair_p(comparisons, model, best)
    cells["pareto"] = front(cells[cost_measure(cells)], cells["accuracy"])
    cells["pick"] = cells["model"] == pick_cell(cells, best, ALPHA)
    return cells


def read_cells(path: Path) -> pd.DataFrame:
    """Read the table of cells; its models are cells and the ensemble."""
    cells = read_table(path, CELLS)
    with reading(path):
        known = cells["model"].str.fullmatch(MODEL) | (cells["model"] == ENSEMBLE)
        refuse(cells, "model", ~known, f"a cell, such as 5L200N, or {ENSEMBLE}")
    return cells
