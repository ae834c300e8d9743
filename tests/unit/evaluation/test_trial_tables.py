"""Histories of trials, validated when read; metrics and histories collected into tables."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_metrics import DESIGN, RESULTS, metrics

from digits.core.errors import DataError
from digits.core.intermediate_files import ADVICE
from digits.core.tables import write_table
from digits.evaluation.trial_tables import history_table, read_history, results_table

HISTORY = "epoch,seconds,accuracy,loss,val_accuracy,val_loss"


def history(epochs, start=0.0):
    columns = {name: np.arange(epochs) + start for name in HISTORY.split(",")}
    return pd.DataFrame(columns | {"epoch": range(1, epochs + 1)})


def test_results_have_the_agreed_columns_and_then_the_scores():
    table = results_table([metrics()], {(2, 100): 0.97}, DESIGN)
    assert list(table) == [*RESULTS.split(","), "score", "kaggle_score"]
    row = table.iloc[0]
    assert (row["device"], row["accuracy"], row["score"]) == ("CPU", 0.5, 0.97)
    assert np.isnan(row["kaggle_score"])


def test_results_are_sorted_by_number_whatever_the_order_of_the_trials():
    trials = [(5, 100, 0, 1), (10, 20, 0, 1), (2, 100, 1, 1), (2, 100, 0, 7), (2, 100, 0, 10),
              (2, 20, 3, 1)]  # fmt: skip
    table = results_table([metrics(*trial) for trial in trials], {}, DESIGN)
    assert list(table.iloc[:, :4].itertuples(index=False, name=None)) == sorted(trials)


def test_the_score_of_a_cell_stands_in_all_of_its_trials_and_nowhere_else():
    trials = [(2, 100, 0, 1), (2, 100, 1, 1), (3, 100, 0, 1), (5, 100, 0, 1)]
    scores = {(2, 100): 0.9, (3, 100): None}
    table = results_table([metrics(*trial) for trial in trials], scores, DESIGN)
    assert table["score"].iloc[:2].tolist() == [0.9, 0.9]
    assert table["score"].iloc[2:].isna().all()
    assert table["score"].dtype == float


def test_histories_are_headed_by_their_trial_and_sorted():
    table = history_table(
        [(metrics(5), history(2, 0.5)), (metrics(2, fold=1), history(11))], DESIGN
    )
    assert list(table) == ["layers", "nodes", "fold", "seed", *HISTORY.split(",")]
    keys = table[["layers", "fold", "epoch"]].itertuples(index=False, name=None)
    assert list(keys) == [*((2, 1, epoch) for epoch in range(1, 12)), (5, 0, 1), (5, 0, 2)]
    assert table["loss"].tolist() == [*range(11), 0.5, 1.5]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
@settings(deadline=None)
def test_a_history_is_read_to_the_last_digit(tmp_path_factory, numbers):
    path = tmp_path_factory.getbasetemp() / "history.csv"
    table = pd.DataFrame(dict.fromkeys(HISTORY.split(","), numbers))
    epochs = range(1, len(numbers) + 1)
    write_table(path, table.assign(epoch=epochs, accuracy=0.25, val_accuracy=0.5))
    assert read_history(path)["loss"].tolist() == numbers


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["1,1,0.1,2,0.1,2"] * 2, "row 3, column epoch: expected epochs that count from 1"),
        (["0,1,0.1,2,0.1,2"], "row 2, column epoch: expected epochs that count from 1"),
        (["1,1,7,2,0.1,2"], "row 2, column accuracy: expected a number from 0 to 1"),
        (["1,1,0.1,2,-0.1,2"], "row 2, column val_accuracy: expected a number from 0 to 1"),
        (["1,1,0.1,2,0.1,"], "row 2, column val_loss: expected a number"),
    ],
    ids=["an epoch twice", "epoch 0", "accuracy 7", "accuracy below 0", "empty"],
)
def test_a_history_that_cannot_be_is_refused_with_its_place(tmp_path, lines, reason):
    (tmp_path / "a.csv").write_text("\n".join([HISTORY, *lines, ""]))
    with pytest.raises(DataError, match=rf"a\.csv, {reason}.*{ADVICE}$"):
        read_history(tmp_path / "a.csv")


@pytest.mark.parametrize(
    "header", [f"{HISTORY},more", "seconds,epoch,accuracy,loss,val_accuracy,val_loss"]
)
def test_a_history_with_other_columns_is_refused(tmp_path, header):
    (tmp_path / "a.csv").write_text(f"{header}\n")
    with pytest.raises(
        DataError, match=rf"a\.csv: expected the columns {HISTORY.replace(',', ', ')}"
    ):
        read_history(tmp_path / "a.csv")


REACHED = ["accuracy", "val_accuracy", "val_loss", "best_epoch", "best_val_accuracy",
           "images_per_second", "score"]  # fmt: skip


@pytest.mark.parametrize("value", [1, None], ids=["after some epochs", "before the first"])
def test_a_trial_that_failed_has_its_costs_but_no_result(value, tmp_path):
    reached = dict.fromkeys(REACHED[:-1], value)
    trials = [metrics(), metrics(fold=1, failed="epoch 3: the loss is nan", **reached)]
    table = results_table(trials, {(2, 100): 0.97}, DESIGN)
    assert list(table) == [*RESULTS.split(","), "score", "kaggle_score"]
    good, failed = table.iloc[0], table.iloc[1]
    assert failed[REACHED].isna().all()
    assert good[REACHED].notna().all()
    assert failed.drop([*REACHED, "kaggle_score"]).notna().all()
    write_table(tmp_path / "results.csv", table)
    good, failed = (tmp_path / "results.csv").read_text().splitlines()[1:]
    assert good == "2,100,0,422,10,1.5,1.5,0.5,0.5,1.5,10,0.5,99,1000,CPU,0.97,"
    assert failed == "2,100,1,422,10,1.5,1.5,,,,,,99,,CPU,,"


def test_if_all_trials_failed_there_are_rows_without_results():
    trials = [metrics(fold=fold, failed="x") for fold in range(2)]
    table = results_table(trials, {(2, 100): None}, DESIGN)
    assert len(table) == 2
    assert table[REACHED].isna().all(axis=None)


@pytest.mark.filterwarnings("error")
def test_histories_without_epochs_leave_no_rows_and_change_no_types(tmp_path):
    (tmp_path / "a.csv").write_text(HISTORY + "\n")
    empty = read_history(tmp_path / "a.csv")
    table = history_table([(metrics(2), empty), (metrics(5), history(2))], DESIGN)
    assert table["layers"].tolist() == [5, 5]
    assert (table["epoch"].dtype, table["loss"].dtype) == (int, float)
    alone = history_table([(metrics(2), empty)], DESIGN)
    write_table(tmp_path / "b.csv", alone)
    assert (tmp_path / "b.csv").read_text() == f"layers,nodes,fold,seed,{HISTORY}\n"
