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
from digits.config.settings import either, settings_of
from digits.core.class_labels import are_numbers, labels_of
from digits.core.design import ENSEMBLE, Design, factor_label, spell
from digits.core.formatting import UNKNOWN, one_line
from digits.core.tables import by_cell, known, records, rows_of
from digits.core.templates import load_template
from digits.data.origin import origin
from digits.evaluation.summaries import (
    class_rows,
    devices,
    done,
    failures,
    processors,
    versions,
)

LAST = ["accuracy", "val_accuracy"]
"""The accuracies of the last epoch, as the table of results has them."""

SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~$])")


@dataclass(frozen=True)
class CardInputs:
    """The inputs of the cards, as they were read.

    Attributes
    ----------
    design : of the experiment
    results, cells, ece, classes, summary : the tables of the same names
    facts : the facts of the data
    config : the resolved configuration
    metrics : one record per training, with ``device`` and ``versions``; ``failed`` where it did
    folds : per fold, the counts of its images: ``train``, ``validation``, and of ``tensor`` the
        least and the most of any cell
    """

    design: Design
    results: pd.DataFrame
    cells: pd.DataFrame
    ece: pd.DataFrame
    classes: pd.DataFrame
    summary: pd.DataFrame
    facts: Mapping[str, Any]
    config: Mapping[str, Any]
    metrics: Iterable[Mapping[str, Any]]
    folds: Mapping[int, Mapping[str, Any]]


def card_content(inputs: CardInputs) -> dict[str, Any]:
    """Return the content of both cards as plain data."""
    metrics = list(inputs.metrics)
    rows = cell_rows(inputs)
    best = next((row for row in rows if row["best"]), None)
    design = inputs.design
    failed = failures(inputs.results, metrics, design)
    classes = labels_of(inputs.config["dataset"]["classes"])
    counts = list(inputs.facts["train"]["labels"].values())
    return {
        "config": inputs.config,
        "settings": settings_of(inputs.config, design),
        "facts": inputs.facts,
        "origin": origin(inputs.config, inputs.facts),
        "rows": rows,
        "best": best,
        "failed": [
            (design.trial_label((*cell, one["fold"], one["seed"])), one["message"])
            for cell in sorted(failed, key=design.rank)
            for one in failed[cell]
        ],
        "factors": {
            factor_label(name): [spell(level) for level in levels]
            for name, levels in design.factors.items()
        },
        "varied": [factor_label(name) for name in design.varied or design.factors],
        "complete": not design.exclude,
        "folder": "_".join(f"{name}-…" for name in design.factors),
        "several": any(row["sd"] is not None for row in rows),
        "single": len(design.folds) * len(design.seeds) == 1,
        "scored": bool(inputs.results["score"].notna().any()),
        "classes": len(classes),
        "numbered": are_numbers(classes),
        "labels": label_rows(inputs.classes, best, design),
        "counts": {"most": max(counts), "least": min(counts)},
        "summary": records(inputs.summary),
        "folds": [{"fold": fold, **inputs.folds[fold]} for fold in sorted(inputs.folds)],
        "versions": versions(metrics),
        "devices": devices(metrics),
        "processors": processors(metrics),
    }


def cell_rows(inputs: CardInputs) -> list[dict[str, Any]]:
    """Return a row per cell and one for the ensemble, from the tables of the analysis.

    With the score of a cell, and ``last``, its training and validation accuracy after the last
    epoch, means over the trainings that ended with a result. ``best`` marks the best cell.
    """
    errors = inputs.ece.set_index("model")
    design, results = inputs.design, inputs.results
    scores = {cell: known(rows["score"].iloc[0]) for cell, rows in by_cell(results, design)}
    last = {cell: rows[LAST].mean().to_dict() for cell, rows in by_cell(done(results), design)}
    best = best_cell(inputs.cells)
    rows = []
    for row in records(inputs.cells):
        cell = None if row["model"] == ENSEMBLE else design.parse_model(row["model"])
        row |= {"name": design.model_label(row["model"], unbroken=True), "cell": cell}
        row |= {"best": row["model"] == best}
        row |= {name: known(errors[name].get(row["model"])) for name in ("ece", "expected_ece")}
        row["score"] = scores.get(cell)
        row["last"] = last.get(cell, dict.fromkeys(LAST))
        rows.append(row)
    return rows


def label_rows(
    classes: pd.DataFrame, best: Mapping[str, Any] | None, design: Design
) -> list[dict[str, Any]]:
    """Return a row per class: metrics of the best cell, and the range of recall over all cells.

    ``lowest`` and ``highest`` are the extremes of the cells' mean recall. Empty if no training
    ended with a result.
    """
    if best is None:
        return []
    recalls = classes.groupby([*design.cell_columns, "label"])["recall"].mean().groupby("label")
    lowest, highest = recalls.min(), recalls.max()
    return [
        row | {"lowest": float(lowest[row["label"]]), "highest": float(highest[row["label"]])}
        for row in class_rows(rows_of(classes, best["cell"], design))
    ]


def render_card(template: Path, content: Mapping[str, Any]) -> str:
    """Fill a Jinja2 template with the content; a name missing from the content is an error.

    Every text is escaped, so that Markdown shows it literally.
    """
    return load_template(template, {"either": either}, autoescape=False, finalize=escape).render(
        content
    )


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
