import json
import tracemalloc
from itertools import product

import numpy as np
import pandas as pd
import pytest

import analyse_design
from digits.analysis.conclusions import answer
from digits.core.design import Design
from digits.core.errors import DataError
from digits.core.results_folder import ResultsFolder
from digits.core.tables import write_table
from digits.evaluation.predictions import write_probabilities
from digits.evaluation.trial_tables import results_table
from digits.evaluation.trials import read_all_metrics

IMAGES, CLASSES = 90, 3
TWO = {"layers": (2, 3), "nodes": (100, 200)}
THREE = {**TWO, "optimizer": ("sgd", "adamw"), "dropout": (0.0, 0.1, 0.2)}


def write_trial(folder, trial, generator, failed=False, images=IMAGES) -> None:
    """Write a trial's metrics and predictions, those empty if it failed."""
    levels = dict(zip(folder.design.trial_columns, trial, strict=True))
    layers, nodes = levels["layers"], levels["nodes"]
    metrics = levels | {"epochs": 2, "versions": {}}
    metrics |= {"training_seconds": 9.0, "cpu_seconds": 8.0 * layers, "accuracy": 0.8}
    metrics |= {"val_accuracy": 0.8, "val_loss": 0.5, "best_epoch": 2, "best_val_accuracy": 0.8}
    metrics |= {"parameters": layers * nodes, "images_per_second": 5, "device": "CPU"}
    metrics |= {"failed": "epoch 1: the loss is nan" if failed else None}
    path = folder.metrics(trial)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(metrics))
    label = np.arange(images) % CLASSES
    wrong = generator.random(images) < 40 / nodes / layers
    probabilities = np.full((images, CLASSES), 0.1, np.float32)
    probabilities[np.arange(images), (label + wrong) % CLASSES] = 0.8
    keys = {"row": np.arange(images) + 100_000 * levels["fold"], "label": label}
    write_probabilities(folder.validation(trial), keys, probabilities)
    if failed:
        folder.validation(trial).write_bytes(b"")


@pytest.fixture
def prepare(tmp_path):
    """Write an experiment; give its design and the arguments of the program."""

    def run(factors=TWO, folds=(0,), *, seeds=(1,), failed=(), exclude=(), images=IMAGES):
        design = Design(factors, folds=folds, seeds=seeds, exclude=exclude)
        folder = ResultsFolder(tmp_path / "results", design)
        generator = np.random.default_rng(7)
        for trial in design.trials:
            write_trial(folder, trial, generator, trial[:2] in failed, images)
        (folder.path / "design.json").write_text(design.as_text())
        table = results_table(read_all_metrics(folder), {}, design)
        write_table(tmp_path / "results.csv", table)
        names = ("cells", "effects", "comparisons")
        return design, [
            *("--results", str(folder.path), "--design", str(folder.path / "design.json")),
            *("--table", str(tmp_path / "results.csv"), "--splits", "5", "--margin", "0.005"),
            *(f"--{name}={tmp_path / name}.csv" for name in names),
        ]

    return run


def tables(folder) -> list[pd.DataFrame]:
    return [pd.read_csv(folder / f"{name}.csv") for name in ("cells", "effects", "comparisons")]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("folds", [(0,), (0, 1, 2)])
