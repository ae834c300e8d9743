"""Write the model card and the data card of an experiment, in Markdown.

Every number comes from the files given by the options; times are left out, so that the same results
give the same cards.
"""

from argparse import Namespace
from pathlib import Path

from digits.workflow import job
from digits.analysis.cells import read_cells
from digits.cards.content import CardInputs, card_content, render_card
from digits.config.configuration import check_resolved
from digits.config.resolved import read_config
from digits.core import command_line, json_records
from digits.core.atomic_files import write_text
from digits.core.design import TRIAL, fold_folder, parse_fold_folder
from digits.core.errors import DataError
from digits.core.json_records import read_record
from digits.core.tables import read_table
from digits.evaluation.trials import read_metrics

RESULTS = [*TRIAL, "accuracy", "val_accuracy", "score"]
CLASSES = [*TRIAL, "label", "precision", "recall", "f1", "support"]
SUMMARY = ["part", "label", "images", "mean", "sd", "ink"]


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    arguments = parse(argv)
    content = card_content(load(arguments))
    # Both are rendered before either is written.
    cards = {
        arguments.model_card: render_card(arguments.model_template, content),
        arguments.data_card: render_card(arguments.data_template, content),
    }
    for path, text in cards.items():
        write_text(path, text)


def load(arguments: Namespace) -> CardInputs:
    """Read the inputs of the cards."""
    config, _ = read_config(arguments.config)
    check_resolved(arguments.config, config)
    return CardInputs(
        results=read_table(arguments.results, RESULTS),
        cells=read_cells(arguments.cells),
        ece=read_table(arguments.ece, ["model", "ece"], empty=True),
        classes=read_table(arguments.classes, CLASSES, empty=True),
        summary=read_table(arguments.summary, SUMMARY),
        facts=read_record(arguments.facts, json_records.FACTS),
        config=config,
        metrics=[read_metrics(path, ["device", "versions"]) for path in arguments.metrics],
        folds={fold_of(path): read_record(path, json_records.PARTS) for path in arguments.folds},
    )


def fold_of(path: Path) -> int:
    """Return the fold whose folder a file is in."""
    fold = parse_fold_folder(path.parent.name)
    if fold is None:
        raise DataError(f"{path}: expected to be in a folder named like {fold_folder(0)}")
    return fold


def parse(argv: list[str] | None) -> Namespace:
    """Parse the command line."""
    parser = command_line.parser(__doc__)
    for name in ("results", "cells", "ece", "classes", "summary"):
        parser.add_argument(f"--{name}", type=Path, required=True, help=f"tables/{name}.csv")
    parser.add_argument("--facts", type=Path, required=True, help="data/facts.json")
    parser.add_argument("--config", type=Path, required=True, help="the resolved config.yaml")
    parser.add_argument(
        "--metrics", type=Path, nargs="+", required=True, help="metrics.json of each training"
    )
    parser.add_argument(
        "--folds", type=Path, nargs="+", required=True, help="check.json of each fold"
    )
    parser.add_argument("--model-template", type=Path, required=True, help="model_card.md.j2")
    parser.add_argument("--data-template", type=Path, required=True, help="data_card.md.j2")
    parser.add_argument("--model-card", type=Path, required=True, help="Markdown to write")
    parser.add_argument("--data-card", type=Path, required=True, help="Markdown to write")
    return parser.parse_args(argv)


if __name__ == "__main__":
    job.run(main)
