"""Invalid headers: what is found, and what to write instead."""

import io

import numpy as np
import pandas as pd
import pytest

from digits.data.csv_header_errors import Layout, count_fault, names_fault, separator_fault

PIXELS = ["pixel0", "pixel1", "pixel2", "pixel3", "pixel4", "pixel5"]
TRAIN = Layout("label", (2, 3))
TEST = Layout("label", (2, 3), test=True)
HEADER = "label,pixel0,pixel1,…,pixel5"
REMOVE = "remove it (pandas: to_csv(..., index=False); R: write.csv(..., row.names = FALSE))"
NEITHER = "'id', which is neither label nor pixel; remove this column"
UNNAMED = f"'Unnamed: 0' (pandas's name for an unnamed column); {REMOVE}"
RENAME = "'id'; if it holds the labels, name it 'label', otherwise remove it"
RESET = "'Label'; if it holds the labels, set dataset.label to this name"
EITHER = "the label 'label' or the first pixel (such as pixel0)"
SWAPPED = "are dataset.train and dataset.test swapped?"


def fault_of(names, layout=TRAIN):
    return names_fault(names, layout) or count_fault(names, layout)


@pytest.mark.parametrize(
    ("names", "layout", "found"),
    [
        (["id", "label", *PIXELS], TRAIN, NEITHER),
        (["id", "label", *PIXELS], TEST, NEITHER),
        (["", "label", *PIXELS], TRAIN, f"a column without a name; {REMOVE}"),
        (["", *PIXELS], TEST, f"a column without a name; {REMOVE}"),
        (["Unnamed: 0", "label", *PIXELS], TRAIN, UNNAMED),
        (["Unnamed: 0", *PIXELS], TEST, UNNAMED),
        (["", *PIXELS], Layout(None, (2, 3)), f"a column without a name; {REMOVE}"),
        (["id", *PIXELS], Layout(None, (2, 3)), "'id'; remove this column"),
        (["id", *PIXELS], TEST, RENAME),
        (["Label", *PIXELS], TRAIN, RESET),
        (["", *PIXELS], TRAIN, "a column without a name; if it holds the labels, name it 'label'"),
        (["a", "b", *PIXELS], TRAIN, "'a'; no column is named 'label'"),
    ],
)  # fmt: skip
def test_a_first_column_that_is_not_expected_comes_with_what_to_do(names, layout, found):
    assert fault_of(names, layout) == f", column 1: expected {layout.first}, found {found}"
    assert SWAPPED not in fault_of(names, layout)


def test_what_the_first_column_has_to_be_depends_on_the_file():
    assert TRAIN.first == "the label 'label'"
    assert TEST.first == EITHER
    assert Layout(None, (2, 3)).first == "the first pixel (such as pixel0 or pixel1)"


@pytest.mark.parametrize("index", [{}, {"index_label": "row"}])
def test_an_index_that_pandas_wrote_is_not_taken_for_swapped_files(index):
    frame = pd.DataFrame(0, range(2), ["label", *PIXELS])
    header = frame.to_csv(**index).splitlines()[0]
    assert fault_of(header.split(",")).startswith(", column 1: expected the label 'label', found ")
    assert "swapped" not in fault_of(header.split(","))


def test_files_are_called_swapped_only_where_the_training_file_has_exactly_the_pixels():
    told = f"found 'pixel0'; there are pixels only, as in a test set ({SWAPPED})"
    assert fault_of(PIXELS).endswith(told)
    assert SWAPPED not in fault_of([*PIXELS, "pixel6"])
    assert SWAPPED not in fault_of([*PIXELS[:5], "id"])


@pytest.mark.parametrize("names", [PIXELS, ["label", *PIXELS]])
def test_a_test_set_is_taken_with_the_label_and_without(names):
    assert fault_of(names, TEST) is None


@pytest.mark.parametrize(("label", "layout"), [(["label"], TRAIN), (["label"], TEST), ([], TEST)])
def test_a_header_that_numpy_commented_out_is_told_with_the_mark(label, layout):
    text = io.StringIO()
    np.savetxt(text, [[0]], header=",".join([*label, *PIXELS]))
    names = text.getvalue().splitlines()[0].split(",")
    assert fault_of(names, layout) == (
        f", column 1: expected {layout.first}, found '{names[0]}'; remove '# ' from the header"
        " (NumPy: savetxt(..., comments=''))"
    )


