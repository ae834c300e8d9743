"""What trials leave behind: read with care and gathered into the tables that others rely on."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digits.errors import DataError
from digits.trials import (
    class_table,
    confusion_table,
    history_table,
    read_history,
    read_metrics,
    read_probabilities,
    results_table,
    write_probabilities,
    write_table,
)

RESULTS = (
    "layers,nodes,fold,seed,epochs,training_seconds,cpu_seconds,accuracy,val_accuracy,val_loss,"
    "best_epoch,best_val_accuracy,parameters,images_per_second,device"
)
HISTORY = "epoch,seconds,accuracy,loss,val_accuracy,val_loss"

# Three classes by hand: class 0 is found 2 times of 3, class 1 in 1 of 2, class 2 in 1 of 1.
TRUTH = np.array([0, 0, 0, 1, 1, 2])
PREDICTED = np.array([0, 0, 2, 1, 0, 2])


def metrics(layers=2, nodes=100, fold=0, seed=422, **others):
    trial = {"layers": layers, "nodes": nodes, "fold": fold, "seed": seed}
    values = dict.fromkeys(RESULTS.split(","), 1.5) | {"device": "CPU", "threads": 1}
    return values | trial | others


def history(epochs, start=0.0):
    columns = {name: np.arange(epochs) + start for name in HISTORY.split(",")}
    return pd.DataFrame(columns | {"epoch": range(1, epochs + 1)})


def test_results_have_the_agreed_columns_and_then_the_scores():
    table = results_table([metrics()], {(2, 100): 0.97})
    assert list(table) == [*RESULTS.split(","), "score", "kaggle_score"]
    row = table.iloc[0]
    assert (row["device"], row["accuracy"], row["score"]) == ("CPU", 1.5, 0.97)
    assert np.isnan(row["kaggle_score"])


def test_results_are_sorted_by_number_whatever_the_order_of_the_trials():
    trials = [(5, 100, 0, 1), (10, 20, 0, 1), (2, 100, 1, 1), (2, 100, 0, 7), (2, 100, 0, 10),
              (2, 20, 3, 1)]  # fmt: skip
    table = results_table([metrics(*trial) for trial in trials], {})
    assert list(table.iloc[:, :4].itertuples(index=False, name=None)) == sorted(trials)


def test_the_score_of_a_cell_stands_in_all_of_its_trials_and_nowhere_else():
    trials = [(2, 100, 0, 1), (2, 100, 1, 1), (3, 100, 0, 1), (5, 100, 0, 1)]
    scores = {(2, 100): 0.9, (3, 100): None}
    table = results_table([metrics(*trial) for trial in trials], scores)
    assert table["score"].iloc[:2].tolist() == [0.9, 0.9]
    assert table["score"].iloc[2:].isna().all()
    assert table["score"].dtype == float


def test_histories_are_headed_by_their_trial_and_sorted():
    table = history_table([(metrics(5), history(2, 0.5)), (metrics(2, fold=1), history(11))])
    assert list(table) == ["layers", "nodes", "fold", "seed", *HISTORY.split(",")]
    keys = table[["layers", "fold", "epoch"]].itertuples(index=False, name=None)
    assert list(keys) == [*((2, 1, epoch) for epoch in range(1, 12)), (5, 0, 1), (5, 0, 2)]
    assert table["loss"].tolist() == [*range(11), 0.5, 1.5]


def test_class_figures_are_those_computed_by_hand():
    table = class_table(TRUTH, PREDICTED, 3)
    assert list(table) == ["label", "precision", "recall", "f1", "support"]
    assert table["label"].tolist() == [0, 1, 2]
    assert table["support"].tolist() == [3, 2, 1]
    np.testing.assert_allclose(table["precision"], [2 / 3, 1 / 1, 1 / 2])
    np.testing.assert_allclose(table["recall"], [2 / 3, 1 / 2, 1 / 1])
    np.testing.assert_allclose(table["f1"], [2 / 3, 2 / 3, 2 / 3])


@pytest.mark.filterwarnings("error")
def test_a_class_that_is_never_true_or_never_predicted_has_zeros():
    table = class_table(np.array([0, 1]), np.array([0, 0]), 3).set_index("label")
    assert table.loc[1].tolist() == [0, 0, 0, 1]  # never predicted
    assert table.loc[2].tolist() == [0, 0, 0, 0]  # neither
    assert table.loc[0].tolist() == [0.5, 1, pytest.approx(2 / 3), 1]


def test_confusions_are_those_counted_by_hand():
    table = confusion_table(TRUTH, PREDICTED, 3)
    assert list(table) == ["label", "predicted", "count"]
    assert table.to_numpy().tolist() == [
        [0, 0, 2], [0, 1, 0], [0, 2, 1],
        [1, 0, 1], [1, 1, 1], [1, 2, 0],
        [2, 0, 0], [2, 1, 0], [2, 2, 1],
    ]  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=50))
@settings(deadline=None)
def test_confusions_and_class_figures_agree(pairs):
    truth, predicted = np.array(pairs).T
    confusion = confusion_table(truth, predicted, 5)
    assert len(confusion) == 25
    assert confusion["count"].sum() == len(pairs)
    classes = class_table(truth, predicted, 5)
    support = confusion.groupby("label")["count"].sum()
    assert support.tolist() == classes["support"].tolist()
    right = confusion.query("label == predicted")["count"].tolist()
    expected = [hits / count if count else 0 for hits, count in zip(right, support, strict=True)]
    np.testing.assert_allclose(classes["recall"], expected)


def test_a_table_is_written_in_shortest_exact_numbers_with_gaps_empty(tmp_path):
    table = pd.DataFrame({"a": [1, 2], "b": [0.1 + 0.2, np.nan], "c": ["x", "y"]})
    write_table(tmp_path / "a.csv", table)
    assert (tmp_path / "a.csv").read_bytes() == b"a,b,c\n1,0.30000000000000004,x\n2,,y\n"


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
@settings(deadline=None)
def test_a_history_is_read_to_the_last_digit(tmp_path_factory, numbers):
    path = tmp_path_factory.getbasetemp() / "history.csv"
    table = pd.DataFrame(dict.fromkeys(HISTORY.split(","), numbers))
    write_table(path, table.assign(epoch=range(len(numbers))))
    assert read_history(path)["loss"].tolist() == numbers


def test_the_columns_of_a_history_are_put_in_order(tmp_path):
    (tmp_path / "a.csv").write_text("val_loss,loss,epoch,seconds,val_accuracy,accuracy,x\n" * 2)
    assert list(read_history(tmp_path / "a.csv")) == HISTORY.split(",")


@pytest.mark.parametrize(
    "content",
    [None, b"", b"epoch,seconds\n1,2\n", b"a,b\n1,2\n1,2,3\n", b"\xff\xfe\x00", b"PAR1\x00"],
    ids=["missing", "empty", "columns missing", "ragged", "no text", "binary"],
)
def test_a_damaged_history_is_refused_by_name(tmp_path, content):
    if content is not None:
        (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(DataError, match=r"^\S+a\.csv: not a readable history \(.+run again$"):
        read_history(tmp_path / "a.csv")


def test_metrics_are_read_with_all_their_keys(tmp_path):
    expected = metrics(device="NVIDIA é")
    (tmp_path / "a.json").write_text(json.dumps(expected), encoding="utf-8")
    assert read_metrics(tmp_path / "a.json") == expected


@pytest.mark.parametrize("content", [None, b"", b"{", b"null", b"7", b"\xff", b'{"layers": 2'])
def test_damaged_metrics_are_refused_by_name(tmp_path, content):
    if content is not None:
        (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(DataError, match=r"^\S+a\.json: not readable JSON \(.+delete it and run"):
        read_metrics(tmp_path / "a.json")


@pytest.mark.parametrize("name", RESULTS.split(","))
def test_metrics_that_lack_a_column_of_the_results_are_refused(tmp_path, name):
    values = metrics()
    del values[name]
    (tmp_path / "a.json").write_text(json.dumps(values))
    with pytest.raises(DataError, match=rf"a\.json: no {name}; delete it and run again"):
        read_metrics(tmp_path / "a.json")


def test_other_records_need_only_the_keys_asked_for(tmp_path):
    (tmp_path / "a.json").write_text('{"layers": 2, "score": null}')
    assert read_metrics(tmp_path / "a.json", ["layers", "score"]) == {"layers": 2, "score": None}
    with pytest.raises(DataError, match=r"a\.json: no nodes"):
        read_metrics(tmp_path / "a.json", ["layers", "nodes"])


def test_probabilities_are_read_as_written_after_their_keys(tmp_path):
    probabilities = np.random.default_rng(1).random((4, 12), dtype=np.float32)
    keys = {"row": np.arange(4, dtype=np.int32), "label": np.arange(4, dtype=np.uint8)}
    for name in "ab":
        write_probabilities(tmp_path / f"{name}.parquet", keys, probabilities)
    found_keys, found = read_probabilities(tmp_path / "a.parquet")
    assert found.dtype == np.float32
    assert found.tolist() == probabilities.tolist()
    assert {name: found_keys[name].tolist() for name in found_keys} == {
        "row": [0, 1, 2, 3],
        "label": [0, 1, 2, 3],
    }
    layout = pq.read_schema(tmp_path / "a.parquet")
    assert layout.names == ["row", "label", *(f"p{label}" for label in range(12))]
    assert layout.types == [pa.int32(), pa.uint8(), *[pa.float32()] * 12]
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_a_key_that_starts_with_p_is_no_probability(tmp_path):
    keys = {"part": np.array([1, 2]), "p": np.array([3, 4])}
    write_probabilities(tmp_path / "a.parquet", keys, np.array([[0.5, 0.5]] * 2))
    found_keys, found = read_probabilities(tmp_path / "a.parquet")
    assert list(found_keys) == ["part", "p"]
    assert found.shape == (2, 2)


def test_damaged_predictions_are_refused_by_name(tmp_path):
    path = tmp_path / "a.parquet"
    with pytest.raises(DataError, match=r"a\.parquet: not readable predictions"):
        read_probabilities(path)
    write_probabilities(path, {"ImageId": np.arange(9)}, np.ones((9, 2)))
    content = path.read_bytes()
    for size in (0, 4, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:size])
        with pytest.raises(DataError, match=r"a\.parquet: not readable predictions"):
            read_probabilities(path)


def test_predictions_without_probabilities_or_with_text_for_them_are_refused(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"ImageId": [1]}), path)
    with pytest.raises(DataError, match=r"a\.parquet: no probabilities; delete it and run again"):
        read_probabilities(path)
    pq.write_table(pa.table({"ImageId": [1], "p0": ["a"]}), path)
    with pytest.raises(DataError, match=r"a\.parquet: not readable predictions"):
        read_probabilities(path)
