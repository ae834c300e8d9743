"""The conclusions on the cell to pick, the ensemble and the published figures."""

import pandas as pd

from digits.analysis.estimate import ALPHA
from digits.analysis.phrases import chance, names_of, percent, points, span
from digits.analysis.selection import best_cell, cost_measure, deciding_test
from digits.analysis.vocabulary import PUBLISHED, TESTS, TRAININGS
from digits.core.design import ENSEMBLE
from digits.core.formatting import listing, signed

FEW = 3
"""Up to this many cells are named; for more, the range is given."""

AT_MOST = "\N{LESS-THAN OR EQUAL TO}"


def pick_sentence(known: pd.DataFrame, comparisons: pd.DataFrame) -> str:
    """State which cell to pick: the smallest that is not significantly worse than the best.

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
        return _best_is_picked(known, best)
    others = known[known["model"] != best["model"]]
    found = f"({_difference(pick, best, known, comparisons)})"
    less = _shares(pick, best, cost_measure(known))
    name, better = names_of([pick["model"]]), names_of([best["model"]])
    if len(others) == 1:
        return f"{name} is not significantly worse than {better} {found}, at {less}."
    if (others["p_best"] >= ALPHA).all():
        return (
            f"No other cell is significantly worse than {better}; the smallest is {name} {found},"
            f" at {less}."
        )
    return (
        f"{name} is the smallest cell that is not significantly worse than {better} {found},"
        f" at {less}."
    )


def _best_is_picked(known: pd.DataFrame, best: pd.Series) -> str:
    smaller = known[known["parameters"] < best["parameters"]]
    compared = smaller.dropna(subset="p_best")
    name = names_of([best["model"]])
    if smaller.empty:
        return f"No cell is smaller than {name}, so it is also the one to pick."
    if compared.empty:
        return (
            f"No smaller cell was evaluated on the same images as {name}, so {name} is also the one"
            " to pick."
        )
    largest = chance(compared["p_best"].max(), "=" if len(compared) == 1 else AT_MOST)
    if len(smaller) == 1:
        who = f"The only smaller cell, {names_of(smaller['model'])}, is"
    elif len(compared) == 1:
        who = f"The only smaller cell that could be compared, {names_of(compared['model'])}, is"
    else:
        could = "" if len(compared) == len(smaller) else " that could be compared"
        who = f"All smaller cells{could} are"
    return f"{who} significantly worse ({largest}), so {name} is also the one to pick."


def _difference(
    pick: pd.Series, best: pd.Series, known: pd.DataFrame, comparisons: pd.DataFrame
) -> str:
    """Write how much worse the pick is, with its p-value and the scope of the test."""
    row, p_value = difference(pick["model"], best["model"], comparisons), chance(pick["p_best"])
    if row is None:
        return p_value
    interval = span(row["low"], row["high"])
    return f"{points(row['difference'])}{interval}, {p_value}{_scope(row, known)}"


def _scope(row: pd.Series, cells: pd.DataFrame) -> str:
    """Write what a test generalises to, after its p-value; empty with one training per cell."""
    if cells["trials"].max() <= 1:
        return ""
    return " across trainings" if row["test"] == TRAININGS else " for these networks only"


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
    return f"{pick[cost] / best[cost]:.0%} of the cost and {parameters}"


def ensemble_sentence(cells: pd.DataFrame, comparisons: pd.DataFrame) -> str:
    """State what the ensemble gains over the best cell."""
    ensemble = cells[cells["model"] == ENSEMBLE]
    rows = comparisons[(comparisons["first"] == ENSEMBLE) & comparisons["test"].isin(TESTS)]
    if ensemble.empty or rows.empty:
        return ""
    row = deciding_test(comparisons, ENSEMBLE, rows["second"].iloc[0])
    tested = ""
    if pd.notna(row["p_holm"]):
        word = "significant" if row["p_holm"] < ALPHA else "not significant"
        tested = f", {word} ({chance(row['p_holm'])}{_scope(row, cells)})"
    return (
        f"The ensemble of all cells has a validation accuracy of"
        f" {percent(ensemble.iloc[0]['accuracy'])}, {points(row['difference'])} compared with"
        f" {names_of([row['second']])}{tested}."
    )


def published_sentence(comparisons: pd.DataFrame) -> str:
    """State how many cells are within noise of their published accuracies."""
    rows = comparisons[comparisons["test"] == PUBLISHED]
    outside = rows[(rows["low"] > 0) | (rows["high"] < 0)]
    inside = len(rows) - len(outside)
    if rows.empty:
        return ""
    if len(rows) == 1:
        verb = "is" if inside else "is not"
        return f"{_named(rows)} {verb} within noise of its published accuracy."
    if outside.empty:
        who = "Both cells" if len(rows) == 2 else f"All {len(rows)} cells"
        return f"{who} are within noise of their published accuracies ({_range(rows)})."
    differences = _named(outside) if len(outside) <= FEW else _range(outside)
    if inside == 0:
        return f"No cell is within noise of its published accuracy: {differences}."
    verb, others = ("is", "its published accuracy")
    if inside > 1:
        verb, others = ("are", "their published accuracies")
    rest = f"{_named(outside)} not" if len(outside) <= FEW else f"the others not ({differences})"
    return f"{inside} of {len(rows)} cells {verb} within noise of {others}, {rest}."


def _named(rows: pd.DataFrame) -> str:
    named = zip(rows["first"], rows["difference"], strict=True)
    return listing([f"{names_of([model])} ({points(difference)})" for model, difference in named])


def _range(rows: pd.DataFrame) -> str:
    low, high = rows["difference"].min(), rows["difference"].max()
    return f"differences of {signed(100 * low, 2)} to {points(high)}"
