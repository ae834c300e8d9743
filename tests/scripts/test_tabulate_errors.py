"""The program tabulate_errors."""

import json

import numpy as np
import pandas as pd
import pytest
from report_files import Files

import tabulate_errors
from digits.core.errors import DataError
from digits.evaluation.predictions import write_probabilities
from digits.evaluation.trials import RESULTS

TABLES = ("calibration", "ece", "confused", "hardest")
HEADERS = {
    "calibration": "model,layers,nodes,bin,low,high,count,confidence,accuracy,"
    "accuracy_low,accuracy_high",
    "ece": "model,layers,nodes,predictions,accuracy,confidence,ece",
    "confused": "model,layers,nodes,label,predicted,count,share",
    "hardest": "fold,row,label,predicted,confidence,layers,nodes,seed,wrong,trials,"
    "ensemble,ensemble_confidence,label_probability",
}


def write(folder, name, trial, probabilities, label, *, first=0):
    keys = dict(zip(("layers", "nodes", "fold", "seed"), trial, strict=True))
    (folder / f"{name}.json").write_text(
        json.dumps(dict.fromkeys(RESULTS, 0) | {"device": "CPU"} | keys)
    )
    rows = {"row": np.arange(first, first + len(label)), "label": np.array(label, np.uint8)}
    write_probabilities(folder / f"{name}.parquet", rows, np.array(probabilities, np.float32))


def tabulate(folder, names):
    tabulate_errors.main(
        ["--metrics", *(f"{folder}/{name}.json" for name in names),
         "--predictions", *(f"{folder}/{name}.parquet" for name in names),
         "--classes=2", *(f"--{table}={folder}/{table}.csv" for table in TABLES)]
    )  # fmt: skip
    return {table: (folder / f"{table}.csv").read_bytes() for table in TABLES}


@pytest.fixture
def trials(tmp_path):
    # Two cells; the first has a second fold, on other images.
    write(tmp_path, "a", (2, 8, 0, 1), [[0.75, 0.25], [0.625, 0.375], [0.25, 0.75]], [0, 1, 1])
    write(tmp_path, "b", (3, 8, 0, 1), [[0.875, 0.125], [0.25, 0.75], [0.25, 0.75]], [0, 1, 1])
    write(tmp_path, "c", (2, 8, 1, 1), [[0.25, 0.75]], [0], first=3)
    return tmp_path


def test_cells_are_pooled_over_their_trials_and_the_ensemble_is_their_mean_where_two_ended(trials):
    tabulate(trials, "abc")
    ece = pd.read_csv(trials / "ece.csv").set_index("model")
    assert ece.index.tolist() == ["2L8N", "3L8N", "ensemble"]
    assert ece["predictions"].tolist() == [4, 3, 3]
    assert ece["accuracy"].tolist() == [0.5, 1, 1]
    # Of the second image the mean is 0.4375 and 0.5625, which is right.
    assert ece.loc["ensemble", "confidence"] == (0.8125 + 0.5625 + 0.75) / 3
    assert ece["layers"].tolist()[:2] == [2, 3]
    assert np.isnan(ece.loc["ensemble", "layers"])
    # 2 x 8: 0.75 three times, twice of them right; 0.625 once, wrong.
    assert ece.loc["2L8N", "ece"] == pytest.approx(3 / 4 * (0.75 - 2 / 3) + 1 / 4 * 0.625)
    curves = pd.read_csv(trials / "calibration.csv")
    assert curves.groupby("model")["count"].sum().to_dict() == ece["predictions"].to_dict()
    assert curves.groupby("model").size().tolist() == [15, 15, 15]


def test_confusions_and_images_are_as_counted_by_hand(trials):
    tables = tabulate(trials, "abc")
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
    tables = tabulate(trials, "abc")
    assert {name: table.decode().splitlines()[0] for name, table in tables.items()} == HEADERS


def test_the_order_of_the_trials_does_not_matter(trials):
    assert tabulate(trials, "abc") == tabulate(trials, "cba")


def fail(trials, name):
    path = trials / f"{name}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"failed": "epoch 1: nan"}))


def test_trials_that_failed_are_left_out(trials):
    alone = tabulate(trials, "a")
    fail(trials, "b")
    fail(trials, "c")
    assert tabulate(trials, "abc") == alone


@pytest.mark.filterwarnings("error")
def test_if_all_trials_failed_the_tables_have_headers_alone(trials):
    for name in "abc":
        fail(trials, name)
    tables = tabulate(trials, "abc")
    assert {name: table.decode() for name, table in tables.items()} == {
        name: f"{header}\n" for name, header in HEADERS.items()
    }


@pytest.mark.filterwarnings("error")
def test_a_cell_without_mistakes_has_no_confusions(trials):
    tables = tabulate(trials, "b")
    for name in ("confused", "hardest"):
        assert tables[name].decode() == f"{HEADERS[name]}\n"
    assert pd.read_csv(trials / "ece.csv")["model"].tolist() == ["3L8N"]


def test_the_ensemble_is_that_of_the_table_of_cells(tmp_path):
    failed = ((2, 100, 0, 1), (3, 100, 1, 2))
    Files(tmp_path, folds=(0, 1), seeds=(1, 2), failed=failed).prepare()
    tables = {name: pd.read_csv(tmp_path / f"tables/{name}.csv") for name in ("cells", "ece")}
    found = [table.set_index("model").loc["ensemble", "accuracy"] for table in tables.values()]
    assert found[0] == pytest.approx(found[1], abs=1e-12)


def test_trials_of_a_fold_with_other_images_are_refused_and_nothing_is_written(trials):
    write(trials, "b", (3, 8, 0, 1), [[0.5, 0.5]] * 3, [0, 1, 1], first=1)
    with pytest.raises(DataError, match=r"b\.parquet, row 1, column row: expected 0 as in"):
        tabulate(trials, "abc")
    assert not (trials / "ece.csv").exists()
