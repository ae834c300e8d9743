"""The program tabulate_classes."""

import json

import numpy as np
import pandas as pd
import pytest

import tabulate_classes
from digits.evaluation.predictions import write_probabilities
from digits.evaluation.trials import RESULTS


def write(folder, name, trial, truth, predicted):
    metrics = (
        dict.fromkeys(RESULTS, 0)
        | {"device": "CPU"}
        | dict(zip(("layers", "nodes", "fold", "seed"), trial, strict=True))
    )
    (folder / f"{name}.json").write_text(json.dumps(metrics))
    probabilities = 0.1 + 0.7 * np.eye(3, dtype=np.float32)[predicted]
    keys = {"row": np.arange(len(truth)), "label": np.array(truth, dtype=np.uint8)}
    write_probabilities(folder / f"{name}.parquet", keys, probabilities)


def tabulate(folder, names):
    tabulate_classes.main(
        ["--metrics", *(f"{folder}/{name}.json" for name in names),
         "--predictions", *(f"{folder}/{name}.parquet" for name in names),
         "--classes=3", "--class-table", f"{folder}/classes.csv",
         "--confusion", f"{folder}/confusion.csv"]
    )  # fmt: skip
    return (folder / "classes.csv").read_text(), (folder / "confusion.csv").read_text()


@pytest.fixture
def trials(tmp_path):
    write(tmp_path, "a", (10, 100, 0, 422), [0, 1, 2, 2], [0, 1, 2, 2])
    # Class 0 is found 1 time of 2, class 1 once of 2, class 2 never; 2 of 4 zeros are said wrongly.
    write(tmp_path, "b", (2, 100, 0, 422), [0, 0, 1, 1, 2], [0, 1, 1, 0, 0])
    return tmp_path


def test_the_tables_are_as_computed_by_hand(trials):
    classes, confusion = tabulate(trials, "ab")
    third, f1 = 1 / 3, 0.4  # of class 0: precision 1/3, recall 1/2
    assert classes.splitlines()[:4] == [
        "layers,nodes,fold,seed,label,precision,recall,f1,support",
        f"2,100,0,422,0,{third},0.5,{f1},2",
        "2,100,0,422,1,0.5,0.5,0.5,2",
        "2,100,0,422,2,0.0,0.0,0.0,1",
    ]
    assert classes.splitlines()[4:] == [
        "10,100,0,422,0,1.0,1.0,1.0,1",
        "10,100,0,422,1,1.0,1.0,1.0,1",
        "10,100,0,422,2,1.0,1.0,1.0,2",
    ]
    lines = confusion.splitlines()
    assert lines[0] == "layers,nodes,fold,seed,label,predicted,count"
    counts = [1, 1, 0, 1, 1, 0, 1, 0, 0]
    pairs = [(label, predicted) for label in range(3) for predicted in range(3)]
    assert lines[1:10] == [
        f"2,100,0,422,{label},{predicted},{count}"
        for (label, predicted), count in zip(pairs, counts, strict=True)
    ]


def test_the_order_of_the_trials_does_not_matter(trials):
    assert tabulate(trials, "ab") == tabulate(trials, "ba")


def test_confusions_add_up_to_the_validation_images(trials):
    tabulate(trials, "ab")
    table = pd.read_csv(trials / "confusion.csv")
    assert table.groupby("layers")["count"].sum().to_dict() == {2: 5, 10: 4}


def fail(trials, name):
    path = trials / f"{name}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"failed": "epoch 1: nan"}))


def test_trials_that_failed_are_left_out(trials):
    alone = tabulate(trials, "a")
    fail(trials, "b")
    assert tabulate(trials, "ab") == alone


def test_if_all_trials_failed_the_tables_have_headers_alone(trials):
    fail(trials, "a")
    fail(trials, "b")
    assert tabulate(trials, "ab") == (
        "layers,nodes,fold,seed,label,precision,recall,f1,support\n",
        "layers,nodes,fold,seed,label,predicted,count\n",
    )


def test_tables_of_some_trials_are_headed_as_those_of_none(trials):
    headers = [table.splitlines()[0] for table in tabulate(trials, "ab")]
    fail(trials, "a")
    fail(trials, "b")
    assert [table.splitlines()[0] for table in tabulate(trials, "ab")] == headers
