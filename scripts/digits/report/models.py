"""The report's table of results: a row per cell and one for the ensemble, as plain data."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from digits.analysis.recommendation import difference
from digits.analysis.selection import best_cell, cost_measure
from digits.core.design import (
    ENSEMBLE,
    SIZES,
    Cell,
    Design,
    axis_label,
    factor_label,
    factor_phrase,
    spell,
)
from digits.core.tables import by_cell, known
from digits.evaluation.intervals import wilson
from digits.evaluation.summaries import done
from digits.report.page_size import FEW

FIGURES = ["accuracy", "sd", "low", "high", "parameters", "worst_loss"]


def model_rows(
    tables: Mapping[str, pd.DataFrame],
    submissions: Mapping[str, Mapping[str, Any]],
    failed: Mapping[Cell, list[dict[str, Any]]],
    design: Design,
) -> list[dict[str, Any]]:
    """Return a row per cell, in the order of the design, and one for the ensemble.

    Parameters
    ----------
    tables : ``cells``, ``comparisons``, ``ece`` and ``results``, the tables of these names
    submissions : per model, its ``score`` and its number of ``rows``
    failed : per cell, its failed trainings

    Returns
    -------
    Rows with name, cell and figures: shares and differences of shares from 0 to 1, costs in seconds
    (means over a cell's trainings), marks as booleans; None if unknown. ``p`` is that of the test
    that decides whether a model differs from the best cell.
    """
    cells, results = tables["cells"], tables["results"]
    best, cost = best_cell(cells), cost_measure(cells)
    errors = tables["ece"].set_index("model")
    trainings = {cell: len(trials) for cell, trials in by_cell(results, design)}
    ended = dict(by_cell(done(results), design))
    rows = []
    for _, model in cells.iterrows():
        name = model["model"]
        together = name == ENSEMBLE
        cell = None if together else design.parse_model(name)
        row = (
            {"name": ENSEMBLE, "label": ENSEMBLE, "anchor": None}
            if cell is None
            else named_cell(cell, design)
        )
        row |= {"cell": cell, "levels": levels_of(cell, design) if cell else None}
        row |= {figure: known(model[figure]) for figure in FIGURES}
        row |= {"ensemble": together, "best": name == best, "trials": int(model["trials"])}
        row |= {mark: bool(model[mark]) for mark in ("pick", "pareto")}
        row |= {"trainings": trainings.get(cell), "failures": failed.get(cell, [])}
        row |= {"cost": known(model[cost])}
        row |= {part: known(errors[part].get(name)) for part in ("ece", "expected_ece")}
        row |= _against(name, best, tables["comparisons"])
        row |= _of_trials(ended.get(cell))
        submission = submissions.get(name, {})
        row["score"] = submission.get("score")
        row["kaggle_interval"] = interval_of(row["kaggle_score"], submission.get("rows"))
        rows.append(row)
    return rows


def interval_of(score: float | None, images: int | None) -> dict[str, float] | None:
    """Return the ends of the 95% interval that a number of images allows for a score, or None."""
    if score is None or not images or not 0 <= score <= 1:
        return None
    low, high = wilson(round(score * images), images)
    return {"low": low, "high": high}


def named_cell(cell: Cell, design: Design) -> dict[str, Any]:
    """Return a cell's levels, ``name``, ``anchor``, and ``label``: its name where it may break."""
    return design.cell_identity(cell) | {"label": design.cell_label(cell)}


def levels_of(cell: Cell, design: Design) -> list[str]:
    """Return the levels of the factors that vary, as text."""
    levels = dict(zip(design.factors, cell, strict=True))
    return [spell(levels[factor]) for factor in design.varied]


def _against(name: str, best: str | None, comparisons: pd.DataFrame) -> dict[str, Any]:
    """Return the difference of a model from the best cell; None for that cell and if untested."""
    found = None if best in (None, name) else difference(name, best, comparisons)
    if found is None:
        return {"difference": None, "p": None}
    ends = {end: known(found[end]) for end in ("low", "high")}
    ends["estimate"] = known(found["difference"])
    return {"difference": ends, "p": known(found["p_adjusted"])}


def _of_trials(trials: pd.DataFrame | None) -> dict[str, Any]:
    """Return figures of the trials of a cell that ended with a result."""
    if trials is None:
        return {"epochs": None, "kept": None, "kaggle_score": None}
    alone = len(trials) == 1 and "best_epoch" in trials
    return {
        "epochs": known(trials["epochs"].mean()),
        "kept": known(trials["best_epoch"].iloc[0]) if alone else None,
        "kaggle_score": known(trials["kaggle_score"].iloc[0]) if "kaggle_score" in trials else None,
    }


def shown_rows(rows: list[dict[str, Any]], shown: Sequence[Cell]) -> list[dict[str, Any]]:
    """Return the rows of the cells that the page shows, in its order, and that of the ensemble.

    ``rank`` is the place of a cell; ``front`` marks the Pareto front, or nothing where all cells
    with a result are on it, or none is.
    """
    by_name = {row["cell"]: row for row in rows}
    models = [by_name[cell] for cell in shown] + [row for row in rows if row["ensemble"]]
    telling = {row["pareto"] for row in rows if row["accuracy"] is not None} == {True, False}
    return [row | {"front": telling and row["pareto"]} for row in models]


def overview(
    rows: list[dict[str, Any]], results: pd.DataFrame, classes: pd.DataFrame, design: Design
) -> dict[str, Any]:
    """Return the size of the experiment: design, trainings, images and time.

    Parameters
    ----------
    rows : see :func:`model_rows`
    results, classes : the tables of these names
    """
    cells = [row for row in rows if not row["ensemble"]]
    images = classes.groupby(design.trial_columns)["support"].sum()
    trainings = [row["trainings"] for row in cells]
    return {
        "factors": factor_rows(design),
        "cells": len(cells),
        "ended": sum(row["trials"] > 0 for row in cells),
        "each": (min(trainings), max(trainings)),
        "folds": len(design.folds),
        "several": any(row["trials"] > 1 for row in cells),
        "uneven": len({row["trials"] for row in cells}) > 1,
        "failing": [row for row in cells if row["failures"]],
        "failures": sum(len(row["failures"]) for row in cells),
        "trainings": sum(trainings),
        "images": (int(images.min()), int(images.max())) if len(images) else None,
        "seconds": float(results["training_seconds"].sum()),
    }


def factor_rows(design: Design) -> list[dict[str, Any]]:
    """Return the factors that vary, or are the size of the networks, each with its levels."""
    return [
        {
            "name": name,
            "label": factor_label(name),
            "heading": axis_label(name),
            "phrase": factor_phrase(name),
            "levels": [spell(level) for level in levels],
            "varied": name in design.varied,
        }
        for name, levels in design.factors.items()
        if name in design.varied or name in SIZES
    ]


def columns_of(design: Design) -> list[str]:
    """Return the headings of the factors that have a column of their own in the table of results.

    Those that vary; none where a few cells differ in nothing but the size of their networks, as
    their names say all, or where nothing varies.
    """
    few = len(design.cells) <= FEW
    named = few and set(design.varied) <= set(SIZES)
    return [] if named else [factor_label(name) for name in design.varied]
