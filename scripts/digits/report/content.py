"""The content of the report page, gathered from the result files as plain data, and its setting.

``gather`` turns tables, facts and pictures into dictionaries, lists, numbers and texts; ``render``
sets them with a Jinja2 template. The page holds nothing but its inputs: the same inputs give the
same bytes.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from digits.report.numbers import FILTERS
from digits.report.reading import Picture, read_text
from digits.report.results import (
    class_rows,
    done,
    epoch_rows,
    failures,
    headline,
    identity,
    known,
    known_measures,
    records,
    result_rows,
)
from digits.tables import CELL, TRIAL


@dataclass(frozen=True)
class Inputs:
    """What the page is made from, read but not yet arranged.

    Attributes
    ----------
    results, history, classes, summary, costs : the tables of the same names
    facts : the facts of the data
    config, config_text : the resolved configuration, parsed and as written
    published : published results (``layers``, ``nodes`` and any measures), or None
    submissions : per submission file name, its ``rows`` and ``score``
    metrics : one record per training, with ``device`` and ``versions``; ``failed`` where it did
    cell_plots : per cell, its pictures by name
    data_plots, result_plots : pictures by name
    networks : what the page computes with, as the program embed_networks writes it, or None
    packages : versions of the packages beside those of the trainings
    """

    results: pd.DataFrame
    history: pd.DataFrame
    classes: pd.DataFrame
    summary: pd.DataFrame
    costs: pd.DataFrame
    facts: Mapping[str, Any]
    config: Mapping[str, Any]
    config_text: str
    published: pd.DataFrame | None = None
    submissions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    metrics: Iterable[Mapping[str, Any]] = ()
    cell_plots: Mapping[tuple[int, int], Mapping[str, Picture]] = field(default_factory=dict)
    data_plots: Mapping[str, Picture] = field(default_factory=dict)
    result_plots: Mapping[str, Picture] = field(default_factory=dict)
    augmentation_plot: Picture | None = None
    networks: Mapping[str, Any] | None = None
    rule_graph: Picture | None = None
    packages: Mapping[str, str] = field(default_factory=dict)


def gather(inputs: Inputs) -> dict[str, Any]:
    """Arrange all that the page says as plain data."""
    measures = known_measures(inputs.results, inputs.published)
    failed = failures(inputs.results, inputs.metrics)
    rows = result_rows(inputs.results, inputs.published, measures, failed)
    return {
        "experiment": str(inputs.config["experiment"]),
        "measures": measures,
        "rows": rows,
        "headline": headline(rows, inputs.classes),
        "cells": cell_details(inputs, rows),
        "facts": inputs.facts,
        "summary": records(inputs.summary),
        "augmentation": inputs.config.get("augmentation") or {},
        "plots": {
            "data": inputs.data_plots,
            "results": inputs.result_plots,
            "augmentation": inputs.augmentation_plot,
            "rule_graph": inputs.rule_graph,
        },
        "networks": to_try(inputs.networks),
        "costs": cost_rows(inputs.costs),
        "submissions": [{"file": name, **inputs.submissions[name]} for name in inputs.submissions],
        "versions": versions(inputs.metrics),
        "devices": devices(inputs.metrics),
        "packages": inputs.packages,
        "config_text": inputs.config_text,
    }


def cell_details(inputs: Inputs, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return per cell of the results table its pictures, and its figures per class and per epoch.

    The epochs are those of the trainings that ended with a result, if any did.
    """
    classes = dict(iter(inputs.classes.groupby(CELL)))
    history = dict(iter(inputs.history.groupby(CELL)))
    told = ("layers", "nodes", "name", "anchor", "trials", "trainings", "failures")
    details = []
    for row in rows:
        cell = (row["layers"], row["nodes"])
        epochs = history.get(cell, inputs.history[:0])
        if row["trials"] and len(epochs):
            epochs = epochs.merge(done(inputs.results)[TRIAL], on=TRIAL)
        details.append(
            {name: row[name] for name in told}
            | {
                "plots": inputs.cell_plots.get(cell, {}),
                "classes": class_rows(classes[cell]) if cell in classes else [],
                "epochs": epoch_rows(epochs),
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
        part: [cell | identity((cell["layers"], cell["nodes"])) for cell in networks[part]]
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


def cost_rows(costs: pd.DataFrame) -> dict[str, Any]:
    """Return the costs per rule with each one's share of the time, and their totals."""
    seconds = costs["seconds"].sum()
    shares = costs.assign(share=costs["seconds"] / seconds if seconds else None)
    total = {name: known(costs[name].sum()) for name in ("jobs", "seconds", "cpu_seconds")}
    return {
        "rules": records(shares),
        "total": total | {"max_rss_mb": known(costs.max_rss_mb.max())},
    }


def versions(metrics: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return per package every version that a training ran with."""
    found: dict[str, set[str]] = {}
    for record in metrics:
        for package, version in record["versions"].items():
            found.setdefault(package, set()).add(str(version))
    return [{"package": package, "versions": sorted(found[package])} for package in sorted(found)]


def devices(metrics: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return per device the number of trainings that ran on it."""
    counts = pd.Series([str(record["device"]) for record in metrics], dtype=str).value_counts()
    return [{"device": device, "trainings": int(counts[device])} for device in sorted(counts.index)]


def render(template: Path, content: Mapping[str, Any]) -> str:
    """Set the content with a Jinja2 template; what it includes lies beside it.

    Everything is escaped, and a name that the content lacks is an error. The page's own programs,
    ``page/*.js``, come as ``scripts``; ``trusted`` names them, for the page's policy, by the
    SHA-256 of their text, so that a browser runs these and no other.
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
    environment.filters.update(FILTERS)
    scripts = [read_text(path) for path in sorted(template.parent.glob("page/*.js"))]
    trusted = " ".join(f"'sha256-{fingerprint(script)}'" for script in scripts)
    return environment.get_template(template.name).render(
        content, scripts=list(map(Markup, scripts)), trusted=Markup(trusted)
    )


def fingerprint(script: str) -> str:
    """Return the SHA-256 of a script's text in base64, as a Content-Security-Policy has it."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
