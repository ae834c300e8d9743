"""Figures of the trainings for the report, per cell and per epoch, as plain data.

Every number comes from a result table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from digits.core.design import CELL, Cell, cell_identity
from digits.core.tables import known, records
from digits.evaluation.summaries import done, value

CURVE = ["seconds", "accuracy", "loss", "val_accuracy", "val_loss"]


@dataclass(frozen=True)
class Measure:
    """A column of the results table: its name in the files, its heading and its decimals.

    ``per_cell`` marks a measure with one figure per cell, however many trials; ``scale`` is the
    factor to multiply a figure by for display.
    """

    name: str
    title: str
    digits: int
    per_cell: bool = False
    scale: float = 1


MEASURES = (
    Measure("epochs", "Epochs", 0),
    Measure("training_seconds", "Time (s)", 1),
    Measure("accuracy", "Training accuracy (%)", 2, scale=100),
    Measure("val_accuracy", "Validation accuracy (%)", 2, scale=100),
    Measure("score", "Score", 5, per_cell=True),
    Measure("kaggle_score", "Kaggle score", 5, per_cell=True),
    Measure("parameters", "Parameters", 0, per_cell=True),
    Measure("cpu_seconds", "Processor time (s)", 1),
    Measure("images_per_second", "Images per second", 0),
)


def known_measures(results: pd.DataFrame, published: pd.DataFrame | None) -> list[Measure]:
    """Return the measures with at least one figure, measured or published, for these cells.

    The validation accuracy is always included, even if all trainings failed.
    """
    cells = results[CELL].drop_duplicates()
    given = None if published is None else published.merge(cells, on=CELL)

    def is_known(measure: Measure) -> bool:
        tables = (results if measure.per_cell else done(results), given)
        return any(
            t is not None and measure.name in t and t[measure.name].notna().any() for t in tables
        )

    return [m for m in MEASURES if m.name == "val_accuracy" or is_known(m)]


def result_rows(
    results: pd.DataFrame,
    published: pd.DataFrame | None,
    measures: list[Measure],
    failed: Mapping[Cell, list[dict[str, Any]]] | None = None,
) -> list[dict[str, Any]]:
    """Return a row per cell: the mean of each measure over its trials, sd, published, difference.

    The sd is that of the sample (n - 1), None for a cell with one trial. Unknown figures are None.
    ``best`` marks the cells with the highest mean validation accuracy. ``trials`` counts the
    trainings that ended with a result, on which the figures are based; ``trainings`` and
    ``seconds`` cover all of them, ``failures`` are those of ``failed``.
    """
    figures = {} if published is None else published.set_index(CELL).to_dict("index")
    rows = []
    for cell, trainings in results.groupby(CELL):
        given, trials = figures.get(cell, {}), done(trainings)
        one = trials[:1] if len(trials) else trainings[:1]
        values = {
            m.name: value((one if m.per_cell else trials).get(m.name), given.get(m.name))
            | {"digits": m.digits, "scale": m.scale}
            for m in measures
        }
        row = cell_identity(cell) | {"trials": len(trials), "trainings": len(trainings)}
        row |= {"values": values, "failures": (failed or {}).get(cell, [])}
        row["published"] = any(v["published"] is not None for v in values.values())
        row["seconds"] = known(trainings["training_seconds"].sum())
        rows.append(row)
    top = max((accuracy(row) for row in rows if row["trials"]), default=None)
    return [row | {"best": bool(row["trials"]) and accuracy(row) == top} for row in rows]


def accuracy(row: dict[str, Any]) -> float:
    """Return a cell's mean validation accuracy, rounded as on the page; it must be known."""
    return round(row["values"]["val_accuracy"]["mean"], 4)


def epoch_rows(history: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a row per epoch: the mean over the trials that ran it."""
    means = history.groupby("epoch", as_index=False)[CURVE].mean()
    return records(means)
