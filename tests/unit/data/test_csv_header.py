"""The header of a raw CSV: read as text, checked against the configuration."""

import codecs

import pytest

from digits.core.errors import DataError
from digits.data.csv_header import read_columns, read_header
from digits.data.csv_header_errors import shown

NO_CSV = ": expected a CSV in UTF-8, found"
PIXELS = ["pixel0", "pixel1", "pixel2", "pixel3", "pixel4", "pixel5"]


def read(tmp_path, header, label="label"):
    path = tmp_path / "train.csv"
    path.write_bytes(header)
    return read_columns(str(path), label, (2, 3))


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
        (b"1x1,1x2,1x3,2x1,2x2,2x3\n", None),
        (b"label,x0x0,x0x1,x0x2,x0x3,x0x4,x0x5\n", "label"),
        (b"pixel0,pixel1,pixel2,pixel3,pixel4,pixel5\n", None),
        (b"0,1,2,3,4,5\n", None),
    ],
)
def test_a_label_and_ordered_pixels_of_any_prefix_are_accepted(tmp_path, header, label):
    names, size = read(tmp_path, header, label)
    assert len(names) == (7 if label else 6)
    assert names[0] == (label or names[0])
    assert header[:size] == header.splitlines(keepends=True)[0]


@pytest.mark.parametrize(
    ("names", "fault"),
    [
        (PIXELS, "column 1: expected the label 'label', found 'pixel0'"),
        (["Label", *PIXELS], "column 1: expected the label 'label', found 'Label'"),
        ([*PIXELS, "label"], "column 7: expected the label 'label' as column 1, found it here"),
        (["label", "label", *PIXELS], "column 2: expected each name once, found 'label' again"),
        (
            ["label", *PIXELS[:5], "pixel0"],
            "column 7: expected each name once, found 'pixel0' again",
        ),
        (["label", "pixel1", "pixel0"], "column 3: expected 'pixel2', found 'pixel0'"),
        (["label", "pixel0", "pixel2"], "column 3: expected 'pixel1', found 'pixel2'"),
        (
            ["label", "pixel2"],
            "column 2: expected the first pixel (such as pixel0 or pixel1), found",
        ),
        (["label", "id", *PIXELS], "column 2: expected the first pixel (such as pixel0 or pixel1)"),
        (["label", *PIXELS, "id"], "column 8: expected no column after the 6 pixels"),
        (["label", "p00", "p01", "p2"], "column 4: expected 'p02', found 'p2'"),
        (["label", "p00", "p1"], "column 3: expected 'p01', found 'p1'"),
        (["label", "1x1", "1x2", "2x1"], "column 4: expected '1x3', found '2x1'"),
        (["label", "1x1", "2x1"], "column 3: expected '1x2', found '2x1'"),
        (["label", "1x0", "0x1"], "column 3: expected '1x1', found '0x1'"),
        (["label", "pixel0", " pixel1"], "column 3: expected 'pixel1', found ' pixel1'"),
        (["label", "", *PIXELS], "column 2: expected the first pixel (such as pixel0 or pixel1)"),
        (["label"], "column 1: expected names separated by commas, found only 'label'"),
        (["5", "0", "0", "13"], "column 1: expected a header, found numbers ('5,0,0,13')"),
    ],
)
def test_the_first_column_at_fault_is_named(tmp_path, names, fault):
    with pytest.raises(DataError) as caught:
        read(tmp_path, ",".join(names).encode())
    assert f"train.csv, row 1, {fault}" in str(caught.value)


@pytest.mark.parametrize(
    ("names", "fault"),
    [
        (["label", *PIXELS[:5]], "row 1: expected 6 pixel columns for images of 2 x 3 .*, found 5"),
        (
            ["label", *PIXELS, "pixel6"],
            "row 1: expected 6 pixel columns for images of 2 x 3 .*, found 7",
        ),
    ],
)
def test_the_count_of_pixels_must_fit_the_image_shape(tmp_path, names, fault):
    with pytest.raises(DataError, match=fault):
        read(tmp_path, ",".join(names).encode())


def test_a_test_set_with_a_label_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"expected the first pixel .*, found 'label'; remove this"):
        read(tmp_path, ",".join(["label", *PIXELS]).encode(), label=None)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", ": expected a CSV with a header, found an empty file"),
        (b"\nlabel,pixel0\n", ", row 1: expected a header, found an empty line"),
        (
            "label,pixel0\n".encode("utf-16"),
            f"{NO_CSV} text in UTF-16; save it as UTF-8",
        ),
        (
            "label,pixel0\n".encode("utf-32"),
            f"{NO_CSV} text in UTF-32; save it as UTF-8",
        ),
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
    with pytest.raises(DataError) as caught:
        read(tmp_path, content)
    assert str(caught.value) == f"{tmp_path}/train.csv{fault}"


def test_a_header_is_read_without_the_rest(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\r\n\xff\xff")
    assert read_header(str(path)) == (["a", "b"], 5)


def test_values_are_shown_short_and_without_control_characters():
    assert shown("a\n\x1b[31m") == r"'a\n\x1b[31m'"
    assert shown("9" * 1000) == f"'{'9' * 24}…'"
