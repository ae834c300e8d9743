"""The careful pass: the first invalid row and column, as an editor counts them."""

import tempfile
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digits.core.errors import DataError
from digits.data.description import Description
from digits.data.formats.csv_errors import count_lines, find_first_fault
from digits.data.formats.csv_header import Columns
from digits.data.ingest import ingest

NAMES = ("label", "pixel0", "pixel1", "pixel2", "pixel3")
LABELLED = Columns(NAMES, 0, (1, 2, 3, 4))
BAD = ["256", "-1", "1e3", "5.5", "NaN", "null", "", " ", "x", "0x1F", "\u0665", "1_0", '"', "."]


def fault_in(content, columns=LABELLED, **keys):
    text = content.encode() if isinstance(content, str) else content
    return find_first_fault(text, 2, columns, Description((), **keys))


def test_whole_numbers_in_any_spelling_are_no_fault():
    cells = '0009, 5,5.0 ,\t"0255"\t,1e+02'
    assert fault_in(f"{cells}\r\n\r\n9,0,1,254,255\r") == ""


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("1,2,3,4,256", "row 2, column pixel3: expected an integer from 0 to 255, found '256'"),
        ("1,,3,4,5", "row 2, column pixel0: expected an integer from 0 to 255, found nothing"),
        ("10,2,3,4,5", "row 2, column label: expected an integer from 0 to 9, found '10'"),
        ("three,2,3,4,x", "row 2, column label: expected an integer from 0 to 9, found 'three'"),
        ("1,2,3,4", "row 2: expected 5 columns, found 4"),
        ("1,2,3,4,5,6", "row 2: expected 5 columns, found 6"),
        ("  ", "row 2, column label: expected an integer from 0 to 9, found '  '"),
        ("1;2;3;4;5", "row 2, column label: expected an integer from 0 to 9, found '1;2;3;4;5'"),
        (b"1,2,3,\xff,5", "row 2, column pixel2: expected an integer from 0 to 255, found '�'"),
        ("1,2,3,4,\x00", r"row 2, column pixel3: expected an integer from 0 to 255, found '\x00'"),
        (
            "1,2,3,4," + "9" * 50,
            f"row 2, column pixel3: expected an integer from 0 to 255, found '{'9' * 24}…'",
        ),
        ("1" * 5_000_000, "row 2: expected at most 4194304 bytes in a row, found more"),
        ("\r\n\r\n", "row 2: expected an image, found 2 empty lines"),
    ],
)
def test_a_fault_is_told_with_its_row_and_column(body, fault):
    assert fault_in(body) == fault


@pytest.mark.parametrize("names", [['"1"', '"2"'], ["19", "10"], ["a", "b"]])
def test_row_names_that_the_header_does_not_name_are_told_as_that(names):
    assert fault_in("\n".join(f"{name},1,2,3,4,5" for name in names)) == (
        f"row 2: expected 5 columns, as in the header, found 6; the first, {names[0]!r}, has no"
        " name there: remove it from all rows (R: write.table(..., row.names = FALSE))"
    )


@pytest.mark.parametrize("text", ["1,2,3,4,5,6\n2,3,4,5,6,7", '"1",2,3,4,5,6\n2,3,4,5,6'])
def test_a_column_more_is_not_called_a_row_name_where_it_may_be_something_else(text):
    assert "R:" not in fault_in(text)


def test_a_comma_at_the_end_of_a_row_is_told():
    assert fault_in("1,2,3,4,5,") == "row 2: expected 5 columns, found 6, the last one empty"


def test_without_a_label_the_first_column_is_a_pixel():
    columns = Columns(("p0", "p1"), None, (0, 1))
    assert fault_in("255,1", columns) == ""
    assert fault_in("256,1", columns) == (
        "row 2, column p0: expected an integer from 0 to 255, found '256'"
    )


def test_what_is_expected_of_a_pixel_is_its_range():
    assert fault_in("1,0,0.5,1,1e0", pixel_range=(0, 1)) == ""
    assert fault_in("1,0,0.5,1,1.5", pixel_range=(0, 1)) == (
        "row 2, column pixel3: expected a number from 0 to 1 (dataset.pixel_range), found '1.5'"
    )


