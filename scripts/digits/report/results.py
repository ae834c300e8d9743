"""What the report says of the results: figures per cell, per class, per epoch, and the key result.

All in plain data: dictionaries, lists, numbers and texts. Every number comes from a result table.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from digits.tables import CELL, TRIAL

CURVE = ["seconds", "accuracy", "loss", "val_accuracy", "val_loss"]


@dataclass(frozen=True)
class Measure:
    """A column of the results table: its name in the files, its heading and its decimals.

    ``per_cell`` tells that a cell has one such figure, however many its trials.
    """

    name: str
    title: str
    digits: int
    per_cell: bool = False


MEASURES = (
    Measure("epochs", "Epochs", 0),
    Measure("training_seconds", "Time (s)", 1),
    Measure("accuracy", "Training accuracy", 4),
    Measure("val_accuracy", "Validation accuracy", 4),
    Measure("score", "Score", 5, per_cell=True),
    Measure("kaggle_score", "Kaggle score", 5, per_cell=True),
    Measure("parameters", "Parameters", 0, per_cell=True),
    Measure("cpu_seconds", "Processor time (s)", 1),
    Measure("images_per_second", "Images per second", 0),
)


def known_measures(results: pd.DataFrame, published: pd.DataFrame | None) -> list[Measure]:
    """Return the measures with at least one figure, here or published for a cell that is here."""
    tables = [results]
    if published is not None:
        tables.append(published.merge(results[CELL].drop_duplicates(), on=CELL))
    return [
        measure
        for measure in MEASURES
        if any(measure.name in table and table[measure.name].notna().any() for table in tables)
    ]


def result_rows(
    results: pd.DataFrame, published: pd.DataFrame | None, measures: list[Measure]
) -> list[dict[str, Any]]:
    """Return a row per cell: the mean of each measure over its trials, sd, published, difference.

    The sd is that of the sample (n - 1), and None for a cell of one trial. A figure that is not
    known is None. ``best`` marks the cells with the highest mean validation accuracy.
    """
    figures = {} if published is None else published.set_index(CELL).to_dict("index")
    rows = []
    for cell, trials in results.groupby(CELL):
        given = figures.get(cell, {})
        values = {
            m.name: value((trials[:1] if m.per_cell else trials).get(m.name), given.get(m.name))
            | {"digits": m.digits}
            for m in measures
        }
        published_here = any(v["published"] is not None for v in values.values())
        rows.append(
            {**identity(cell), "trials": len(trials), "values": values, "published": published_here}
        )
    top = max(accuracy(row) for row in rows)
    return [row | {"best": accuracy(row) == top} for row in rows]


def accuracy(row: dict[str, Any]) -> float:
    """Return a cell's mean validation accuracy as the page shows it: what looks equal, is."""
    return round(row["values"]["val_accuracy"]["mean"], 4)


def identity(cell: tuple[int, int]) -> dict[str, Any]:
    """Return how a cell is named, and its anchor on the page."""
    layers, nodes = map(int, cell)
    name = f"{layers}\N{NO-BREAK SPACE}\N{MULTIPLICATION SIGN}\N{NO-BREAK SPACE}{nodes}"
    anchor = f"layers-{layers}_nodes-{nodes}"
    return {"layers": layers, "nodes": nodes, "name": name, "anchor": anchor}


def value(trials: pd.Series | None, published: float | None = None) -> dict[str, float | None]:
    """Return mean and sd of a measure over trials, the published figure and mean - published."""
    mean = None if trials is None else known(trials.mean())
    sd = None if trials is None else known(trials.std(ddof=1))
    published = None if published is None else known(published)
    both = mean is not None and published is not None
    difference = mean - published if both else None
    return {"mean": mean, "sd": sd, "published": published, "difference": difference}


def headline(rows: list[dict[str, Any]], classes: pd.DataFrame) -> dict[str, Any]:
    """Return the key result: best cells, the range over cells, and how it was measured."""
    accuracies = [accuracy(row) for row in rows]
    differences = [row["values"]["val_accuracy"]["difference"] for row in rows]
    differences = [difference for difference in differences if difference is not None]
    images = classes.groupby(TRIAL)["support"].sum()
    trials = [row["trials"] for row in rows]
    return {
        "best": [row for row in rows if row["best"]],
        "worst": [row for row, a in zip(rows, accuracies, strict=True) if a == min(accuracies)],
        "highest": max(accuracies),
        "lowest": min(accuracies),
        "layers": sorted({row["layers"] for row in rows}),
        "nodes": sorted({row["nodes"] for row in rows}),
        "trials": (min(trials), max(trials)),
        "images": (int(images.min()), int(images.max())) if len(images) else None,
        "differences": (min(differences), max(differences)) if differences else None,
        "seconds": totals(rows, "training_seconds"),
    }


def totals(rows: list[dict[str, Any]], measure: str) -> float:
    """Return a measure summed over all trials of all cells."""
    return sum((row["values"][measure]["mean"] or 0) * row["trials"] for row in rows)


def class_rows(classes: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a row per label: precision, recall and F1 over the trials, support summed."""
    return [
        {
            "label": int(label),
            **{name: value(trials[name]) for name in ("precision", "recall", "f1")},
            "support": int(trials["support"].sum()),
        }
        for label, trials in classes.groupby("label")
    ]


def epoch_rows(history: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a row per epoch: the mean over the trials that ran it."""
    means = history.groupby("epoch", as_index=False)[CURVE].mean()
    return records(means)


def known(number: Any) -> Any:
    """Return a plain Python number, or None in place of NaN."""
    return None if pd.isna(number) else getattr(number, "item", lambda: number)()


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as dictionaries of plain numbers and texts, None for NaN."""
    return [{name: known(cell) for name, cell in row.items()} for row in frame.to_dict("records")]
