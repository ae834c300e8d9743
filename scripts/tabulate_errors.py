"""Tabulate calibration and errors of the networks on their validation parts.

Four tables: reliability curves, calibration errors and confused classes of each cell, pooled over
its trials, and of the ensemble, pooled likewise; and the images that any trial misclassifies. The
ensemble of a fold and a seed is the mean of the probabilities of its cells, as in the table of
cells; it exists where at least two cells have a result. Failed trials are left out.
"""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from digits.workflow import job
from digits.core import command_line
from digits.core.class_labels import add_classes
from digits.core.design import CELL, ENSEMBLE, TRIAL, model_name, trial_of
from digits.core.tables import label_classes, write_table
from digits.evaluation.calibration import RELIABILITY, expected_calibration_error, reliability
from digits.evaluation.misclassified import (
    CONFUSED,
    HARDEST,
    answers,
    confused_pairs,
    hardest_images,
)
from digits.evaluation.predictions import LABELLED, mean_probabilities, read_probabilities
from digits.evaluation.trials import has_failed, read_metrics

MODEL = ["model", *CELL]
"""The columns of a model: a cell, or several cells together, whose levels are empty."""

NO_CELL = (pd.NA,) * len(CELL)
TOGETHER = (ENSEMBLE, *NO_CELL)
"""The ensemble, as a model."""

EACH = ("all", *NO_CELL)
"""All trials, each with its own predictions."""

ERROR = ["predictions", "accuracy", "confidence", "ece"]
Models = list[tuple[tuple, pd.DataFrame]]


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--metrics", type=Path, nargs="+", required=True)
    parser.add_argument("--predictions", type=Path, nargs="+", required=True, help="same order")
    add_classes(parser)
    for table in ("calibration", "ece", "confused", "hardest"):
        parser.add_argument(f"--{table}", type=Path, required=True, help="CSV to write")
    arguments = parser.parse_args(argv)

    metrics = [read_metrics(path) for path in arguments.metrics]
    pairs = zip(metrics, arguments.predictions, strict=True)
    results = [(trial, path) for trial, path in pairs if not has_failed(trial)]
    models, each, hardest = [], [], pd.DataFrame(columns=HARDEST)
    if results:
        trials, ensemble, mean = read_answers(results, len(arguments.classes))
        cells = [((model_name(cell), *cell), rows) for cell, rows in trials.groupby(CELL)]
        models, each = [*cells, *((TOGETHER, rows) for rows in ensemble)], [(EACH, trials)]
        hardest = hardest_images(trials, mean)
    write_table(arguments.calibration, tabulate(curve, models, RELIABILITY))
    write_table(arguments.ece, tabulate(error, models, ERROR))
    confused = tabulate(confusions, each + models, CONFUSED)
    write_table(arguments.confused, label_classes(confused, arguments.classes))
    write_table(arguments.hardest, label_classes(hardest, arguments.classes))


def read_answers(
    results: list[tuple[dict, Path]], classes: int
) -> tuple[pd.DataFrame, list[pd.DataFrame], pd.DataFrame]:
    """Read the trials' predictions, given with their metrics, and average them on each fold.

    Returns
    -------
    trials : the predictions of each trial, with the columns of the trial
    ensemble : those of the ensembles of all folds and seeds, in one table; empty without any
    mean : those of the mean of all trials on a fold, with the fold
    """
    results = sorted(results, key=lambda result: trial_of(result[0]))
    trials, ensembles, means = [], [], []
    for fold in sorted({trial["fold"] for trial, _ in results}):
        seen = [(trial, path) for trial, path in results if trial["fold"] == fold]
        paths = [path for _, path in seen]
        tables = [read_probabilities(path, LABELLED, classes) for path in paths]
        means.append(answers(*mean_probabilities(tables, paths)).assign(fold=fold))
        seeds: dict[int, list] = {}
        for (trial, _), table in zip(seen, tables, strict=True):
            trials.append(answers(*table).assign(**{name: trial[name] for name in TRIAL}))
            seeds.setdefault(trial["seed"], []).append(table)
        together = [cells for cells in seeds.values() if len(cells) > 1]
        ensembles += [answers(*mean_probabilities(cells)) for cells in together]
    ensemble = [pd.concat(ensembles, ignore_index=True)] if ensembles else []
    return pd.concat(trials, ignore_index=True), ensemble, pd.concat(means, ignore_index=True)


def tabulate(
    evaluate: Callable[[pd.DataFrame], pd.DataFrame], models: Models, columns: list[str]
) -> pd.DataFrame:
    """Evaluate the predictions of models and concatenate the tables, the model in front.

    ``columns`` are those of ``evaluate``, for a table without rows.
    """
    tables = [pd.DataFrame(columns=[*MODEL, *columns])]
    for model, rows in models:
        table = evaluate(rows)
        for position, (name, value) in enumerate(zip(MODEL, model, strict=True)):
            table.insert(position, name, value)
        tables.append(table.astype(dict.fromkeys(CELL, "Int64")))
    return pd.concat(tables[1:] or tables, ignore_index=True)


def curve(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the reliability curve of predictions."""
    return reliability(rows["confidence"].to_numpy(), correct(rows))


def error(rows: pd.DataFrame) -> pd.DataFrame:
    """Return accuracy, mean confidence and calibration error of predictions, in one row."""
    values = (
        len(rows),
        correct(rows).mean(),
        rows["confidence"].mean(),
        expected_calibration_error(curve(rows)),
    )
    return pd.DataFrame([values], columns=ERROR)


def confusions(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the confused pairs of classes."""
    return confused_pairs(rows["label"].to_numpy(), rows["predicted"].to_numpy())


def correct(rows: pd.DataFrame) -> pd.Series:
    """Return which predictions are correct."""
    return rows["predicted"] == rows["label"]


if __name__ == "__main__":
    job.run(main)
