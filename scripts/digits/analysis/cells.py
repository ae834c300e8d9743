"""The table of cells: accuracy with its interval, cost, and which cell to pick."""

from digits.analysis.comparisons import Comparer
from digits.analysis.estimate import ALPHA, NAN, Estimate
from digits.analysis.outcomes import Outcomes
from digits.analysis.resampling import corrected_t, over_images
from digits.analysis.selection import best_cell, cost_measure, deciding_test, front, pick_cell
from digits.analysis.vocabulary import IMAGES, TRAININGS, WILSON, cells_columns
from digits.core.design import ENSEMBLE, Design
from digits.core.frames import pd
from digits.core.tables import by_cell
from digits.evaluation.intervals import wilson

COSTS = ["parameters", "cpu_seconds", "training_seconds"]


def accuracy_of(outcomes: Outcomes, model: str, test_share: float) -> tuple[Estimate, str]:
    """Return the accuracy of a model with its 95% interval, and the name of the interval.

    The accuracy is that of all its predictions pooled. For one trial the interval is Wilson's,
    conditional on the network; for several folds, or several seeds of one fold, it is that of the
    corrected resampled t test around the pooled accuracy, clipped to 0 and 1, and covers other
    trainings. Where only seeds of one of the folds have a result, and so there is no spread
    between folds, it is a t interval over the images, each with the mean of its seeds. All are
    biased upwards, because the epoch was chosen on the same images.
    """
    right = outcomes.table[model].dropna()
    pooled = float(right.mean())
    if len(outcomes.trials[model].dropna()) == 1:
        low, high = wilson(float(right.sum()), len(right))
        return Estimate(pooled, low, high), WILSON
    blocks = outcomes.blocks[model].dropna().to_numpy()
    several = len(blocks) > 1
    images = outcomes.images[model].dropna().to_numpy()
    found = corrected_t(blocks, test_share) if several else over_images(images)
    shift = pooled - found.estimate  # folds of slightly different size
    low, high = max(found.low + shift, 0.0), min(found.high + shift, 1.0)
    return Estimate(pooled, low, high), TRAININGS if several else IMAGES


def cell_table(
    results: pd.DataFrame, outcomes: Outcomes, design: Design, test_share: float
) -> pd.DataFrame:
    """Tabulate the cells and the ensemble; :func:`judge_cells` adds how they compare.

    Parameters
    ----------
    results : the results table; trials without a val_accuracy have failed and do not count
    test_share : validation images per training image

    Returns
    -------
    DataFrame
        With the columns of :func:`digits.analysis.vocabulary.cells_columns`: cells in the order of
        the design, then the ensemble, whose costs are the sums of those of its cells. Costs are
        means over trials; a cell without a result has neither costs nor accuracy.
    """
    rows = []
    for cell, trials in by_cell(results, design):
        name, done = design.model_name(cell), trials.dropna(subset="val_accuracy")
        row = {"model": name, **dict(zip(design.factors, cell, strict=True)), "trials": len(done)}
        row |= {"parameters": trials["parameters"].iloc[0]}
        row |= {cost: done[cost].mean() for cost in COSTS[1:]}
        row["device"] = ", ".join(sorted(set(done["device"].astype(str))))
        rows.append(row | (_accuracies(outcomes, name, test_share) if len(done) else {}))
    if ENSEMBLE in outcomes.models:
        rows.append(_ensemble(rows) | _accuracies(outcomes, ENSEMBLE, test_share))
    table = pd.DataFrame(rows, columns=cells_columns(design))
    whole = [factor for factor, kind in design.kinds.items() if kind is int]
    table = table.astype(dict.fromkeys((*whole, "trials", "parameters"), "Int64"))
    unknown = dict.fromkeys(("p_best", "loss", "worst_loss", "margin"), NAN)
    return table.assign(**unknown, pareto=False, pick=False)


def _accuracies(outcomes: Outcomes, model: str, test_share: float) -> dict:
    trials = outcomes.trials[model].dropna()
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


def judge_cells(
    cells: pd.DataFrame, comparisons: pd.DataFrame, comparer: Comparer, margin: float
) -> pd.DataFrame:
    """Fill in how each cell compares with the best one, the Pareto front, and the cell to pick.

    ``loss`` is what a cell loses against the best, on the images of trainings that both have, and
    ``worst_loss`` its one-sided 95% upper bound, both by the test that decides the pair, whose
    adjusted p-value is ``p_best``. They are empty for a cell without a result or without shared
    images, and for the ensemble; the best cell has a loss of 0 and no bound.

    Parameters
    ----------
    cells : see :func:`cell_table`
    comparisons : see :func:`digits.analysis.comparisons.compare_models`
    margin : the loss that matters, as a share of the images
    """
    cells = cells.assign(margin=margin)
    best = best_cell(cells)
    if best is None:
        return cells
    for index, model in cells["model"].items():
        if model == best:
            cells.loc[index, "loss"] = 0.0
        elif model in comparer.outcomes.cells and (
            tests := comparer.tests((best, model), 2 * ALPHA)
        ):
            loss = tests[0].found
            decided = deciding_test(comparisons, best, model)
            found = (decided["p_adjusted"], loss.estimate, loss.high)
            cells.loc[index, ["p_best", "loss", "worst_loss"]] = found
    cells["pareto"] = front(cells[cost_measure(cells)], cells["accuracy"])
    cells["pick"] = cells["model"] == pick_cell(cells, best, margin)
    return cells
