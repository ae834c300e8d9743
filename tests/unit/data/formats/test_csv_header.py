"""The columns of a raw CSV, found from its beginning."""

import codecs
import io

import numpy as np
import pandas as pd
import pytest
from ingesting import described

from digits.core.errors import DataError
from digits.data.formats.csv_header import read_columns
from digits.data.formats.csv_header_errors import shown

NO_CSV = ": expected a CSV in UTF-8, found"
PIXELS = ["pixel0", "pixel1", "pixel2", "pixel3", "pixel4", "pixel5"]
NAMES = ",".join(PIXELS)
REMOVE = "remove it (pandas: to_csv(..., index=False); R: write.csv(..., row.names = FALSE))"


def read(folder, content, **keys):
    path = folder / "train.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_columns(str(path), described(path, **keys))


def refused(folder, content, **keys):
    with pytest.raises(DataError) as caught:
        read(folder, content, **keys)
    return str(caught.value).removeprefix(f"{folder}/train.csv")


@pytest.mark.parametrize(
    ("header", "label"),
    [
        (b"label,pixel0,pixel1,pixel2,pixel3,pixel4,pixel5\n", "label"),
        (b"label,pixel1,pixel2,pixel3,pixel4,pixel5,pixel6\r\n1,2", "label"),
        (b"\xef\xbb\xbflabel,p0,p1,p2,p3,p4,p5\r1", "label"),
        (b'"label","p0","p1","p2","p3","p4","p5"', "label"),
        (b"Ziffer,2x3.0,2x3.1,2x3.2,2x3.3,2x3.4,2x3.5\n", "Ziffer"),
        (b"label,0,1,2,3,4,5\n", "label"),
        (b"label,pixel000,pixel001,pixel002,pixel003,pixel004,pixel005\n", "label"),
        (b"label,p01,p02,p03,p04,p05,p06\n", "label"),
        (b"label,1x1,1x2,1x3,2x1,2x2,2x3\n", "label"),
        (b"label,at 0x0,at 0x1,at 0x2,at 1x0,at 1x1,at 1x2\n", "label"),
        (b"label,pixel_0_0,pixel_0_1,pixel_0_2,pixel_1_0,pixel_1_1,pixel_1_2\n", "label"),
        (b"label,x0x0,x0x1,x0x2,x0x3,x0x4,x0x5\n", "label"),
        (b"V1,V2,V3,V4,V5,V6,V7\n", "V1"),
        (b"label,p8,p9,p10,p11,p12,p13\n", "label"),
        (b"# label, pixel0, pixel1, pixel2, pixel3, pixel4, pixel5\n", "label"),
    ],
)
def test_a_label_and_ordered_pixels_of_any_prefix_are_accepted(tmp_path, header, label):
    columns = read(tmp_path, header, label=label)
    assert (columns.label, columns.pixels) == (0, (1, 2, 3, 4, 5, 6))
    first = header.splitlines(keepends=True)[0]
    assert header[: columns.header_bytes] == first
    assert columns.header
    assert columns.names[0] == label


@pytest.mark.parametrize("names", [NAMES, "0,1,2,3,4,5", "1x1,1x2,1x3,2x1,2x2,2x3"])
def test_a_test_set_may_lack_the_label(tmp_path, names):
    columns = read(tmp_path, names, part="test")
    assert (columns.label, columns.pixels) == (None, (0, 1, 2, 3, 4, 5))


@pytest.mark.parametrize(
    ("header", "label", "place"),
    [
        (f"{NAMES},label", "label", 6),
        (f"{NAMES},class", "class", 6),
        (f"{NAMES},Label", "label", 6),
        (f"{NAMES},digit", "last", 6),
        (f"digit,{NAMES}", "first", 0),
        (f"{NAMES},digit", 7, 6),
        (f"id,digit,{NAMES}", 2, 1),
    ],
)
def test_the_label_is_found_by_name_or_position(tmp_path, header, label, place):
    columns = read(tmp_path, header, label=label, ignore=("id",))
    assert columns.label == place
    assert [columns.names[each] for each in columns.pixels] == PIXELS
    noted = "The label is the column 'Label'."
    assert (noted in columns.notes) == ("Label" in header)


