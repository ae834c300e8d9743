"""The content of the report page, gathered from the result files as plain data, and its setting.

``gather`` turns tables, facts and pictures into dictionaries, lists, numbers and texts; ``render``
sets them with a Jinja2 template. The page holds nothing but its inputs: the same inputs give the
same bytes.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from digits.analysis.conclusions import answer
from digits.analysis.selection import best_cell, cost_measure
from digits.analysis.vocabulary import TESTS
from digits.core.atomic_files import read_text
from digits.core.design import CELL, TRIAL, cell_identity
from digits.core.formatting import FILTERS
from digits.core.tables import records
from digits.evaluation.summaries import class_rows, devices, done, failures, versions
from digits.report.findings import effect_rows, mistake_rows, pair_rows, published_rows
from digits.report.models import model_rows, overview
from digits.report.page_size import fitting, fitting_pairs
from digits.report.pictures import Picture
from digits.report.provenance import cost_rows
from digits.report.results import epoch_rows, known_measures, result_rows

GROUPS = ("results", "errors", "data", "plots")
"""Folders that the plots lie in; what lies in none of its own is in ``plots``."""


@dataclass(frozen=True)
class Inputs:
    """What the page is made from, read but not yet arranged.

    Attributes
    ----------
    tables : ``results``, ``history``, ``classes``, ``summary``, ``costs``, ``cells``, ``effects``,
        ``comparisons``, ``ece`` and ``hardest``, the tables of these names
    facts : the facts of the data
    config, config_text : the resolved configuration, parsed and as written
    published : published results (``layers``, ``nodes`` and any measures), or None
    submissions : per submission file name, its ``rows`` and ``score``
    metrics : one record per training, with ``device`` and ``versions``; ``failed`` where it did
    plots : pictures by the names of their folder and of their own
    cell_plots : per cell, its pictures by name
    networks : what the page computes with, as the program embed_networks writes it, or None
    packages : versions of the packages beside those of the trainings
    """

    tables: Mapping[str, pd.DataFrame]
    facts: Mapping[str, Any]
    config: Mapping[str, Any]
    config_text: str
    published: pd.DataFrame | None = None
    submissions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    metrics: Sequence[Mapping[str, Any]] = ()
    plots: Mapping[str, Mapping[str, Picture]] = field(default_factory=dict)
    cell_plots: Mapping[tuple[int, int], Mapping[str, Picture]] = field(default_factory=dict)
    networks: Mapping[str, Any] | None = None
    rule_graph: Picture | None = None
    packages: Mapping[str, str] = field(default_factory=dict)


def gather(inputs: Inputs) -> dict[str, Any]:
    """Arrange all that the page says as plain data."""
    tables, submissions = inputs.tables, inputs.submissions
    cells, comparisons = tables["cells"], tables["comparisons"]
    rows = model_rows(tables, submissions, failures(tables["results"], inputs.metrics))
    details = [row for row in rows if not row["ensemble"]]
    pictures, left_out = fitting(in_order(inputs, details))
    tests = comparisons[comparisons["test"].isin(TESTS)]
    shown = fitting_pairs(tests, best_cell(cells))
    return {
        "experiment": str(inputs.config["experiment"]),
        "answer": answer(cells, tables["effects"], comparisons),
        "size": overview(rows, tables["results"], tables["classes"]),
        "models": rows,
        "measure": cost_measure(cells),
        "effects": effect_rows(tables["effects"]),
        "pairs": pair_rows(shown),
        "every_pair": len(shown) == len(tests),
        "published": beside_published(inputs),
        "surest": mistake_rows(tables["hardest"]),
        "cells": cell_details(inputs, details, pictures),
        "facts": inputs.facts,
        "summary": records(tables["summary"]),
        "plots": {group: {} for group in GROUPS} | {name: pictures[name] for name in inputs.plots},
        "left_out": told_of(left_out),
        "rule_graph": inputs.rule_graph,
        "networks": to_try(inputs.networks),
        "costs": cost_rows(tables["costs"]),
        "submissions": [{"file": name, **submissions[name]} for name in submissions],
        "versions": versions(inputs.metrics),
        "devices": devices(inputs.metrics),
        "packages": inputs.packages,
        "config": inputs.config,
        "config_text": inputs.config_text,
    }


def beside_published(inputs: Inputs) -> dict[str, Any] | None:
    """Return the measures that were published, and a row per cell that was; None without any."""
    if inputs.published is None:
        return None
    results = inputs.tables["results"]
    measures = [
        measure
        for measure in known_measures(results, inputs.published)
        if measure.name in inputs.published
    ]
    rows = result_rows(results, inputs.published, measures)
    rows = published_rows(rows, inputs.tables["comparisons"])
    return {"measures": measures, "rows": rows} if rows else None


def in_order(inputs: Inputs, rows: list[dict[str, Any]]) -> dict[Any, Mapping[str, Picture]]:
    """Return all pictures by their group, those that matter most first: of a cell the best one's.

    Parameters
    ----------
    rows : those of the cells
    """
    best_first = sorted(rows, key=lambda row: -(row["accuracy"] or 0.0))
    cells = [(row["layers"], row["nodes"]) for row in best_first]
    return {**inputs.plots, **{c: inputs.cell_plots[c] for c in cells if c in inputs.cell_plots}}


def told_of(left_out: Sequence[tuple[Any, str]]) -> dict[str, Any]:
    """Return the files of plots that are left out, and how many cells lack pictures."""
    plots = [(group, name) for group, name in left_out if isinstance(group, str)]
    paths = [f"{group}/{name}.svg".removeprefix("plots/") for group, name in plots]
    cells = {group for group, _ in left_out} - {group for group, _ in plots}
    return {"files": [f"plots/{path}" for path in paths], "cells": len(cells)}


def cell_details(
    inputs: Inputs, rows: list[dict[str, Any]], pictures: Mapping[Any, Mapping[str, Picture]]
) -> list[dict[str, Any]]:
    """Return per cell its row, its pictures, and its figures per class and per epoch.

    The epochs are those of the trainings that ended with a result, if any did.
    """
    tables = inputs.tables
    classes = dict(iter(tables["classes"].groupby(CELL)))
    history = dict(iter(tables["history"].groupby(CELL)))
    details = []
    for row in rows:
        cell = (row["layers"], row["nodes"])
        epochs = history.get(cell, tables["history"][:0])
        if row["trials"] and len(epochs):
            epochs = epochs.merge(done(tables["results"])[TRIAL], on=TRIAL)
        details.append(
            row
            | {
                "plots": pictures.get(cell, {}),
                "by_class": class_rows(classes[cell]) if cell in classes else [],
                "by_epoch": epoch_rows(epochs),
            }
        )
    return details


def to_try(networks: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the networks with their cells named, or None where there is none to try.

    ``data`` is what the page's programs read, everything else is for the page's text.
    """
    if networks is None or not networks["networks"]:
        return None
    named = {
        part: [cell | cell_identity((cell["layers"], cell["nodes"])) for cell in networks[part]]
        for part in ("networks", "failed", "too_large")
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


def render(template: Path, content: Mapping[str, Any]) -> str:
    """Set the content with a Jinja2 template; what it includes lies beside it.

    Everything is escaped, and a name that the content lacks is an error. The page's own programs,
    ``page/*.js``, come as ``scripts``; ``trusted`` names them, for the page's policy, by the
    SHA-256 of their text, so that a browser runs these and no other. The filter ``fingerprint``
    does the same for its style.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(template.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(FILTERS, fingerprint=fingerprint)
    scripts = [read_text(path) for path in sorted(template.parent.glob("page/*.js"))]
    trusted = " ".join(f"'sha256-{fingerprint(script)}'" for script in scripts)
    return environment.get_template(template.name).render(
        content, scripts=list(map(Markup, scripts)), trusted=Markup(trusted)
    )


def fingerprint(text: str) -> str:
    """Return the SHA-256 of a script or style in base64, as a Content-Security-Policy has it."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
