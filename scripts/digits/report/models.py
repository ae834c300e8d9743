"""The report's table of results: a row per cell and one for the ensemble, as plain data."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from digits.analysis.recommendation import difference
from digits.analysis.selection import best_cell, cost_measure
from digits.core.design import (
    CELL,
    ENSEMBLE,
    TRIAL,
    Cell,
    cell_identity,
    parse_model,
    submission_file,
)
from digits.core.tables import known
from digits.evaluation.summaries import done

FIGURES = ["accuracy", "sd", "low", "high", "parameters"]


def model_rows(
    tables: Mapping[str, pd.DataFrame],
    submissions: Mapping[str, Mapping[str, Any]],
    failed: Mapping[Cell, list[dict[str, Any]]],
) -> list[dict[str, Any]]:
    """Return a row per cell, in the order of the design, and one for the ensemble.

    Parameters
    ----------
    tables : ``cells``, ``comparisons``, ``ece`` and ``results``, the tables of these names
    submissions : per file name, its ``score``
    failed : per cell, its failed trainings

    Returns
    -------
    Rows with name and figures: shares and differences of shares from 0 to 1, costs in seconds
    (means over a cell's trainings), marks as booleans; None if unknown. ``p`` compares a model with
    the best cell: adjusted for all pairs of cells, that of the ensemble for its one test.
    """
    cells, results = tables["cells"], tables["results"]
    best, cost = best_cell(cells), cost_measure(cells)
    errors = tables["ece"].set_index("model")["ece"]
    trainings = {cell: len(trials) for cell, trials in results.groupby(CELL)}
    ended = dict(iter(done(results).groupby(CELL)))
    rows = []
    for _, model in cells.iterrows():
        name = model["model"]
        together = name == ENSEMBLE
        cell = None if together else parse_model(name)
        row = {"name": ENSEMBLE, "anchor": None} if cell is None else cell_identity(cell)
        row |= {figure: known(model[figure]) for figure in FIGURES}
        row |= {"ensemble": together, "best": name == best, "trials": int(model["trials"])}
        row |= {mark: bool(model[mark]) for mark in ("pick", "pareto")}
        row |= {"trainings": trainings.get(cell), "failures": failed.get(cell, [])}
        row |= {"cost": known(model[cost]), "ece": known(errors.get(name))}
        row |= _against(name, best, model, tables["comparisons"])
        row |= _of_trials(ended.get(cell))
        row["score"] = submissions.get(submission_file(name), {}).get("score")
        rows.append(row)
    return rows


def _against(
    name: str, best: str | None, model: pd.Series, comparisons: pd.DataFrame
) -> dict[str, Any]:
    """Return the difference of a model from the best cell; None for that cell and if untested."""
    found = None if best in (None, name) else difference(name, best, comparisons)
    if found is None:
        return {"difference": None, "p": None}
    p_value = found["p_holm"] if name == ENSEMBLE else model["p_best"]
    ends = {end: known(found[end]) for end in ("low", "high")}
    return {"difference": ends | {"estimate": known(found["difference"])}, "p": known(p_value)}


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


def overview(rows: list[dict[str, Any]], results: pd.DataFrame, classes: pd.DataFrame) -> dict:
    """Return the size of the experiment: design, trainings, images and time.

    Parameters
    ----------
    rows : see :func:`model_rows`
    results, classes : the tables of these names
    """
    cells = [row for row in rows if not row["ensemble"]]
    images = classes.groupby(TRIAL)["support"].sum()
    trainings = [row["trainings"] for row in cells]
    return {
        "layers": sorted({row["layers"] for row in cells}),
        "nodes": sorted({row["nodes"] for row in cells}),
        "cells": len(cells),
        "ended": sum(row["trials"] > 0 for row in cells),
        "each": (min(trainings), max(trainings)),
        "several": any(row["trials"] > 1 for row in cells),
        "uneven": len({row["trials"] for row in cells}) > 1,
        "failing": [row for row in cells if row["failures"]],
        "failures": sum(len(row["failures"]) for row in cells),
        "trainings": sum(trainings),
        "images": (int(images.min()), int(images.max())) if len(images) else None,
        "seconds": float(results["training_seconds"].sum()),
    }
