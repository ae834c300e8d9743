import numpy as np
import pandas as pd
import pytest

from digits.core.errors import DataError
from digits.core.intermediate_files import ADVICE
from digits.core.tables import label_classes, read_cell, read_numbers, read_table, write_table


@pytest.fixture
def path(tmp_path):
    return tmp_path / "table.csv"


def test_a_table_is_read(path):
    path.write_text("layers,nodes,x\n2,100,1.5\n3,100,2.5\n")
    assert read_table(path, ["layers", "x"])["x"].tolist() == [1.5, 2.5]
    assert read_cell(path, ["x"], (3, 100))["x"].tolist() == [2.5]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("layers,nodes\n2,100\n", ": no column 'x'; expected layers, nodes, x"),
        ("layers,nodes,x\n", ": no rows"),
        ("layers,nodes,x\n2,100,1\n", ": no row with layers 5 and nodes 200"),
        ("layers,nodes,x\n5,200,1", ": cut short, no line end at its end"),
        ("layers,nodes,x\n5,200,1,9\n", ": row 2 has more values than there are columns"),
        ("layers,nodes,x\n5,200,inf\n", ", row 2, column x: expected a number, found 'inf'"),
        (f"layers,nodes,x\n5,200,{10**400}\n", ", row 2, column x: expected a number, found '1000"),
        ("layers,nodes,x\n5.5,200,1\n", ", row 2, column layers: expected a whole number from 0"),
        ("layers,nodes,x\n5,,1\n", ", row 2, column nodes: expected a whole number from 0"),
        ("layers,nodes,x,model\n5,200,1,5L\n", ", row 2, column model: expected a cell, such as"),
        ("layers,nodes,x,part\n5,200,1,dev\n", ", row 2, column part: expected train or test"),
        ("layers,nodes,x,f1\n5,200,1,\n", ", row 2, column f1: expected a value, found 'nan'"),
    ],
)
def test_a_table_that_cannot_be_used_is_reported_with_its_place(path, content, reason):
    path.write_text(content)
    with pytest.raises(DataError) as caught:
        read_cell(path, ["x"], (5, 200))
    assert str(caught.value).startswith(f"{path}{reason}")
    assert str(caught.value).endswith(ADVICE)


def test_what_is_about_no_cell_has_no_layers_and_nodes(path):
    path.write_text("model,layers,nodes\n2L100N,2,100\nensemble,,\n")
    assert np.isnan(read_table(path, ["model"])["layers"][1])
    path.write_text("model,layers,nodes\n2L100N,2,\n")
    with pytest.raises(DataError, match="row 2, column nodes: expected a whole number"):
        read_table(path, ["model"])


def test_a_table_is_written_in_shortest_exact_numbers_with_gaps_empty(tmp_path):
    table = pd.DataFrame({"a": [1, 2], "b": [0.1 + 0.2, np.nan], "c": ["x", "y"]})
    write_table(tmp_path / "a.csv", table)
    assert (tmp_path / "a.csv").read_bytes() == b"a,b,c\n1,0.30000000000000004,x\n2,,y\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("layers,nodes,val_accuracy\n", ": no rows"),
        (
            "layers,nodes,val_accuracy\n1,8,0.5\n1,9,high\n",
            ", row 3, column val_accuracy: .*'high'",
        ),
        ("layers,nodes,val_accuracy\n1,,0.5\n", ", row 2, column nodes: .*'nan'"),
        ("layers,nodes,val_accuracy\n1,8,inf\n", ", row 2, column val_accuracy: .*'inf'"),
        (f"layers,nodes,val_accuracy\n1,8,{10**400}\n", ", row 2, column val_accuracy: .*'10{39}'"),
        ("layers,nodes,val_accuracy,note\n1,8,1,<b>\n", ", row 2, column note: .*'<b>'"),
    ],
)
def test_a_users_table_holds_numbers_alone_and_is_never_to_be_deleted(path, text, reason):
    path.write_text(text)
    with pytest.raises(DataError, match=rf"table\.csv{reason}$"):
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
