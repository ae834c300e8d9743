"""Figures of the trainings for the report, per cell and per epoch, as plain data.

Every number comes from a result table.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from digits.core.design import Design
from digits.core.tables import by_cell, records
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

    def is_known(measure: Measure) -> bool:
        tables = (results if measure.per_cell else done(results), published)
        return any(
            t is not None and measure.name in t and t[measure.name].notna().any() for t in tables
        )

    return [m for m in MEASURES if m.name == "val_accuracy" or is_known(m)]


def result_rows(
    results: pd.DataFrame,
    published: pd.DataFrame | None,
    measures: list[Measure],
    design: Design,
) -> list[dict[str, Any]]:
    """Return a row per cell: the mean of each measure over its trials, sd, published, difference.

    The sd is that of the sample (n - 1), None for a cell with one trial. Unknown figures are None.
    ``trials`` counts the trainings that ended with a result, on which the figures are based.

    Parameters
    ----------
    published : published figures, with a row per cell
    """
    given_rows = [] if published is None else published.to_dict("records")
    figures = {design.cell_of(row): row for row in given_rows}
    rows = []
    for cell, trainings in by_cell(results, design):
        given, trials = figures.get(cell, {}), done(trainings)
        one = trials[:1] if len(trials) else trainings[:1]
        values = {
            m.name: value((one if m.per_cell else trials).get(m.name), given.get(m.name))
            | {"digits": m.digits, "scale": m.scale}
            for m in measures
        }
        row = design.cell_identity(cell) | {"cell": cell, "trials": len(trials), "values": values}
        row["published"] = any(v["published"] is not None for v in values.values())
        rows.append(row)
    return rows


def epoch_rows(history: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a row per epoch: the mean over the trials that ran it."""
    means = history.groupby("epoch", as_index=False)[CURVE].mean()
    return records(means)
