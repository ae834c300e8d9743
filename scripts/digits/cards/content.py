"""The content of the model card and the data card as plain data, and its rendering as Markdown.

The model card follows Mitchell et al. (2019), "Model Cards for Model Reporting", FAT* '19,
doi:10.1145/3287560.3287596, section by section; the data card answers those questions of Gebru et
al. (2021), "Datasheets for Datasets", Communications of the ACM 64(12), doi:10.1145/3458723, that
can be answered from the data. Neither contains a date or a time, so the same results give the same
bytes.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from digits.analysis.selection import best_cell
from digits.core.class_labels import are_numbers, labels_of
from digits.core.design import CELL, ENSEMBLE, model_label, parse_model, trial_label
from digits.core.formatting import UNKNOWN, one_line
from digits.core.tables import known, records
from digits.core.templates import load_template
from digits.evaluation.summaries import class_rows, devices, done, failures, versions

KAGGLE_TRAIN = "b35cc952c291f03d995f48721373e69454f689e299d724bd9a5927bdabddfeed"
"""SHA-256 of the train.csv of Kaggle's competition Digit Recognizer."""

LAST = ["accuracy", "val_accuracy"]
"""The accuracies of the last epoch, as the table of results has them."""

SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~$])")


@dataclass(frozen=True)
class CardInputs:
    """The inputs of the cards, as they were read.

    Attributes
    ----------
    results, cells, ece, classes, summary : the tables of the same names
    facts : the facts of the data
    config : the resolved configuration
    metrics : one record per training, with ``device`` and ``versions``; ``failed`` where it did
    folds : per fold, the counts of its images: ``train``, ``validation``, ``tensor``
    """

    results: pd.DataFrame
    cells: pd.DataFrame
    ece: pd.DataFrame
    classes: pd.DataFrame
    summary: pd.DataFrame
    facts: Mapping[str, Any]
    config: Mapping[str, Any]
    metrics: Iterable[Mapping[str, Any]]
    folds: Mapping[int, Mapping[str, int]]


def card_content(inputs: CardInputs) -> dict[str, Any]:
    """Return the content of both cards as plain data."""
    metrics = list(inputs.metrics)
    rows = cell_rows(inputs)
    best = next((row for row in rows if row["best"]), None)
    failed = failures(inputs.results, metrics)
    classes = labels_of(inputs.config["dataset"]["classes"])
    counts = list(inputs.facts["train"]["labels"].values())
    return {
        "config": inputs.config,
        "facts": inputs.facts,
        "origin": origin(inputs.config, inputs.facts),
        "rows": rows,
        "best": best,
        "failed": [
            (trial_label((*cell, one["fold"], one["seed"])), one["message"])
            for cell in sorted(failed)
            for one in failed[cell]
        ],
        "several": any(row["sd"] is not None for row in rows),
        "single": inputs.results.groupby(CELL).size().max() == 1,
        "scored": bool(inputs.results["score"].notna().any()),
        "classes": len(classes),
        "numbered": are_numbers(classes),
        "labels": label_rows(inputs.classes, best),
        "counts": {"most": max(counts), "least": min(counts)},
        "summary": records(inputs.summary),
        "folds": [{"fold": fold, **inputs.folds[fold]} for fold in sorted(inputs.folds)],
        "versions": versions(metrics),
        "devices": devices(metrics),
    }


def origin(config: Mapping[str, Any], facts: Mapping[str, Any]) -> str | None:
    """Return the origin of the data if it is certain: ``demo``, ``kaggle`` or None."""
    if config["dataset"]["source"] == "demo":
        return "demo"
    return "kaggle" if facts["train"]["sha256"] == KAGGLE_TRAIN else None


def cell_rows(inputs: CardInputs) -> list[dict[str, Any]]:
    """Return a row per cell and one for the ensemble, from the tables of the analysis.

    With the score of a cell, and ``last``, its training and validation accuracy after the last
    epoch, means over the trainings that ended with a result. ``best`` marks the best cell.
    """
    errors = inputs.ece.set_index("model")["ece"]
    scores = inputs.results.groupby(CELL)["score"].first()
    last = done(inputs.results).groupby(CELL)[LAST].mean()
    best = best_cell(inputs.cells)
    rows = []
    for row in records(inputs.cells):
        cell = None if row["model"] == ENSEMBLE else parse_model(row["model"])
        row |= {"name": model_label(row["model"], unbroken=True), "cell": cell}
        row |= {"best": row["model"] == best, "ece": known(errors.get(row["model"]))}
        row["score"] = known(scores.get(cell))
        row["last"] = last.loc[cell].to_dict() if cell in last.index else dict.fromkeys(LAST)
        rows.append(row)
    return rows


def label_rows(classes: pd.DataFrame, best: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Return a row per class: metrics of the best cell, and the range of recall over all cells.

    ``lowest`` and ``highest`` are the extremes of the cells' mean recall. Empty if no training
    ended with a result.
    """
    if best is None:
        return []
    cell = (classes[CELL] == list(best["cell"])).all(axis=1)
    recalls = classes.groupby([*CELL, "label"])["recall"].mean().groupby("label")
    lowest, highest = recalls.min(), recalls.max()
    return [
        row | {"lowest": float(lowest[row["label"]]), "highest": float(highest[row["label"]])}
        for row in class_rows(classes[cell])
    ]


def render_card(template: Path, content: Mapping[str, Any]) -> str:
    """Fill a Jinja2 template with the content; a name missing from the content is an error.

    Every text is escaped, so that Markdown shows it literally.
    """
    return load_template(template, autoescape=False, finalize=escape).render(content)


def escape(value: Any) -> Any:
    """Escape a value for Markdown; texts become one line.

    The special characters are those of CommonMark 0.31 and of GitHub's tables and formulas.
    """
    if value is None:
        return UNKNOWN
    if not isinstance(value, str):
        return value
    text = SPECIAL.sub(r"\\\1", one_line(value))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