def test_ignored_columns_may_hold_anything():
    columns = Columns(("id", *NAMES, "note"), 1, (2, 3, 4, 5))
    assert fault_in("abc,1,2,3,4,5,x", columns) == ""
    assert fault_in('"a, b",1,2,3,4,5,"""x"""', columns) == ""
    assert fault_in("abc,1,2,3,4,x,x", columns).startswith("row 2, column pixel3: expected an ")


@pytest.mark.parametrize("delimiter", [";", "\t", "|", " "])
def test_cells_are_those_between_the_delimiters(delimiter):
    columns = Columns(NAMES, 0, (1, 2, 3, 4), delimiter=delimiter)
    assert fault_in(delimiter.join("12345"), columns) == ""
    assert fault_in(delimiter.join("1234x"), columns).startswith("row 2, column pixel3: ")
    assert fault_in(delimiter.join("1234"), columns) == "row 2: expected 5 columns, found 4"


def test_a_comma_is_a_decimal_point_where_the_columns_say_so():
    columns = Columns(NAMES, 0, (1, 2, 3, 4), delimiter=";", decimal=",")
    assert fault_in("1;2,0;3;4;5", columns) == ""
    assert fault_in("1;2.0;3;4;5", columns).startswith("row 2, column pixel0: expected an integer")


@given(
    rows=st.integers(1, 6),
    data=st.data(),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    bad=st.sampled_from(BAD),
)
def test_the_first_of_two_faults_is_found_wherever_it_is(rows, data, end, bad):
    lines = [["1", "2", "3", "4", "5"] for _ in range(rows)]
    places = data.draw(st.lists(st.tuples(st.integers(0, rows - 1), st.integers(0, 4)), max_size=2))
    blanks = data.draw(st.integers(0, 3))
    for row, column in places:
        lines[row][column] = bad
    text = end * blanks + end.join(",".join(line) for line in lines)
    fault = fault_in(text)
    if not places:
        assert fault == ""
        return
    row, column = min(places)
    assert fault.startswith(f"row {2 + blanks + row}, column {NAMES[column]}: expected an integer")


@given(st.text(alphabet="\r\nx", max_size=30), st.integers(0, 30), st.integers(1, 5))
def test_lines_are_counted_as_an_editor_counts_them(text, size, buffer):
    with tempfile.NamedTemporaryFile() as file, pytest.MonkeyPatch.context() as patch:
        file.write(text.encode())
        file.flush()
        patch.setattr("digits.data.formats.csv_errors.BUFFER_BYTES", buffer)
        read = text[:size]
        ends = read.replace("\r\n", "\n").replace("\r", "\n").count("\n")
        assert count_lines(file.name, size) == ends


MANY = 100_000
HEADER = "label,pixel0,pixel1,pixel2,pixel3\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (f'{HEADER}"0",1{" " * MANY}2,0,0,0\n', "row 2, column pixel0: expected an integer"),
        (f'{HEADER}"0",1{" " * MANY},0,0,0\n', "expected images of each class"),
        (HEADER.replace(",", " ") + f"0 1{' ' * MANY}x 0 0\n", "row 2, column pixel1: expected an"),
        (f"{HEADER}0,{'9' * MANY}x,0,0,0\n", "row 2, column pixel0: expected an integer"),
        (f"{HEADER}0,1.{'0' * MANY}x,0,0,0\n", "row 2, column pixel0: expected an integer"),
        (f"{'9' * MANY}x9,1,2,3,4\n0,0,0,0,0\n", "row 1, column 1: expected the label"),
        (f"label,{'0x' * (MANY // 2)}0,b1\n0,0,0\n", "row 1, column 2: expected the first pixel"),
        (f"label,{'7' * MANY},b1\n0,0,0\n", "row 1, column 2: expected the first pixel"),
        (",".join(f"{'1' * 5000}{n}" for n in range(5)) + "\n0,0,0,0,0\n", "expected the label"),
        ("label,p\u0660,p\u0661,p2,p3\n0,0,0,0,0\n", "row 1, column 2: expected the first pixel"),
    ],
    ids=range(10),
)
def test_long_cells_and_runs_of_blanks_are_told_soon(tmp_path, content, told):
    path = tmp_path / "train.csv"
    path.write_text(content, encoding="utf-8")
    start = time.process_time()
    with pytest.raises(DataError, match=told):
        ingest(Description((str(path),), image_shape=(2, 2)), tmp_path / "out")
    assert time.process_time() - start < 2
