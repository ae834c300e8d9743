"""The tables of the analysis for the report: effects, pairs, published figures, errors."""

import math
from typing import Any

import pandas as pd

from digits.analysis.vocabulary import (
    ANOVA,
    COCHRAN,
    IMAGES,
    INTERACTION,
    MAIN,
    MCNEMAR,
    POOLED,
    PUBLISHED,
    TRAININGS,
    TREND,
)
from digits.core.design import TIMES, Design, factor_label
from digits.core.formatting import MINUS
from digits.core.tables import records

KINDS = {
    MAIN: "difference of levels",
    INTERACTION: "interaction",
    TREND: "trend",
    ANOVA: "analysis of variance",
    COCHRAN: "Cochran's Q",
}
"""The effects on the page, in this order; means are in its plot and table of results."""

TESTS = {
    MCNEMAR: "McNemar, score",
    IMAGES: "t over images",
    POOLED: "t over trainings, pooled",
    TRAININGS: "t over trainings",
}

OF_LEVELS = (MAIN, INTERACTION)
"""Effects whose number grows with the levels."""

LEVELS = 40
"""Effects of levels that are shown: all of a few factors with a few levels."""

ERRORS = 24
"""Errors listed, as many as are drawn."""


def effect_rows(effects: pd.DataFrame) -> list[dict[str, Any]]:
    """Return all effects except means: kind, term, level and figures.

    Of many effects of levels only the clearest are left, those with the largest statistics.

    ``digits`` is the number of decimals of an estimate in points: two or, for a trend, which may be
    per unit of its factor and small, as many as give two significant figures.
    """
    shown = effects[effects["kind"].isin(KINDS)]
    of_levels = shown[shown["kind"].isin(OF_LEVELS)]
    clearest = of_levels["statistic"].abs().sort_values(ascending=False, kind="stable")
    shown = shown.drop(index=clearest.index[LEVELS:])
    order = shown["kind"].map(list(KINDS).index)
    rows = records(shown.iloc[order.argsort(kind="stable")])
    for row in rows:
        trend = row["kind"] == TREND and row["estimate"]
        row["digits"] = max(2, 1 - math.floor(math.log10(abs(100 * trend)))) if trend else 2
        if row["kind"] == TREND and "per" not in row["level"].split():
            row["level"] += ", per unit"
        row["kind"] = KINDS[row["kind"]]
        row["term"] = f" {TIMES} ".join(map(factor_label, (row["term"] or "").split(":")))
        row["level"] = (row["level"] or "").replace(" - ", f" {MINUS} ")
    return rows


def pair_rows(comparisons: pd.DataFrame, design: Design) -> list[dict[str, Any]]:
    """Return the tests of two models of this experiment, both by their labels.

    ``decides`` marks the one test of each pair that decides whether the two differ.
    """
    rows = records(comparisons[comparisons["test"].isin(TESTS)])
    for row in rows:
        row["test"] = TESTS[row["test"]]
        for side in ("first", "second"):
            row[side] = design.model_label(row[side])
    return rows


def published_rows(
    rows: list[dict[str, Any]], comparisons: pd.DataFrame, design: Design
) -> list[dict[str, Any]]:
    """Return the cells with published figures, each with the test of its accuracy against them.

    Parameters
    ----------
    rows : as :func:`digits.report.results.result_rows` returns them
    comparisons : the table of comparisons

    Returns
    -------
    The rows of published cells with ``noise``: ``low`` and ``high`` of the difference, and
    ``within``, whether 0 lies between them; None if not tested.
    """
    tests = {}
    for test in records(comparisons[comparisons["test"] == PUBLISHED]):
        low, high = test["low"], test["high"]
        if low is not None and high is not None:
            noise = {"low": low, "high": high, "within": low <= 0 <= high}
            tests[design.parse_model(test["first"])] = noise
    return [row | {"noise": tests.get(row["cell"])} for row in rows if row["published"]]


def confident_error_rows(hardest: pd.DataFrame, design: Design) -> list[dict[str, Any]]:
    """Return the most confident errors, each with the label of the cell that made it.

    Parameters
    ----------
    hardest : the table of the hardest images, the most confident error first
    """
    rows = records(hardest.head(ERRORS))
    return [row | {"cell": design.cell_label(design.cell_of(row))} for row in rows]