def test_a_comment_in_place_of_the_header_is_not_called_one():
    assert fault_of(["# made by hand", "in May"]) == (
        ", column 1: expected the label 'label', found '# made by hand'; if this line is a comment,"
        " remove it"
    )


def test_a_label_that_begins_as_a_comment_is_a_label():
    assert fault_of(["#", *PIXELS], Layout("#", (2, 3))) is None


@pytest.mark.parametrize(
    ("separator", "called"),
    [
        (";", "semicolons"),
        ("\t", "tabs"),
        ("|", "vertical bars"),
        (" ", "spaces"),
        ("  ", "spaces"),
    ],
)
@pytest.mark.parametrize("quote", ["", '"'])
def test_another_separator_is_named(separator, called, quote):
    names = [f"{quote}{name}{quote}" for name in ["label", *PIXELS]]
    fault = f": expected names separated by commas, found {called}; write commas instead"
    assert separator_fault(separator.join(names), TRAIN) == fault


def test_a_separator_is_named_where_names_are_unknown_but_as_many_as_expected():
    assert "found semicolons" in separator_fault(";".join("abcdefg"), TRAIN)
    assert "found tabs" in separator_fault("\t".join("abcdef"), TEST)


@pytest.mark.parametrize("line", ["", "label", "a;b;c", "my label", "label " * 3, "l" * 200_000])
def test_no_separator_is_named_that_may_not_be_one(line):
    assert separator_fault(line, TRAIN) is None


def renamed_by_pandas(rows, **how):
    frame = pd.read_csv(io.StringIO("\n".join(rows)))
    return frame.to_csv(**how).splitlines()[0].split(",")


@pytest.mark.parametrize("index", [True, False])
def test_an_image_that_pandas_took_for_the_header_is_told_from_one_without_a_header(index):
    names = renamed_by_pandas(["5,0,0,0,13,0,13", "1,2,3,4,5,6,7"], index=index)
    assert fault_of(names) == (
        ", column 1: expected a header, found numbers that pandas renamed where they repeat (such"
        " as '0.1'); read the original with read_csv(..., header=None) and write it with the header"
        f" {HEADER}"
    )


@pytest.mark.parametrize(
    ("names", "layout", "header"),
    [
        ("5,0,0,0,13,0,13", TRAIN, HEADER),
        ("5,0,0,0,13,0,13", TEST, HEADER),
        ("0,0,0,13,0,13", TEST, "pixel0,pixel1,pixel2,…,pixel5"),
        ("0,0,0,13,0,13", Layout(None, (2, 3)), "pixel0,pixel1,pixel2,…,pixel5"),
        ("5,0.0,0.5,1.0,1.0,0.5,0.25", TRAIN, HEADER),
        ("7.0e+00,0.0e+00,1.0e+00,3.0e+00,4.0e+00,5.0e+00,6.0e+00", TRAIN, HEADER),
        ("5,12,7,9,13", Layout("label", (2, 2)), "label,pixel0,pixel1,…,pixel3"),
        ("5,12,7", Layout("label", (1, 2)), "label,pixel0,pixel1"),
    ],
)
def test_numbers_in_place_of_a_header_come_with_the_header_to_add(names, layout, header):
    fault = fault_of(names.split(","), layout)
    assert fault.startswith(", column 1: expected a header, found numbers ('")
    assert fault.endswith(f"); add {header} as row 1")


def test_numbers_that_number_the_pixels_are_a_header():
    assert fault_of(["0", "1", "2", "3", "4", "5"], TEST) is None
    assert fault_of(["0", "1", "2", "3", "4", "5", "6"]) == (
        ", column 1: expected the label 'label', found '0'; if it holds the labels, set"
        " dataset.label to this name"
    )


@pytest.mark.parametrize(("last", "found"), [("id", "'id'"), ("", "a column without a name")])
def test_a_column_after_the_pixels_is_told_with_their_number(last, found):
    assert fault_of(["label", *PIXELS, last]) == (
        ", column 8: expected no column after the 6 pixels (dataset.image_shape), found"
        f" {found}; remove it"
    )
