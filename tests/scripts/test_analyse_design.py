import json

import numpy as np
import pandas as pd
import pytest

import analyse_design
import plot_effects
from digits.analysis.conclusions import answer
from digits.core.errors import DataError
from digits.core.tables import write_table
from digits.evaluation.predictions import write_probabilities
from digits.evaluation.trials import results_table

CELLS = [(2, 100), (2, 200), (3, 100), (3, 200)]
IMAGES, CLASSES = 90, 3


def write_trial(folder, cell, fold, generator, failed=False) -> dict:
    """Write a trial's metrics and predictions, those empty if it failed; return its metrics."""
    layers, nodes = cell
    metrics = {"layers": layers, "nodes": nodes, "fold": fold, "seed": 1, "epochs": 2}
    metrics |= {"training_seconds": 9.0, "cpu_seconds": 8.0 * layers, "accuracy": 0.8}
    metrics |= {"val_accuracy": 0.8, "val_loss": 0.5, "best_epoch": 2, "best_val_accuracy": 0.8}
    metrics |= {"parameters": layers * nodes, "images_per_second": 5, "device": "CPU"}
    metrics |= {"failed": "epoch 1: the loss is nan" if failed else None}
    folder.mkdir()
    (folder / "metrics.json").write_text(json.dumps(metrics))
    label = np.arange(IMAGES) % CLASSES
    wrong = generator.random(IMAGES) < 40 / nodes / layers
    probabilities = np.full((IMAGES, CLASSES), 0.1, np.float32)
    probabilities[np.arange(IMAGES), (label + wrong) % CLASSES] = 0.8
    keys = {"row": np.arange(IMAGES) + 1000 * fold, "label": label}
    write_probabilities(folder / "validation.parquet", keys, probabilities)
    if failed:
        (folder / "validation.parquet").write_bytes(b"")
    return metrics


@pytest.fixture
def prepare(tmp_path):
    """Write an experiment; give the arguments of the program."""

    def run(folds=(0,), failed=()) -> list[str]:
        generator = np.random.default_rng(7)
        trials, folders = [], []
        for cell in CELLS:
            for fold in folds:
                folders.append(tmp_path / f"{cell[0]}-{cell[1]}-{fold}")
                trials.append(write_trial(folders[-1], cell, fold, generator, cell in failed))
        write_table(tmp_path / "results.csv", results_table(trials, {}))
        return [
            *("--results", str(tmp_path / "results.csv")),
            *("--metrics", *(str(folder / "metrics.json") for folder in folders)),
            *("--predictions", *(str(folder / "validation.parquet") for folder in folders)),
            *("--splits", "5"),
            *("--cells", str(tmp_path / "cells.csv")),
            *("--effects", str(tmp_path / "effects.csv")),
            *("--comparisons", str(tmp_path / "comparisons.csv")),
        ]

    return run


def tables(folder) -> list[pd.DataFrame]:
    return [pd.read_csv(folder / f"{name}.csv") for name in ("cells", "effects", "comparisons")]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("folds", [(0,), (0, 1, 2)])
@pytest.mark.parametrize("failed", [(), [(3, 200)], CELLS])
def test_whatever_the_design_there_are_tables_plots_and_an_answer(prepare, tmp_path, folds, failed):
    analyse_design.main(prepare(folds, failed))
    cells, effects, comparisons = tables(tmp_path)
    ours = cells[cells["model"] != "ensemble"]
    assert ours["model"].tolist() == ["2L100N", "2L200N", "3L100N", "3L200N"]
    ended = len(CELLS) - len(failed)
    assert ours["accuracy"].notna().sum() == ended
    assert cells["pick"].sum() == min(ended, 1)
    assert (cells["model"] == "ensemble").any() == (ended > 1)
    tests = 1 if len(folds) == 1 else 2
    assert len(comparisons) == tests * (ended * (ended - 1) // 2 + (ended > 1))
    assert ("anova" in set(effects["kind"])) == (len(folds) > 1 and ended > 0)
    assert len(answer(cells, effects, comparisons)) >= 1
    options = [f"--{name}={tmp_path / name}.csv" for name in ("cells", "effects", "comparisons")]
    names = ("effects-plot", "differences", "cost", "published")
    plot_effects.main([*options, *(f"--{name}={tmp_path / name}.svg" for name in names)])
    assert len(list(tmp_path.glob("*.svg"))) == 4


def test_the_order_of_the_trials_does_not_matter(prepare, tmp_path):
    arguments = prepare((0, 1))
    analyse_design.main(arguments)
    first = [path.read_bytes() for path in sorted(tmp_path.glob("*.csv"))]
    metrics, predictions, splits = map(arguments.index, ("--metrics", "--predictions", "--splits"))
    arguments[metrics + 1 : predictions] = reversed(arguments[metrics + 1 : predictions])
    arguments[predictions + 1 : splits] = reversed(arguments[predictions + 1 : splits])
    analyse_design.main(arguments)
    assert [path.read_bytes() for path in sorted(tmp_path.glob("*.csv"))] == first


def test_published_accuracies_are_compared_with_the_last_epoch(prepare, tmp_path):
    published = tmp_path / "published"
    published.mkdir()
    (published / "results.csv").write_text("layers,nodes,val_accuracy\n2,100,0.8\n3,200,0.1\n")
    analyse_design.main([*prepare(), "--published", str(published)])
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
        analyse_design.main([*prepare(), "--published", str(published)])
    assert not (tmp_path / "cells.csv").exists()
