"""The conclusions on the cell to pick, the ensemble and the published figures."""

from digits.analysis.estimate import ALPHA
from digits.analysis.phrases import chance, names_of, percent, points, size
from digits.analysis.selection import best_cell, cost_measure, deciding_test
from digits.analysis.vocabulary import IMAGES, MCNEMAR, PUBLISHED
from digits.core import formatting
from digits.core.design import ENSEMBLE, Design
from digits.core.formatting import listing, signed
from digits.core.frames import pd

FEW = 3
"""Up to this many cells are named; for more, their number or the range is given."""

COSTS = {"cpu_seconds": "processor time", "training_seconds": "wall time"}


def pick_sentence(known: pd.DataFrame, comparisons: pd.DataFrame, design: Design) -> str:
    """State which cell to pick, the smallest that is shown to lose less than the margin.

    With it, what the design can resolve: by how much the bound of a loss exceeds the loss.

    Parameters
    ----------
    known : the rows of the table of cells that are cells with a result
    """
    picked = known[known["pick"].astype(bool)]
    if len(known) == 1 or picked.empty:
        return ""
    best = known.set_index("model", drop=False).loc[best_cell(known)]
    pick = picked.iloc[0]
    if pick["model"] == best["model"]:
        return _best_is_picked(known, best, comparisons, design)
    name, better = (names_of([row["model"]], design) for row in (pick, best))
    return (
        f"{name} is the smallest cell shown to lose less than {_margin(best)} against"
        f" {better}{_scope(pick, best, comparisons)} ({_loss(pick)}, one-sided 95%), at"
        f" {_shares(pick, best, cost_measure(known))}; this design can resolve {_reach(pick)}."
    )


def _best_is_picked(
    known: pd.DataFrame, best: pd.Series, comparisons: pd.DataFrame, design: Design
) -> str:
    name = names_of([best["model"]], design)
    smaller = known[known["parameters"] < best["parameters"]]
    compared = smaller.dropna(subset="worst_loss").sort_values("worst_loss", kind="stable")
    if smaller.empty:
        return f"No cell is smaller than {name}, so it is also the one to pick."
    if compared.empty:
        return f"No smaller cell could be compared with {name}, so it is also the one to pick."
    nearest = compared.iloc[0]
    return (
        f"No smaller cell is shown to be within {_margin(best)} of"
        f" {name}{_scope(nearest, best, comparisons)}, so it is also the one to pick; this design"
        f" can resolve {_reach(nearest)}. Nearest: {names_of([nearest['model']], design)}"
        f" ({_loss(nearest)}, one-sided 95%)."
    )


def _margin(cell: pd.Series) -> str:
    return f"{100 * cell['margin']:g} points"


def _loss(cell: pd.Series) -> str:
    """Write what a cell loses against the best, with its bound."""
    return f"{points(-cell['loss'])}, at worst {formatting.in_points(-cell['worst_loss'])}"


def _reach(cell: pd.Series) -> str:
    """Write the smallest margin within which a cell as good as the best could be shown to be."""
    return size(cell["worst_loss"] - cell["loss"])


def _scope(cell: pd.Series, best: pd.Series, comparisons: pd.DataFrame) -> str:
    """Write what a comparison with the best holds for, where it is the trained networks only."""
    row = deciding_test(comparisons, cell["model"], best["model"])
    only = row is not None and row["test"] in (MCNEMAR, IMAGES)
    return ", for these networks" if only else ""


def difference(model: str, other: str, comparisons: pd.DataFrame) -> pd.Series | None:
    """Return the comparison of two models, first minus second, by the deciding test.

    See :func:`digits.analysis.selection.deciding_test`; None if they were not compared.

    Parameters
    ----------
    comparisons : the table of comparisons
    """
    row = deciding_test(comparisons, model, other)
    if row is None or row["first"] == model:
        return row
    turned = {"difference": -row["difference"], "low": -row["high"], "high": -row["low"]}
    return pd.Series(row.to_dict() | {"first": model, "second": other} | turned)


def _shares(pick: pd.Series, best: pd.Series, cost: str) -> str:
    parameters = f"{pick['parameters'] / best['parameters']:.0%} of the parameters"
    if not best[cost] > 0:
        return parameters
    return f"{pick[cost] / best[cost]:.0%} of the {COSTS[cost]} and {parameters}"


def ensemble_sentence(cells: pd.DataFrame, comparisons: pd.DataFrame, design: Design) -> str:
    """State what the ensemble gains over the best cell."""
    ensemble = cells[cells["model"] == ENSEMBLE]
    rows = comparisons[(comparisons["first"] == ENSEMBLE) & comparisons["decides"].astype(bool)]
    if ensemble.empty or rows.empty:
        return ""
    row, several = rows.iloc[0], cells["trials"].max() > 1
    tested = ""
    if pd.notna(row["p_adjusted"]):
        word = "significant" if row["p_adjusted"] < ALPHA else "not significant"
        only = several and row["test"] in (MCNEMAR, IMAGES)
        where = " for these networks only" if only else " across trainings" if several else ""
        tested = f", {word} ({chance(row['p_adjusted'])}{where})"
    gain = (
        f"The ensemble of all cells has a validation accuracy of"
        f" {percent(ensemble.iloc[0]['accuracy'])}, {points(row['difference'])} compared with"
        f" {names_of([row['second']], design)}{tested}."
    )
    if not several:
        return gain
    return (
        f"{gain} This gain is over a single network; a cell's submission averages its trainings as"
        " well."
    )


def published_sentence(comparisons: pd.DataFrame, design: Design) -> str:
    """State how many cells are within noise of their published accuracies, and what that shows."""
    rows = comparisons[comparisons["test"] == PUBLISHED]
    if rows.empty:
        return ""
    outside = rows[(rows["low"] > 0) | (rows["high"] < 0)]
    inside = rows.drop(outside.index)
    found = _agreement(rows, outside, design)
    if inside.empty:
        return found
    reach = size((inside["high"] - inside["low"]).max() / 2)
    noise = (
        "noise between trainings included"
        if rows["df"].notna().all()
        else ("noise between trainings left out")
    )
    return f"{found} Differences below about {reach} could not be told from noise ({noise})."


def _agreement(rows: pd.DataFrame, outside: pd.DataFrame, design: Design) -> str:
    """State how many of the published comparisons are within noise."""
    inside = len(rows) - len(outside)
    if len(rows) == 1:
        verb = "is" if inside else "is not"
        return f"{_named(rows, design)} {verb} within noise of its published accuracy."
    if outside.empty:
        who = "Both cells" if len(rows) == 2 else f"All {len(rows)} cells"
        return f"{who} are within noise of their published accuracies ({_range(rows)})."
    differences = _named(outside, design) if len(outside) <= FEW else _range(outside)
    if inside == 0:
        return f"No cell is within noise of its published accuracy: {differences}."
    verb, others = ("is", "its published accuracy")
    if inside > 1:
        verb, others = ("are", "their published accuracies")
    few = len(outside) <= FEW
    rest = f"{_named(outside, design)} not" if few else f"the others not ({differences})"
    return f"{inside} of {len(rows)} cells {verb} within noise of {others}, {rest}."


def _named(rows: pd.DataFrame, design: Design) -> str:
    named = zip(rows["first"], rows["difference"], strict=True)
    return listing(
        [f"{names_of([model], design)} ({points(difference)})" for model, difference in named]
    )


def _range(rows: pd.DataFrame) -> str:
    low, high = rows["difference"].min(), rows["difference"].max()
    return f"differences of {signed(100 * low, 2)} to {points(high)}"
