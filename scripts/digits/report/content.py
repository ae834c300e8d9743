"""The content of the report page as plain data, and its rendering.

``page_content`` turns tables, facts and pictures into dictionaries, lists, numbers and texts;
``render_page`` fills a Jinja2 template with them. The same inputs give the same bytes.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from digits.analysis.conclusions import answer
from digits.analysis.selection import cost_measure
from digits.config.settings import either, settings_of
from digits.core.atomic_files import read_text
from digits.core.design import SIZES, Cell, Design, submission_file
from digits.core.tables import by_cell, known, records
from digits.core.templates import load_template
from digits.data.origin import data_set
from digits.evaluation.summaries import (
    class_rows,
    devices,
    done,
    failures,
    processors,
    uneven_stacks,
    versions,
)
from digits.report.costs import cost_rows
from digits.report.findings import (
    LEVELS,
    OF_LEVELS,
    confident_error_rows,
    effect_rows,
    pair_rows,
    published_rows,
)
from digits.report.leading import shown_cells
from digits.report.models import (
    columns_of,
    interval_of,
    model_rows,
    named_cell,
    overview,
    shown_rows,
)
from digits.report.page_size import FEW, fitting_pictures
from digits.report.pictures import Picture
from digits.report.results import epoch_rows, known_measures, result_rows

GROUPS = ("results", "errors", "data", "plots")
"""Folders of plots; those outside any subfolder belong to ``plots``."""


@dataclass(frozen=True)
class PageInputs:
    """The inputs of the page, as they were read.

    Attributes
    ----------
    design : of the experiment
    tables : ``results``, ``history``, ``classes``, ``summary``, ``costs``, ``cells``, ``effects``,
        ``comparisons``, ``ece`` and ``hardest``, the tables of these names
    facts : the facts of the data
    config, config_text : the resolved configuration, parsed and as written
    published : published results (the factors and any measures), a row per cell, or None
    submissions : per model, the ``rows`` of its submission and their ``score``
    metrics : one record per training, with ``device``, ``versions`` and perhaps ``processor`` and
        ``stacked``; ``failed`` where it did
    plots : pictures by the names of their folder and of their own
    cell_plots : per cell, its pictures by name
    networks : the output of the program embed_networks, or None
    rule_graph : the graph of the rules, or None
    packages : versions of the packages that the trainings did not record, and of this project
    """

    design: Design
    tables: Mapping[str, pd.DataFrame]
    facts: Mapping[str, Any]
    config: Mapping[str, Any]
    config_text: str
    published: pd.DataFrame | None = None
    submissions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    metrics: Sequence[Mapping[str, Any]] = ()
    plots: Mapping[str, Mapping[str, Picture]] = field(default_factory=dict)
    cell_plots: Mapping[Cell, Mapping[str, Picture]] = field(default_factory=dict)
    networks: Mapping[str, Any] | None = None
    rule_graph: Picture | None = None
    packages: Mapping[str, str] = field(default_factory=dict)


def page_content(inputs: PageInputs) -> dict[str, Any]:
    """Return the content of the page as plain data."""
    tables, design, submissions = inputs.tables, inputs.design, inputs.submissions
    cells, comparisons = tables["cells"], tables["comparisons"]
    failed = failures(tables["results"], inputs.metrics, design)
    rows = model_rows(tables, submissions, failed, design)
    shown = shown_cells(cells, design)
    models = shown_rows(rows, shown)
    details = [row for row in models if not row["ensemble"]]
    pictures, left_out = fitting_pictures(in_order(inputs, details))
    return {
        "experiment": str(inputs.config["experiment"]),
        "data_set": data_set(inputs.config, inputs.facts),
        "answer": answer(cells, tables["effects"], comparisons, design),
        "size": overview(rows, tables["results"], tables["classes"], design),
        "columns": columns_of(design),
        "few": FEW,
        "hidden": sum(not row["ensemble"] for row in rows) - len(details),
        "models": models,
        "best": next((row for row in models if row["best"]), None),
        "measure": cost_measure(cells),
        "stacks": uneven_stacks(inputs.metrics, design),
        "effects": effect_rows(tables["effects"]),
        "clearest": LEVELS if tables["effects"]["kind"].isin(OF_LEVELS).sum() > LEVELS else None,
        "pairs": shown_pairs(pair_rows(comparisons, design), models),
        "margin": known(cells["margin"].max()),
        "published": beside_published(inputs, shown),
        "confident_errors": confident_error_rows(tables["hardest"], design),
        "cells": cell_details(inputs, details, pictures),
        "facts": inputs.facts,
        "summary": records(tables["summary"]),
        "plots": {group: {} for group in GROUPS} | {name: pictures[name] for name in inputs.plots},
        "left_out": left_out_files(left_out),
        "rule_graph": inputs.rule_graph,
        "networks": to_try(inputs.networks, design),
        "costs": cost_rows(tables["costs"]),
        "submissions": [
            {"file": submission_file(model), **submission}
            for model, submission in submissions.items()
        ],
        "versions": versions(inputs.metrics),
        "devices": devices(inputs.metrics),
        "packages": inputs.packages,
        "processors": processors(inputs.metrics),
        "sizes": list(SIZES),
        "settings": settings_of(inputs.config, design),
        "config": inputs.config,
        "config_text": inputs.config_text,
    }


def shown_pairs(
    pairs: list[dict[str, Any]], models: list[dict[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    """Split the tests of pairs of shown models into those that decide, and the others."""
    names = {row["label"] for row in models}
    here = [row for row in pairs if {row["first"], row["second"]} <= names]
    return {
        "decide": [row for row in here if row["decides"]],
        "others": [row for row in here if not row["decides"]],
    }


def beside_published(inputs: PageInputs, shown: Sequence[Cell]) -> dict[str, Any] | None:
    """Return the published measures and a row per published cell; None without any.

    Parameters
    ----------
    shown : the cells that the page shows
    """
    if inputs.published is None:
        return None
    results = inputs.tables["results"]
    measures = [
        measure
        for measure in known_measures(results, inputs.published)
        if measure.name in inputs.published
    ]
    rows = result_rows(results, inputs.published, measures, inputs.design)
    _add_intervals(rows, inputs)
    rows = published_rows(rows, inputs.tables["comparisons"], inputs.design)
    by_name = {row["cell"]: row for row in rows}
    here = [by_name[cell] for cell in shown if cell in by_name]
    intervals = any("interval" in figures for row in here for figures in row["values"].values())
    shown_here = {"measures": measures, "rows": here, "all": len(rows), "intervals": intervals}
    return shown_here if here else None


def _add_intervals(rows: list[dict[str, Any]], inputs: PageInputs) -> None:
    """Add the intervals of Kaggle's scores to the rows, in place."""
    for row in rows:
        figures = row["values"].get("kaggle_score", {"mean": None})
        submission = inputs.submissions.get(inputs.design.model_name(row["cell"]), {})
        if interval := interval_of(figures["mean"], submission.get("rows")):
            figures["interval"] = interval


