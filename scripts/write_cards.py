"""Write the model card and the data card of an experiment, in Markdown.

Every number comes from the files given by the options; times are left out, so that the same results
give the same cards.
"""

from argparse import Namespace
from pathlib import Path
from typing import Any

from digits.workflow import job
from digits.analysis.vocabulary import cells_columns
from digits.cards.content import CardInputs, card_content, render_card
from digits.config.configuration import check_resolved
from digits.config.resolved import read_config
from digits.core import command_line, json_records
from digits.core.atomic_files import write_text
from digits.core.json_records import read_record
from digits.core.results_folder import ResultsFolder
from digits.core.tables import read_table
from digits.evaluation.trials import read_all_metrics

RESULTS = ["accuracy", "val_accuracy", "score"]
CLASSES = ["label", "precision", "recall", "f1", "support"]
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
    folder = ResultsFolder.of(arguments.results, arguments.design)
    design, trial = folder.design, folder.design.trial_columns
    config, _ = read_config(arguments.config)
    check_resolved(arguments.config, config)
    return CardInputs(
        design=design,
        results=read_table(arguments.table, [*trial, *RESULTS], design),
        cells=read_table(arguments.cells, cells_columns(design), design),
        ece=read_table(arguments.ece, ["model", "ece", "expected_ece"], design, empty=True),
        classes=read_table(arguments.classes, [*trial, *CLASSES], design, empty=True),
        summary=read_table(arguments.summary, SUMMARY),
        facts=read_record(arguments.facts, json_records.FACTS),
        config=config,
        metrics=read_all_metrics(folder),
        folds={fold: counts(folder, fold) for fold in design.folds},
    )


def counts(folder: ResultsFolder, fold: int) -> dict[str, Any]:
    """Return the numbers of images of a fold, of ``tensor`` the least and the most of a cell."""
    paths = dict.fromkeys(folder.check(cell, fold) for cell in folder.design.cells)
    records = [read_record(path, json_records.PARTS) for path in paths]
    sizes = [record["tensor"] for record in records]
    return records[0] | {"tensor": (min(sizes), max(sizes))}


def parse(argv: list[str] | None) -> Namespace:
    """Parse the command line."""
    parser = command_line.parser(__doc__)
    command_line.add_results(parser)
    parser.add_argument("--table", type=Path, required=True, help="tables/results.csv")
    for name in ("cells", "ece", "classes", "summary"):
        parser.add_argument(f"--{name}", type=Path, required=True, help=f"tables/{name}.csv")
    parser.add_argument("--facts", type=Path, required=True, help="data/facts.json")
    parser.add_argument("--config", type=Path, required=True, help="the resolved config.yaml")
    parser.add_argument("--model-template", type=Path, required=True, help="model_card.md.j2")
    parser.add_argument("--data-template", type=Path, required=True, help="data_card.md.j2")
    parser.add_argument("--model-card", type=Path, required=True, help="Markdown to write")
    parser.add_argument("--data-card", type=Path, required=True, help="Markdown to write")
    return parser.parse_args(argv)


if __name__ == "__main__":
    job.run(main)
