"""The tables of the analysis as the report shows them: estimates, pairs, figures, mistakes."""

import math
from typing import Any

import pandas as pd

from digits.analysis.phrases import name_of
from digits.analysis.vocabulary import (
    ANOVA,
    COCHRAN,
    ENSEMBLE,
    IMAGES,
    INTERACTION,
    MAIN,
    MCNEMAR,
    PUBLISHED,
    TRAININGS,
    TREND,
)
from digits.core.design import cell_identity, cell_of
from digits.core.formatting import MINUS
from digits.core.tables import records

KINDS = {
    MAIN: "difference of levels",
    INTERACTION: "interaction",
    TREND: "trend, per unit",
    ANOVA: "analysis of variance",
    COCHRAN: "Cochran's Q",
}
"""What the page tells of effects, in this order; means are in its plot and table of results."""

TESTS = {
    MCNEMAR: "McNemar, exact",
    IMAGES: "t over images",
    TRAININGS: "t over trainings",
}


SUREST = 24
"""Mistakes that are told, as many as are drawn."""


def effect_rows(effects: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the effects but means: their kind in words, their term, and their figures.

    ``digits`` are the decimals to write an estimate with: two in points or, of a trend, which is
    per unit of its factor and may be small, as many as give two figures.
    """
    shown = effects[effects["kind"].isin(KINDS)]
    order = shown["kind"].map(list(KINDS).index)
    rows = records(shown.iloc[order.argsort(kind="stable")])
    for row in rows:
        trend = row["kind"] == TREND and row["estimate"]
        row["digits"] = max(2, 1 - math.floor(math.log10(abs(100 * trend)))) if trend else 2
        row["kind"] = KINDS[row["kind"]]
        row["term"] = (row["term"] or "").replace(":", " and ")
        row["level"] = (row["level"] or "").replace(" - ", f" {MINUS} ")
    return rows


def pair_rows(comparisons: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the tests of two models of this experiment, both named as the page names them."""
    rows = records(comparisons[comparisons["test"].isin(TESTS)])
    for row in rows:
        row["test"] = TESTS[row["test"]]
        for side in ("first", "second"):
            row[side] = ENSEMBLE if row[side] == ENSEMBLE else name_of(row[side])
    return rows


def published_rows(rows: list[dict[str, Any]], comparisons: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the cells with published figures, each with the test of its accuracy against them.

    Parameters
    ----------
    rows : as :func:`digits.report.results.result_rows` returns them
    comparisons : the table of comparisons

    Returns
    -------
    The rows of published cells with ``noise``: ``low`` and ``high`` of the difference and
    ``within``, whether 0 lies between; None where that was not tested.
    """
    tests = {}
    for test in records(comparisons[comparisons["test"] == PUBLISHED]):
        low, high = test["low"], test["high"]
        if low is not None and high is not None:
            noise = {"low": low, "high": high, "within": low <= 0 <= high}
            tests[cell_identity(cell_of(test["first"]))["anchor"]] = noise
    return [row | {"noise": tests.get(row["anchor"])} for row in rows if row["published"]]


def mistake_rows(hardest: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the surest mistakes, each with the name of the cell that made it.

    Parameters
    ----------
    hardest : the table of the hardest images, the surest mistake first
    """
    rows = records(hardest.head(SUREST))
    return [row | {"cell": cell_identity((row["layers"], row["nodes"]))["name"]} for row in rows]