def test_a_name_in_other_letters_is_not_guessed_where_there_are_two(tmp_path):
    told = refused(tmp_path, f"Label,LABEL,{NAMES}")
    assert told.startswith(", row 1, column 1: expected the label 'label', found 'Label'")


def test_columns_to_ignore_are_left_out_by_name_or_number(tmp_path):
    header = f"id,label,Usage,{NAMES},note"
    for ignore in [("id", "Usage", "note", "absent"), (1, 3, 10)]:
        columns = read(tmp_path, header, ignore=ignore)
        assert (columns.label, columns.pixels) == (1, (3, 4, 5, 6, 7, 8))


@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize("part", ["train", "test"])
def test_an_index_that_pandas_wrote_is_left_out(tmp_path, index, part):
    frame = pd.DataFrame(np.zeros((3, 6), int), columns=PIXELS)
    if part == "train":
        frame["label"] = [0, 1, 2]
    columns = read(tmp_path, frame.to_csv(index=index), part=part)
    assert [columns.names[each] for each in columns.pixels] == PIXELS
    assert any("counts the rows" in note for note in columns.notes) == index


def test_r_s_names_of_rows_are_left_out(tmp_path):
    columns = read(tmp_path, f'label,{NAMES}\n"1",0,1,2,3,4,5,6\n"2",1,1,2,3,4,5,6\n')
    assert (columns.label, columns.pixels) == (1, (2, 3, 4, 5, 6, 7))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("0,9,8,7,6,5,255\n1,9,8,7,6,5,0\n", 0),
        ("9,8,7,6,5,255,0\n9,8,7,6,5,0,1\n", 6),
        ("A,0,0,7,6,5,255\nB,9,8,7,6,5,0\n", 0),
        ("0.0,9.0,8.0,7.0,6.0,5.0,2.5e+02\n1.0,9.0,8.0,7.0,6.0,5.0,0.0\n", 0),
    ],
)
def test_a_first_row_that_is_an_image_is_no_header(tmp_path, text, label):
    classes = ("A", "B") if "A" in text else ("0", "1")
    columns = read(tmp_path, text, classes=classes)
    assert not columns.header
    assert (columns.label, columns.header_bytes) == (label, 0)
    assert columns.names == ("1", "2", "3", "4", "5", "6", "7")


def test_without_a_header_a_label_that_could_be_either_column_has_to_be_stated(tmp_path):
    text = "0,9,8,7,6,5,1\n1,9,8,7,6,5,0\n"
    assert refused(tmp_path, text) == (
        ", row 1: expected a header with the label 'label', found an image; set dataset.label to"
        " first, last or a number of a column (a label is an integer from 0 to 9)"
    )
    assert read(tmp_path, text, label="last").label == 6


@pytest.mark.parametrize("index", [True, False])
def test_an_image_that_pandas_took_for_the_header_is_an_image(tmp_path, index):
    rows = ["5,0,0,0,13,0,13", "1,2,3,4,5,6,77", "1,2,3,4,5,6,78"]
    frame = pd.read_csv(io.StringIO("\n".join(rows)))
    columns = read(tmp_path, frame.to_csv(index=index), label=1 + index)
    assert columns.first_row.decode().strip().split(",")[index:] == rows[0].split(",")
    assert "The header is an image that pandas took for one; it counts." in columns.notes


def test_numbers_that_count_the_pixels_are_a_header(tmp_path):
    assert read(tmp_path, "0,1,2,3,4,5\n9,9,9,9,9,9", part="test").header
    assert read(tmp_path, "9,1,2,3,4,5\n9,9,9,9,9,9", part="test").header is False


@pytest.mark.parametrize(
    ("delimiter", "called"),
    [
        (";", "semicolons"),
        ("\t", "tabs"),
        ("|", "vertical bars"),
        (" ", "spaces"),
        ("  ", "spaces"),
    ],
)
@pytest.mark.parametrize("quote", ["", '"'])
def test_another_delimiter_is_found(tmp_path, delimiter, called, quote):
    columns = read(tmp_path, delimiter.join(f"{quote}{name}{quote}" for name in ["label", *PIXELS]))
    assert columns.delimiter == delimiter[:1]
    assert columns.notes == (f"The separators are {called}.",)
    assert read(tmp_path, f"label,{NAMES}", delimiter=",").delimiter == ","


