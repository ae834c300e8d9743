import numpy as np
import pandas as pd
import pytest

from digits.core.design import Design
from digits.core.errors import DataError
from digits.core.intermediate_files import ADVICE
from digits.core.tables import (
    by_cell,
    by_design,
    label_classes,
    read_numbers,
    read_table,
    some_rows_of,
    write_table,
)

TWO = Design({"layers": (2, 3, 5), "nodes": (100, 200)})
MIXED = Design({"optimizer": ("sgd", "none"), "dropout": (0.0, 0.5)})


@pytest.fixture
def path(tmp_path):
    return tmp_path / "table.csv"


def rows_of_cell(path, columns, cell, design):
    return some_rows_of(path, read_table(path, columns, design), cell, design)


def test_a_table_is_read(path):
    path.write_text("layers,nodes,x\n2,100,1.5\n3,100,2.5\n")
    assert read_table(path, ["layers", "x"], TWO)["x"].tolist() == [1.5, 2.5]
    assert rows_of_cell(path, ["x"], (3, 100), TWO)["x"].tolist() == [2.5]


def test_levels_are_read_as_the_design_has_them(path):
    path.write_text("optimizer,dropout,x\nsgd,0,1\nnone,0.5,2\n")
    table = read_table(path, ["x"], MIXED)
    assert [MIXED.cell_of(row) for row in table.to_dict("records")] == [("sgd", 0.0), ("none", 0.5)]
    assert rows_of_cell(path, ["x"], ("none", 0.5), MIXED)["x"].tolist() == [2]


def test_rows_are_in_the_order_of_the_design_and_not_of_the_alphabet():
    rows = [("none", 0.5, 1), ("sgd", 0.5, 2), ("none", 0.0, 3), ("sgd", 0.0, 5), ("sgd", 0.0, 4)]
    table = pd.DataFrame(rows, columns=["optimizer", "dropout", "x"])
    assert by_design(table, MIXED, ["x"])["x"].tolist() == [4, 5, 2, 3, 1]
    assert [cell for cell, _ in by_cell(table, MIXED)] == MIXED.cells
    assert [len(rows) for _, rows in by_cell(table, MIXED)] == [2, 1, 1, 1]


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
        ("layers,nodes,x\n5.5,200,1\n", ", row 2, column layers: expected one of 2, 3, 5, found"),
        ("layers,nodes,x\n5,,1\n", ", row 2, column nodes: expected one of 100, 200, found"),
        ("layers,nodes,x,model\n5,200,1,5L\n", ", row 2, column model: expected a cell, such as"),
        ("layers,nodes,x,part\n5,200,1,dev\n", ", row 2, column part: expected train or test"),
        ("layers,nodes,x,f1\n5,200,1,\n", ", row 2, column f1: expected a value, found 'nan'"),
    ],
)
def test_a_table_that_cannot_be_used_is_reported_with_its_place(path, content, reason):
    path.write_text(content)
    with pytest.raises(DataError) as caught:
        rows_of_cell(path, ["layers", "nodes", "x"], (5, 200), TWO)
    assert str(caught.value).startswith(f"{path}{reason}")
    assert str(caught.value).endswith(ADVICE)


def test_what_is_about_no_cell_has_no_levels(path):
    path.write_text("model,layers,nodes\n2L100N,2,100\nensemble,,\n")
    assert pd.isna(read_table(path, ["model"], TWO)["layers"][1])
    path.write_text("model,layers,nodes\n2L100N,2,\n")
    with pytest.raises(DataError, match="row 2, column nodes: expected one of 100, 200, found"):
        read_table(path, ["model"], TWO)


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
        read_numbers(path, ("layers", "nodes", "val_accuracy"), ("layers", "nodes"))


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


def test_text_levels_are_empty_where_a_row_is_about_no_cell(path):
    path.write_text("model,optimizer,dropout,x\nensemble,,,1\n")
    assert read_table(path, ["x"], MIXED)["optimizer"].tolist() == [""]