@pytest.mark.parametrize("failed", [(), [(3, 200)], [(2, 100), (2, 200), (3, 100), (3, 200)]])
def test_whatever_failed_there_are_tables_and_an_answer(prepare, tmp_path, folds, failed):
    design, arguments = prepare(folds=folds, failed=failed)
    analyse_design.main(arguments)
    cells, effects, comparisons = tables(tmp_path)
    ours = cells[cells["model"] != "ensemble"]
    assert ours["model"].tolist() == ["2L100N", "2L200N", "3L100N", "3L200N"]
    ended = 4 - len(failed)
    assert ours["accuracy"].notna().sum() == ended
    assert cells["pick"].sum() == min(ended, 1)
    assert (cells["model"] == "ensemble").any() == (ended > 1)
    pairs = ended * (ended - 1) // 2 + (ended > 1)
    assert comparisons["decides"].astype(bool).sum() == pairs
    assert len(comparisons) == pairs * (1 if len(folds) == 1 else 2)
    assert ("anova" in set(effects["kind"])) == (len(folds) > 1 and ended > 0)
    assert len(answer(cells, effects, comparisons, design)) >= 1


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("folds", [(0,), (0, 1)])
def test_designs_of_several_factors_with_excluded_cells_are_analysed(prepare, tmp_path, folds):
    excluded = {"layers": 2, "optimizer": "sgd", "dropout": 0.2}
    design, arguments = prepare(THREE, folds, exclude=(excluded,))
    analyse_design.main(arguments)
    cells, effects, comparisons = tables(tmp_path)
    assert len(cells) == 22 + 1
    assert cells["optimizer"].iloc[2] == "adamw"
    assert set(comparisons["first"]) <= {"ensemble", *design.models}
    assert len(comparisons[comparisons["decides"]]) == 21 + 1  # with the best, and the ensemble
    levels = effects[effects["kind"] == "marginal"].groupby("term")["level"].apply(list)
    assert levels["dropout"] == ["0", "0.1"]
    said = answer(cells, effects, comparisons, design)
    assert "over the 16 of 22 cells that are completely crossed" in " ".join(said)


def test_a_design_of_one_cell_is_analysed(prepare, tmp_path):
    design, arguments = prepare({"layers": (2,), "nodes": (100,)}, folds=(0, 1))
    analyse_design.main(arguments)
    cells, effects, comparisons = tables(tmp_path)
    assert cells["pick"].tolist() == [True]
    assert len(answer(cells, effects, comparisons, design)) == 1
    assert comparisons.empty


def test_predictions_are_read_one_trial_after_the_other(prepare):
    _, arguments = prepare(TWO, folds=(0,), seeds=tuple(range(12)), images=3000)
    analyse_design.main(arguments)  # what is imported or compiled only once
    peaks = []
    for _ in range(2):  # in one of them, Python's table of interned strings may double
        tracemalloc.start()
        analyse_design.main(arguments)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    predictions = 48 * 3000 * CLASSES * 4  # bytes; outcomes have 8 per image and model
    assert min(peaks) < 12 * 3000 * 5 * 8 * 4 + predictions / 4


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("folds", [(0,), (0, 1)])
def test_published_accuracies_of_cells_that_failed_are_not_compared(prepare, tmp_path, folds):
    published = tmp_path / "published"
    published.mkdir()
    (published / "results.csv").write_text("layers,nodes,val_accuracy\n2,100,0.8\n3,200,0.1\n")
    for failed, compared in (([(3, 200)], 1), (tuple(product((2, 3), (100, 200))), 0)):
        arguments = prepare(folds=folds, failed=failed)[1]
        analyse_design.main([*arguments, "--published", str(published)])
        assert len(tables(tmp_path)[2].query("test == 'published'")) == compared


def test_published_accuracies_are_compared_with_the_last_epoch(prepare, tmp_path):
    published = tmp_path / "published"
    published.mkdir()
    (published / "results.csv").write_text("layers,nodes,val_accuracy\n2,100,0.8\n3,200,0.1\n")
    analyse_design.main([*prepare()[1], "--published", str(published)])
    rows = tables(tmp_path)[2].query("test == 'published'")
    assert rows["first"].tolist() == ["2L100N", "3L200N"]
    assert rows["difference"].tolist() == pytest.approx([0, 0.7])
    assert (rows["low"] > 0).tolist() == [False, True]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("layers,nodes\n2,100\n", r"results\.csv: no column 'val_accuracy'"),
        ("layers,nodes,val_accuracy\n2,100,97.5\n", r"row 2, column val_accuracy: .* found 97\.5"),
    ],
)
def test_published_figures_that_are_no_shares_are_refused(prepare, tmp_path, text, message):
    published = tmp_path / "published"
    published.mkdir()
    (published / "results.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        analyse_design.main([*prepare()[1], "--published", str(published)])
    assert not (tmp_path / "cells.csv").exists()
