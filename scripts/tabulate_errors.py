"""Tabulate calibration and errors of the networks on their validation parts.

Four tables: reliability curves, calibration errors and confused classes of each cell, pooled over
its trials, and of the ensemble, pooled likewise; and the images that any trial misclassifies. The
ensemble of a fold and a seed is the mean of the probabilities of its cells, as in the table of
cells; it exists where at least two cells have a result. Failed trials are left out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from digits.workflow import job
from digits.core import command_line
from digits.core.class_labels import add_classes
from digits.core.design import ENSEMBLE, Cell, Design
from digits.core.frames import pd
from digits.core.results_folder import ResultsFolder
from digits.core.tables import label_classes, write_table
from digits.evaluation.calibration import (
    RELIABILITY,
    expected_calibration_error,
    expected_if_calibrated,
    reliability,
)
from digits.evaluation.misclassified import (
    CONFUSED,
    answers,
    confused_pairs,
    hardest_columns,
    hardest_images,
)
from digits.evaluation.predictions import LABELLED, RunningMean, read_probabilities
from digits.evaluation.trial_tables import with_trials
from digits.evaluation.trials import has_failed, read_all_metrics

EACH = "all"
"""All trials, each with its own predictions, as a model."""

SEEN = ["label", "predicted", "confidence"]
ERROR = ["predictions", "accuracy", "confidence", "ece", "expected_ece"]
Models = list[tuple[str, pd.DataFrame]]


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    command_line.add_results(parser)
    add_classes(parser)
    for table in ("calibration", "ece", "confused", "hardest"):
        parser.add_argument(f"--{table}", type=Path, required=True, help="CSV to write")
    arguments = parser.parse_args(argv)

    folder = ResultsFolder.of(arguments.results, arguments.design)
    design, found = folder.design, read_answers(folder, len(arguments.classes))
    models = [*found.cells.items(), *found.ensemble.items()]
    each = [(EACH, pd.concat(found.cells.values(), ignore_index=True))] if found.cells else []
    write_table(arguments.calibration, tabulate(curve, models, RELIABILITY, design))
    write_table(arguments.ece, tabulate(error, models, ERROR, design))
    confused = tabulate(confusions, each + models, CONFUSED, design)
    write_table(arguments.confused, label_classes(confused, arguments.classes))
    write_table(arguments.hardest, label_classes(found.hardest, arguments.classes))


@dataclass
class Answers:
    """What the networks answered to the validation images.

    Attributes
    ----------
    cells : label, predicted class and confidence of the predictions of each cell's trials
    ensemble : those of the ensembles of all folds and seeds, under its name; empty without any
    hardest : see :func:`digits.evaluation.misclassified.hardest_images`
    """

    cells: dict[str, pd.DataFrame]
    ensemble: dict[str, pd.DataFrame]
    hardest: pd.DataFrame


def read_answers(folder: ResultsFolder, classes: int) -> Answers:
    """Read the predictions of all trials, one after the other, and average them on each fold."""
    design = folder.design
    cells: dict[str, list[pd.DataFrame]] = {}
    ensembles, means = [], []
    done, wrong = [], []
    trials = list(zip(design.trials, read_all_metrics(folder), strict=True))
    for fold in design.folds:
        seeds: dict[int, RunningMean] = {}
        mean = None
        for trial, metrics in trials:
            if metrics["fold"] != fold or has_failed(metrics):
                continue
            path = folder.validation(trial)
            keys, probabilities = read_probabilities(path, LABELLED, classes)
            fresh = path, keys, probabilities.shape
            mean = mean or RunningMean(*fresh)
            seed = seeds.setdefault(metrics["seed"], RunningMean(*fresh))
            for each in (mean, seed):
                each.add(path, keys, probabilities)
            table = answers(keys, probabilities)
            model = design.model_name(design.cell_of(metrics))
            cells.setdefault(model, []).append(table[SEEN])
            errors = table[table["predicted"] != table["label"]]
            wrong.append(errors)
            done.append(metrics)
        if mean:
            together = answers(mean.keys, mean.probabilities)
            means.append(together.assign(fold=fold, trials=mean.count))
        several = [each for each in seeds.values() if each.count > 1]
        ensembles += [answers(each.keys, each.probabilities)[SEEN] for each in several]
    hardest = pd.DataFrame(columns=hardest_columns(design))
    if means:
        lengths = [len(errors) for errors in wrong]
        mistakes = with_trials(pd.concat(wrong, ignore_index=True), done, lengths, design)
        hardest = hardest_images(mistakes, pd.concat(means), design)
    return Answers(
        {
            name: pd.concat(cells[name], ignore_index=True)
            for name in design.models
            if name in cells
        },
        {ENSEMBLE: pd.concat(ensembles, ignore_index=True)} if ensembles else {},
        hardest,
    )


def tabulate(
    evaluate: Callable[[pd.DataFrame], pd.DataFrame],
    models: Models,
    columns: list[str],
    design: Design,
) -> pd.DataFrame:
    """Evaluate the predictions of models and concatenate the tables, the model in front.

    The levels of a model that is no cell are empty.

    Parameters
    ----------
    columns : those of ``evaluate``, for a table without rows
    """
    names = ["model", *design.cell_columns]
    levels: dict[str, Cell] = design.models
    empty = (pd.NA,) * len(design.factors)
    tables = []
    for model, rows in models:
        table = evaluate(rows)
        values = dict(zip(names, (model, *levels.get(model, empty)), strict=True))
        front = pd.DataFrame(values, table.index)
        whole = [name for name, kind in design.kinds.items() if kind is int]
        tables.append(pd.concat([front.astype(dict.fromkeys(whole, "Int64")), table], axis=1))
    if not tables:
        return pd.DataFrame(columns=[*names, *columns])
    return pd.concat(tables, ignore_index=True)


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
        expected_if_calibrated(rows["confidence"].to_numpy()),
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