def in_order(inputs: PageInputs, rows: list[dict[str, Any]]) -> dict[Any, Mapping[str, Picture]]:
    """Return all pictures by group, in order of importance; those of cells by accuracy.

    Parameters
    ----------
    rows : the rows of the cells
    """
    best_first = sorted(rows, key=lambda row: -(row["accuracy"] or 0.0))
    cells = [row["cell"] for row in best_first]
    return {**inputs.plots, **{c: inputs.cell_plots[c] for c in cells if c in inputs.cell_plots}}


def left_out_files(left_out: Sequence[tuple[Any, str]]) -> dict[str, Any]:
    """Return the files of the plots that are left out, and the number of cells without pictures."""
    plots = [(group, name) for group, name in left_out if isinstance(group, str)]
    paths = [f"{group}/{name}.svg".removeprefix("plots/") for group, name in plots]
    cells = {group for group, _ in left_out} - {group for group, _ in plots}
    return {"files": [f"plots/{path}" for path in paths], "cells": len(cells)}


def cell_details(
    inputs: PageInputs, rows: list[dict[str, Any]], pictures: Mapping[Any, Mapping[str, Picture]]
) -> list[dict[str, Any]]:
    """Return, per cell, its row, its pictures, and its figures per class and per epoch.

    The epochs are those of the trainings that ended with a result, if any did.
    """
    tables, design = inputs.tables, inputs.design
    classes = dict(by_cell(tables["classes"], design))
    history = dict(by_cell(tables["history"], design))
    ended = done(tables["results"])[design.trial_columns]
    details = []
    for row in rows:
        cell = row["cell"]
        epochs = history.get(cell, tables["history"][:0])
        if row["trials"] and len(epochs):
            epochs = epochs.merge(ended, on=design.trial_columns)
        details.append(
            row
            | {
                "title": design.cell_title(cell),
                "plots": pictures.get(cell, {}),
                "by_class": class_rows(classes[cell]) if cell in classes else [],
                "by_epoch": epoch_rows(epochs),
            }
        )
    return details


def to_try(networks: Mapping[str, Any] | None, design: Design) -> dict[str, Any] | None:
    """Return the networks with the names of their cells, or None if there are none.

    ``data`` is for the scripts of the page, everything else for its text.
    """
    if networks is None or not networks["networks"]:
        return None
    named = {
        part: [record | named_cell(design.cell_of(record), design) for record in networks[part]]
        for part in ("networks", "failed", "too_large", "behind")
    }
    data = ("classes", "image_shape", "drawing", "images")
    stacks = [network["stack"] for network in networks["networks"]]
    return {
        **named,
        "classes": networks["classes"],
        "fold": networks["images"]["fold"],
        "images": len(networks["images"]["labels"]),
        "data": {name: networks[name] for name in data} | {"networks": stacks},
    }


def render_page(template: Path, content: Mapping[str, Any]) -> str:
    """Fill a Jinja2 template with the content; the files that it includes lie beside it.

    Everything is escaped, and a name missing from the content is an error. The scripts of the page,
    ``page/*.js``, are passed as ``scripts``; ``trusted`` lists their SHA-256 for the page's
    Content-Security-Policy, so that a browser runs no others. The filter ``fingerprint`` does the
    same for its style.
    """
    from markupsafe import Markup

    filters = {"fingerprint": fingerprint, "either": either}
    page = load_template(template, filters, autoescape=True)
    scripts = [read_text(path) for path in sorted(template.parent.glob("page/*.js"))]
    trusted = " ".join(f"'sha256-{fingerprint(script)}'" for script in scripts)
    return page.render(content, scripts=list(map(Markup, scripts)), trusted=Markup(trusted))


def fingerprint(text: str) -> str:
    """Return the SHA-256 of a script or style in base64, as in a Content-Security-Policy."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
