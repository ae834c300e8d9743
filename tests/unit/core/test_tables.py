import numpy as np
import pandas as pd
import pytest

from digits.core.errors import DataError
from digits.core.tables import label_classes, read_cell, read_numbers, read_table, write_table


@pytest.fixture
def path(tmp_path):
    return tmp_path / "table.csv"


def test_a_table_is_read(path):
    path.write_text("layers,nodes,x\n2,100,1.5\n3,100,2.5\n")
    assert read_table(path, ["layers", "x"])["x"].tolist() == [1.5, 2.5]
    assert read_cell(path, ["x"], (3, 100))["x"].tolist() == [2.5]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "table.csv: no such file"),
        ("", "table.csv: not a readable CSV file"),
        ("layers,nodes\n2,100\n", "table.csv: no column 'x'; expected layers, nodes, x"),
        ("layers,nodes,x\n", "table.csv: no rows"),
        ("layers,nodes,x\n2,100,1\n", "table.csv: no row with layers 5 and nodes 200"),
    ],
)
def test_an_unusable_table_is_told_in_one_line(path, content, message):
    if content is not None:
        path.write_text(content)
    with pytest.raises(DataError, match=message) as caught:
        read_cell(path, ["x"], (5, 200))
    assert "\n" not in str(caught.value)


def test_a_table_is_written_in_shortest_exact_numbers_with_gaps_empty(tmp_path):
    table = pd.DataFrame({"a": [1, 2], "b": [0.1 + 0.2, np.nan], "c": ["x", "y"]})
    write_table(tmp_path / "a.csv", table)
    assert (tmp_path / "a.csv").read_bytes() == b"a,b,c\n1,0.30000000000000004,x\n2,,y\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("layers,nodes,val_accuracy\n1,8,0.5\n1,9,high\n", "row 3, column val_accuracy: .*'high'"),
        ("layers,nodes,val_accuracy\none,8,0.5\n", "row 2, column layers: .*'one'"),
        ("layers,nodes,val_accuracy\n1,,0.5\n", "row 2, column nodes: .*'nan'"),
        ("layers,nodes,val_accuracy\n1,8,inf\n", "row 2, column val_accuracy: .*'inf'"),
        (f"layers,nodes,val_accuracy\n1,8,{10**400}\n", "row 2, column val_accuracy: .*'1000"),
        ("layers,nodes,val_accuracy,note\n1,8,1,<b>\n", "row 2, column note: .*'<b>'"),
    ],
)
def test_a_table_of_numbers_holds_nothing_else(tmp_path, text, told):
    path = tmp_path / "published.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=told):
        read_numbers(path, ("layers", "nodes", "val_accuracy"))


def test_a_figure_that_was_not_published_is_left_empty(tmp_path):
    path = tmp_path / "published.csv"
    path.write_text("layers,nodes,val_accuracy,kaggle_score\n1,8,0.5,\n")
    table = read_numbers(path, ("layers", "nodes", "val_accuracy"))
    assert np.isnan(table["kaggle_score"].iloc[0])


def test_labels_come_back_as_texts_whatever_they_look_like(path):
    labels = ["NA", "01", "1e3", 'a, "b"', "True", "nan", "-1"]
    numbers = pd.DataFrame({"label": range(7), "predicted": 0, "x": [None, *range(6)]})
    write_table(path, label_classes(numbers, labels))
    table = read_table(path, ["label", "predicted", "x"])
    assert table["label"].tolist() == labels
    assert set(table["predicted"]) == {"NA"}
    assert np.isnan(table["x"][0])
