"""Write the report of an experiment as one self-contained HTML page.

Everything on the page comes from the result files given by the options and from those of its
trials, cells and submissions in the results folder; pictures are embedded, so the page loads
nothing and can be sent as one file.
"""

from argparse import Namespace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import UndefinedError

from digits.workflow import job
from digits.analysis.vocabulary import COMPARISONS, EFFECTS, cells_columns
from digits.config.resolved import read_config
from digits.core import command_line, json_records
from digits.core.atomic_files import write_text
from digits.core.design import Design
from digits.core.errors import DataError
from digits.core.frames import pd
from digits.core.intermediate_files import ContentError, reading
from digits.core.json_records import ANY, Each, check, read_record
from digits.core.results_folder import ResultsFolder
from digits.core.tables import read_table
from digits.evaluation.published import read_shares
from digits.evaluation.trials import read_all_metrics
from digits.report.content import PageInputs, page_content, render_page
from digits.report.leading import shown_cells
from digits.report.pictures import read_cell_pictures, read_picture, read_pictures

PACKAGES = (
    *("matplotlib", "numba", "pandas", "pyarrow", "scikit-learn", "scipy", "seaborn"),
    *("snakemake", "statsmodels"),
)
CELLS = "cells"
TRIAL_COLUMNS = {
    "results": [
        *("epochs", "training_seconds", "cpu_seconds", "best_epoch"),
        *("accuracy", "val_accuracy", "parameters"),
    ],
    "history": ["epoch", "seconds", "accuracy", "loss", "val_accuracy", "val_loss"],
    "classes": ["label", "precision", "recall", "f1", "support"],
}
COLUMNS = {
    "effects": EFFECTS,
    "comparisons": COMPARISONS,
    "ece": ["model", "ece", "expected_ece"],
    "hardest": ["row", "label", "predicted", "confidence", "wrong", "trials"],
    "summary": ["part", "label", "images", "mean", "sd", "median", "ink"],
    "costs": ["rule", "jobs", "seconds", "cpu_seconds", "max_rss_mb"],
}
TABLES = (*TRIAL_COLUMNS, CELLS, *COLUMNS)
SUBMISSION = {name: json_records.SCORE[name] for name in ("rows", "score")}
EMPTY = {"history", "classes", "effects", "comparisons", "ece", "hardest"}
"""Tables without rows if all trainings failed."""

SECTIONS = dict.fromkeys(
    ("dataset", "cross_validation", "augmentation", "design", "training"), Each(ANY)
)


def parse(argv: list[str] | None) -> Namespace:
    """Parse the command line."""
    parser = command_line.parser(__doc__)
    command_line.add_results(parser)
    command_line.add_without_test(parser)
    parser.add_argument(
        "--tables",
        type=Path,
        nargs="+",
        required=True,
        help=f"tables: {', '.join(TABLES)} (.csv)",
    )
    parser.add_argument("--facts", type=Path, required=True, help="data/facts.json")
    parser.add_argument("--config", type=Path, required=True, help="the resolved config.yaml")
    parser.add_argument("--published", type=Path, help="folder of published figures")
    parser.add_argument(
        "--plots",
        type=Path,
        nargs="*",
        default=[],
        help="plots by the names of their folders, as results/effects.svg",
    )
    parser.add_argument("--networks", type=Path, help="networks to try, by embed_networks")
    parser.add_argument("--rule-graph", type=Path, help="graph of the rules")
    parser.add_argument("--template", type=Path, required=True, help="index.html.j2")
    parser.add_argument("--output", type=Path, required=True, help="the page")
    return parser.parse_args(argv)


def load(args: Namespace) -> PageInputs:
    """Read every input of the page."""
    folder = ResultsFolder.of(args.results, args.design)
    design = folder.design
    config, config_text = read_config(args.config)
    with reading(args.config):
        check(config, SECTIONS)
    tables = read_tables(args.tables, design)
    scores = {} if args.without_test else folder.scores
    return PageInputs(
        design=design,
        tables=tables,
        facts=read_record(args.facts, json_records.FACTS),
        config=config,
        config_text=config_text,
        published=args.published and read_shares(args.published, design),
        submissions={model: read_record(path, SUBMISSION) for model, path in scores.items()},
        metrics=read_all_metrics(folder),
        plots=read_pictures(args.plots),
        cell_plots=read_cell_pictures(folder, shown_cells(tables[CELLS], design)),
        networks=args.networks and read_record(args.networks, networks_form(design)),
        rule_graph=args.rule_graph and read_picture(args.rule_graph),
        packages={package: version(package) for package in PACKAGES},
    )


def networks_form(design: Design) -> dict[str, Any]:
    """Return the form of the file of networks: their cells are of the design."""
    cell = json_records.cell_form(design)
    network = json_records.trial_form(design) | {"stack": [Each(ANY)]}
    lists = {name: [cell] for name in ("failed", "too_large", "behind")}
    return json_records.NETWORKS | lists | {"networks": [network]}


def read_tables(paths: list[Path], design: Design) -> dict[str, pd.DataFrame]:
    """Read the tables of the page, each by its file's name."""
    given = {path.stem: path for path in paths}
    missing = [name for name in TABLES if name not in given]
    if missing:
        raise DataError(f"--tables: lacks {missing[0]}.csv; expected {', '.join(TABLES)}")
    columns = {name: [*design.trial_columns, *more] for name, more in TRIAL_COLUMNS.items()}
    columns |= COLUMNS | {"hardest": [*COLUMNS["hardest"], *design.cell_columns]}
    columns[CELLS] = cells_columns(design)
    return {
        name: read_table(given[name], names, design, empty=name in EMPTY)
        for name, names in columns.items()
    }


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
