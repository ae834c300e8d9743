"""The program tabulate_errors."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from made_trials import MIXED, Trials, drawn, sure
from report_files import Files

import tabulate_errors
from digits.core.design import Design
from digits.core.errors import DataError
from digits.core.tables import read_table

TABLES = ("calibration", "ece", "confused", "hardest")
HEADERS = {
    "calibration": "model,layers,nodes,bin,low,high,count,confidence,accuracy,"
    "accuracy_low,accuracy_high",
    "ece": "model,layers,nodes,predictions,accuracy,confidence,ece,expected_ece",
    "confused": "model,layers,nodes,label,predicted,count,share",
    "hardest": "fold,row,label,predicted,confidence,layers,nodes,seed,wrong,trials,"
    "ensemble,ensemble_confidence,label_probability",
}
DESIGN = Design({"layers": (2, 3), "nodes": (8,)}, folds=(0, 1), seeds=(1,))
A, B, C = (2, 8, 0, 1), (3, 8, 0, 1), (2, 8, 1, 1)
ANSWERS = {
    A: ([0, 1, 1], [[0.75, 0.25], [0.625, 0.375], [0.25, 0.75]]),
    B: ([0, 1, 1], [[0.875, 0.125], [0.25, 0.75], [0.25, 0.75]]),
    C: ([0], [[0.25, 0.75]]),
}
"""Two cells; only the first ended on the second fold, with other images."""


def tabulate(trials, classes=2):
    paths = {table: trials.path / f"tables/{table}.csv" for table in TABLES}
    options = [f"--{table}={path}" for table, path in paths.items()]
    tabulate_errors.main([*trials.given, f"--classes={classes}", *options])
    return {table: path.read_bytes() for table, path in paths.items()}


def answered(folder, design=DESIGN, only=tuple(ANSWERS)):
    """Write the trials of the design that are among some; others have failed."""
    trials = Trials(folder, design)
    for trial in {*only} & {*design.trials}:
        trials.write(trial)
        trials.answer(trial, *ANSWERS[trial], first=3 * trial[2])
    return trials


@pytest.fixture
def trials(tmp_path):
    return answered(tmp_path)


def test_cells_are_pooled_over_their_trials_and_the_ensemble_is_their_mean_where_two_ended(trials):
    tabulate(trials)
    ece = pd.read_csv(trials.path / "tables/ece.csv").set_index("model")
    assert ece.index.tolist() == ["2L8N", "3L8N", "ensemble"]
    assert ece["predictions"].tolist() == [4, 3, 3]
    assert ece["accuracy"].tolist() == [0.5, 1, 1]
    # Of the second image the mean is 0.4375 and 0.5625, which is right.
    assert ece.loc["ensemble", "confidence"] == (0.8125 + 0.5625 + 0.75) / 3
    assert ece["layers"].tolist()[:2] == [2, 3]
    assert np.isnan(ece.loc["ensemble", "layers"])
    # 2 x 8: 0.75 three times, twice of them right; 0.625 once, wrong.
    assert ece.loc["2L8N", "ece"] == pytest.approx(3 / 4 * (0.75 - 2 / 3) + 1 / 4 * 0.625)
    curves = pd.read_csv(trials.path / "tables/calibration.csv")
    assert curves.groupby("model")["count"].sum().to_dict() == ece["predictions"].to_dict()
    # A bin for each confidence, as there are fewer than 15.
    assert curves.groupby("model").size().tolist() == [2, 2, 3]
    # Were 2 x 8 calibrated, its hits would be binomial: 3 at 0.75, and 1 at 0.625.
    expected = (40.5 / 64 + 2 * 0.625 * 0.375) / 4
    assert ece.loc["2L8N", "expected_ece"] == pytest.approx(expected, rel=0.1)


def test_confusions_and_images_are_as_counted_by_hand(trials):
    tables = tabulate(trials)
    assert tables["confused"].decode().splitlines()[1:] == [
        "all,,,0,1,1,0.3333333333333333",  # of the zeros, two are row 0 and one is row 3
        "all,,,1,0,1,0.25",
        "2L8N,2,8,0,1,1,0.5",
        "2L8N,2,8,1,0,1,0.5",
    ]
    assert tables["hardest"].decode().splitlines()[1:] == [
        "1,3,0,1,0.75,2,8,1,1,1,1,0.75,0.25",
        "0,1,1,0,0.625,2,8,1,1,2,1,0.5625,0.5625",
    ]


def test_every_table_has_its_columns(trials):
    tables = tabulate(trials)
    assert {name: table.decode().splitlines()[0] for name, table in tables.items()} == HEADERS


def test_the_order_of_the_levels_is_that_of_the_cells_and_changes_nothing_else(tmp_path):
    turned = Design({"layers": (3, 2), "nodes": (8,)}, folds=(0, 1), seeds=(1,))
    one, other = tabulate(answered(tmp_path / "a")), tabulate(answered(tmp_path / "b", turned))
    assert other["hardest"] == one["hardest"]
    assert other["ece"].splitlines()[1].startswith(b"3L8N,")
    for name in TABLES:
        assert sorted(other[name].splitlines()) == sorted(one[name].splitlines())


def test_trials_that_failed_are_left_out(tmp_path):
    alone = Design({"layers": (2,), "nodes": (8,)}, seeds=(1,))
    expected = tabulate(answered(tmp_path / "alone", alone))
    trials = answered(tmp_path / "all")
    trials.fail(B, C)
    assert tabulate(trials) == expected


@pytest.mark.filterwarnings("error")
def test_if_all_trials_failed_the_tables_have_headers_alone(trials):
    trials.fail(*ANSWERS)
    assert {name: table.decode() for name, table in tabulate(trials).items()} == {
        name: f"{header}\n" for name, header in HEADERS.items()
    }


@pytest.mark.filterwarnings("error")
def test_a_cell_without_mistakes_has_no_confusions(tmp_path):
    tables = tabulate(answered(tmp_path, only=[B]))
    for name in ("confused", "hardest"):
        assert tables[name].decode() == f"{HEADERS[name]}\n"
    assert pd.read_csv(tmp_path / "tables/ece.csv")["model"].tolist() == ["3L8N"]


def test_the_ensemble_is_that_of_the_table_of_cells(tmp_path):
    failed = ((2, 100, 0, 1), (3, 100, 1, 2))
    Files(tmp_path, folds=(0, 1), seeds=(1, 2), failed=failed).prepare()
    tables = {name: pd.read_csv(tmp_path / f"tables/{name}.csv") for name in ("cells", "ece")}
    found = [table.set_index("model").loc["ensemble", "accuracy"] for table in tables.values()]
    assert found[0] == pytest.approx(found[1], abs=1e-12)


def test_trials_of_a_fold_with_other_images_are_refused_and_nothing_is_written(trials):
    trials.answer(B, [0, 1, 1], [[0.5, 0.5]] * 3, first=1)
    place = r"layers-3_nodes-8/fold-0_seed-1/validation\.parquet, row 1, column row"
    with pytest.raises(DataError, match=rf"{place}: expected 0 as in .*layers-2_nodes-8"):
        tabulate(trials)
    assert not (trials.path / "tables").exists()


CONFIDENCE = {("sgd", 0.0): 0.9, ("adamw", 0.0): 0.8, ("adamw", 0.25): 0.7}
MODELS = {
    "2L8N_optimizer-sgd_dropout-0": ("sgd", 0.0),
    "2L8N_optimizer-adamw_dropout-0": ("adamw", 0.0),
    "2L8N_optimizer-adamw_dropout-0.25": ("adamw", 0.25),
}
LABELS = np.arange(30) % 3


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """Tables of cells of other factors, and the classes that they predicted, by cell and fold.

    A cell is always as sure, so it has one bin.
    """
    trials = Trials(tmp_path_factory.mktemp("mixed"), MIXED)
    predicted = {}
    for trial in MIXED.trials:
        _, _, *cell, fold, _ = trial
        predicted[*cell, fold] = drawn(trial, 30, 3)
        answers = sure(predicted[*cell, fold], 3, CONFIDENCE[tuple(cell)])
        trials.write(trial)
        trials.answer(trial, LABELS, answers, first=100 * fold)
    tabulate(trials, 3)
    paths = {name: trials.path / f"tables/{name}.csv" for name in TABLES}
    return {name: read_table(path, [], MIXED) for name, path in paths.items()}, predicted


def votes(predicted, fold, image):
    """Return the mean probability of each class for an image of a fold."""
    means = dict.fromkeys(range(3), 0.0)
    for cell, confidence in CONFIDENCE.items():
        for label in means:
            said = predicted[*cell, fold][image] == label
            means[label] += (confidence if said else (1 - confidence) / 2) / 3
    return means


def best(means):
    return max(means, key=means.get)


def test_cells_of_any_factors_are_judged_as_counted_one_by_one(mixed):
    tables, predicted = mixed
    ece = tables["ece"]
    assert ece["model"].tolist() == [*MODELS, "ensemble"]
    assert ece["optimizer"].tolist() == ["sgd", "adamw", "adamw", ""]
    assert ece["dropout"].tolist()[:3] == [0.0, 0.0, 0.25]
    ece = ece.set_index("model")
    assert ece["predictions"].tolist() == [60] * 4
    for model, cell in MODELS.items():
        right = sum(int((predicted[*cell, fold] == LABELS).sum()) for fold in (0, 1)) / 60
        assert ece.loc[model, "accuracy"] == right
        assert ece.loc[model, "confidence"] == pytest.approx(CONFIDENCE[cell])
        assert ece.loc[model, "ece"] == pytest.approx(abs(right - CONFIDENCE[cell]))
    every = [votes(predicted, fold, image) for fold in (0, 1) for image in range(30)]
    right = np.mean([best(means) == image % 3 for image, means in enumerate(every)])
    assert ece.loc["ensemble", "accuracy"] == right
    surest = np.mean([max(means.values()) for means in every])
    assert ece.loc["ensemble", "confidence"] == pytest.approx(surest)


def test_confusions_of_cells_of_any_factors_are_as_counted_one_by_one(mixed):
    tables, predicted = mixed
    found = {
        model: rows.set_index(["label", "predicted"])["count"].to_dict()
        for model, rows in tables["confused"].groupby("model", sort=False)
    }
    expected = {model: Counter() for model in ("all", *MODELS, "ensemble")}
    for fold in (0, 1):
        together = [best(votes(predicted, fold, image)) for image in range(30)]
        said = {model: predicted[*cell, fold] for model, cell in MODELS.items()}
        for model, classes in (*said.items(), ("ensemble", together)):
            pairs = zip(map(str, LABELS), map(str, classes), strict=True)
            expected[model].update(pair for pair in pairs if pair[0] != pair[1])
    expected["all"] = sum((expected[model] for model in MODELS), Counter())
    assert list(found) == list(expected)
    assert found == expected


def test_hard_images_name_the_surest_wrong_cell_of_any_factors(mixed):
    tables, predicted = mixed
    expected = []
    for fold in (0, 1):
        for image, label in enumerate(LABELS):
            wrong = [cell for cell in CONFIDENCE if predicted[*cell, fold][image] != label]
            if wrong:
                worst = max(wrong, key=CONFIDENCE.get)
                means = votes(predicted, fold, image)
                expected.append(
                    (-CONFIDENCE[worst], -len(wrong), fold, 100 * fold + image, *worst,
                     predicted[*worst, fold][image], best(means))
                )  # fmt: skip
    found = tables["hardest"]
    columns = ["fold", "row", "optimizer", "dropout", "predicted", "ensemble"]
    assert len(found) == len(expected) > 30
    for row, (confidence, wrong, *rest) in zip(
        found.to_dict("records"), sorted(expected, key=lambda each: each[:4]), strict=True
    ):
        assert row["confidence"] == pytest.approx(-confidence)
        assert (row["wrong"], row["trials"]) == (-wrong, 3)
        assert [str(row[name]) for name in columns] == [*map(str, rest)]
