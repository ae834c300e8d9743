"""Write the report of an experiment as one self-contained HTML page.

Everything on the page comes from the result files given by the options; pictures are embedded, so
the page loads nothing and can be sent as one file.
"""

from argparse import Namespace
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from jinja2 import UndefinedError

from digits.workflow import job
from digits.analysis.cells import read_cells
from digits.analysis.vocabulary import CELLS, COMPARISONS, EFFECTS
from digits.config.resolved import read_config
from digits.core import command_line, json_records
from digits.core.atomic_files import write_text
from digits.core.design import CELL, TRIAL
from digits.core.errors import DataError
from digits.core.intermediate_files import ContentError, reading
from digits.core.json_records import ANY, Each, check, read_record
from digits.core.tables import read_table
from digits.evaluation.published import read_published
from digits.evaluation.trials import read_metrics
from digits.report.content import PageInputs, page_content, render_page
from digits.report.pictures import read_cell_pictures, read_picture, read_pictures

PACKAGES = (
    *("matplotlib", "numba", "pandas", "pyarrow", "scikit-learn", "scipy", "seaborn"),
    *("snakemake", "statsmodels"),
)
COLUMNS = {
    "results": [
        *[*TRIAL, "epochs", "training_seconds", "cpu_seconds", "best_epoch"],
        *["accuracy", "val_accuracy", "parameters"],
    ],
    "history": [*TRIAL, "epoch", "seconds", "accuracy", "loss", "val_accuracy", "val_loss"],
    "classes": [*TRIAL, "label", "precision", "recall", "f1", "support"],
    "cells": CELLS,
    "effects": EFFECTS,
    "comparisons": COMPARISONS,
    "ece": ["model", "ece"],
    "hardest": ["row", "label", "predicted", "confidence", *CELL, "wrong", "trials"],
    "summary": ["part", "label", "images", "mean", "sd", "median", "ink"],
    "costs": ["rule", "jobs", "seconds", "cpu_seconds", "max_rss_mb"],
}
SUBMISSION = {name: json_records.SCORE[name] for name in ("rows", "score")}
EMPTY = {"history", "classes", "effects", "comparisons", "ece", "hardest"}
"""Tables without rows if all trainings failed."""

SECTIONS = dict.fromkeys(
    ("dataset", "cross_validation", "augmentation", "design", "training"), Each(ANY)
)


def parse(argv: list[str] | None) -> Namespace:
    """Parse the command line."""
    parser = command_line.parser(__doc__)
    parser.add_argument(
        "--tables",
        type=Path,
        nargs="+",
        required=True,
        help=f"tables: {', '.join(COLUMNS)} (.csv)",
    )
    parser.add_argument("--facts", type=Path, required=True, help="data/facts.json")
    parser.add_argument("--config", type=Path, required=True, help="the resolved config.yaml")
    parser.add_argument("--published", type=Path, help="folder of published figures")
    for name, what in {
        "submissions": "Model-*.json of each cell and of the ensemble",
        "metrics": "metrics.json of each training",
        "plots": "plots by the names of their folders, as results/effects.svg",
        "cell-plots": "plots of each cell, as layers-5_nodes-200/learning.svg",
    }.items():
        parser.add_argument(f"--{name}", type=Path, nargs="*", default=[], help=what)
    parser.add_argument("--networks", type=Path, help="networks to try, by embed_networks")
    parser.add_argument("--rule-graph", type=Path, help="graph of the rules")
    parser.add_argument("--template", type=Path, required=True, help="index.html.j2")
    parser.add_argument("--output", type=Path, required=True, help="the page")
    return parser.parse_args(argv)


def load(args: Namespace) -> PageInputs:
    """Read every input of the page."""
    config, config_text = read_config(args.config)
    with reading(args.config):
        check(config, SECTIONS)
    return PageInputs(
        tables=read_tables(args.tables),
        facts=read_record(args.facts, json_records.FACTS),
        config=config,
        config_text=config_text,
        published=args.published and read_published(args.published),
        submissions={
            path.with_suffix(".csv").name: read_record(path, SUBMISSION)
            for path in args.submissions
        },
        metrics=[read_metrics(path, ["device", "versions"]) for path in args.metrics],
        plots=read_pictures(args.plots),
        cell_plots=read_cell_pictures(args.cell_plots),
        networks=args.networks and read_record(args.networks, json_records.NETWORKS),
        rule_graph=args.rule_graph and read_picture(args.rule_graph),
        packages={package: version(package) for package in PACKAGES},
    )


def read_tables(paths: list[Path]) -> dict[str, pd.DataFrame]:
    """Read the tables of the page, each by its file's name."""
    given = {path.stem: path for path in paths}
    missing = [name for name in COLUMNS if name not in given]
    if missing:
        raise DataError(f"--tables: lacks {missing[0]}.csv; expected {', '.join(COLUMNS)}")
    tables = {
        name: read_table(given[name], columns, empty=name in EMPTY)
        for name, columns in COLUMNS.items()
    }
    return tables | {"cells": read_cells(given["cells"])}


def main(argv: list[str] | None = None) -> None:
    """Read the inputs and write the page."""
    args = parse(argv)
    content = page_content(load(args))
    try:
        page = render_page(args.template, content)
    except UndefinedError as error:  # all other inputs are of known forms
        with reading(args.config):
            raise ContentError(f"lacks a setting ({error})") from None
    write_text(args.output, page)


if __name__ == "__main__":
    job.run(main)