@pytest.mark.parametrize(
    ("names", "fault"),
    [
        (PIXELS, "column 1: expected the label 'label', found 'pixel0'; there are pixels only, as"
         " in a test set (are dataset.train and dataset.test swapped?)"),
        (["digit", *PIXELS], "column 1: expected the label 'label', found 'digit'; if it holds the"
         " labels, set dataset.label to this name"),
        (["", *PIXELS], "column 1: expected the label 'label', found a column without a name; if it"
         " holds the labels, name it 'label'"),
        (["a", "b", *PIXELS], "column 1: expected the label 'label', found 'a'; no column is named"
         " 'label'"),
        (["label", "label", *PIXELS], "column 2: expected each name once, found 'label' again"),
        (["label", *PIXELS[:5], PIXELS[0]],
         "column 7: expected each name once, found 'pixel0' again"),
        (["label", "pixel1", "pixel0"], "column 3: expected 'pixel2', found 'pixel0'"),
        (["label", "pixel0", "pixel2"], "column 3: expected 'pixel1', found 'pixel2'"),
        (["label", "id", *PIXELS], "column 2: expected the first pixel (such as pixel0 or pixel1),"
         " found 'id', which is neither label nor pixel; remove this column, or name it in"
         " dataset.ignore"),
        (["label", "", *PIXELS], "column 2: expected the first pixel (such as pixel0 or pixel1),"
         f" found a column without a name; {REMOVE}"),
        (["label", *PIXELS, "id"], "column 8: expected no column after the 6 pixels"
         " (dataset.image_shape), found 'id'; remove it, or name it in dataset.ignore"),
        (["label", "p00", "p01", "p2"], "column 4: expected 'p02', found 'p2'"),
        (["label", "p00", "p1"], "column 3: expected 'p01', found 'p1'"),
        (["label", "1x1", "1x2", "2x1"], "column 4: expected '1x3', found '2x1'"),
    ],
)  # fmt: skip
def test_the_first_column_at_fault_is_named(tmp_path, names, fault):
    assert refused(tmp_path, ",".join(names)).startswith(f", row 1, {fault}")


@pytest.mark.parametrize("count", [5, 7])
def test_the_count_of_pixels_must_fit_the_image_shape(tmp_path, count):
    names = [f"pixel{number}" for number in range(count)]
    assert refused(tmp_path, ",".join(["label", *names])) == (
        ", row 1: expected 6 pixel columns for images of 2 x 3 (dataset.image_shape), found"
        f" {count}"
    )


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", ": expected a CSV with a header, found an empty file"),
        (b"\nlabel,pixel0\n", ", row 1: expected a header, found an empty line"),
        ("label,pixel0\n".encode("utf-16"), f"{NO_CSV} text in UTF-16; save it as UTF-8"),
        ("label,pixel0\n".encode("utf-32"), f"{NO_CSV} text in UTF-32; save it as UTF-8"),
        (
            codecs.BOM_UTF32_BE + "label,p\n".encode("utf-32-be"),
            f"{NO_CSV} text in UTF-32; save it as UTF-8",
        ),
        (
            "label,ä\n".encode("latin-1"),
            ", row 1: expected text in UTF-8, found the byte 0xe4 at byte 7;"
            " save the file as UTF-8",
        ),
        (b"label,p\0\n", ", row 1: expected text in UTF-8, found a NUL byte"),
        (b'label,"pixel0\n1,2\n', ", row 1: expected a header, found unexpected end of data"),
        (b"l" * 5_000_000, ", row 1: expected a header of fewer than 4194304 bytes"),
    ],
)
def test_a_first_line_that_is_no_header_is_refused(tmp_path, content, fault):
    assert refused(tmp_path, content) == fault


def test_values_are_shown_short_and_without_control_characters():
    assert shown("a\n\x1b[31m") == r"'a\n\x1b[31m'"
    assert shown("9" * 1000) == f"'{'9' * 24}…'"


def test_a_label_that_begins_as_a_comment_is_a_label(tmp_path):
    assert read(tmp_path, f"#,{NAMES}", label="#").label == 0


def test_images_whose_labels_are_in_a_file_of_their_own_need_none(tmp_path):
    assert read(tmp_path, NAMES, label_files=("labels.csv",)).label is None
