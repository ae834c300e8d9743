"""Raw CSVs whose labels are not the integers from 0, and test sets with labels."""

import csv
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ingesting import ingest_bytes

from digits.core.class_labels import labels_of
from digits.core.errors import DataError
from digits.data.image_tables import read_images

TEXTS = ("T-shirt/top", "a, b", 'say "x"', "Größe $x^2$", "<b>&amp;</b>", "01", "NA", "-1")
HEADER = b"kind,p1,p2\n"


def ingest(folder, content, classes, **settings):
    layout = {"label": "kind", "image_shape": (1, 2)} | settings
    return ingest_bytes(folder, content, classes=classes, **layout)


def refused(folder, content, classes, **settings):
    with pytest.raises(DataError) as caught:
        ingest(folder, content, classes, **settings)
    assert [path.name for path in folder.iterdir()] == ["train.csv"]
    return str(caught.value).removeprefix(f"{folder}/train.csv")


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC])
@pytest.mark.parametrize("classes", [TEXTS, labels_of(range(1, 27)), ("65", "12353", "-7")])
@pytest.mark.parametrize("block_bytes", [9, 1 << 22])
def test_labels_become_their_places_in_the_list(tmp_path, quoting, classes, block_bytes):
    rows = np.random.default_rng(3).permutation(np.repeat(np.arange(len(classes)), 3)).tolist()
    with (tmp_path / "train.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerow(["kind", "p1", "p2"])
        csv.writer(file, quoting=quoting).writerows([classes[n], n, 255 - n] for n in rows)
    content = (tmp_path / "train.csv").read_bytes()
    table = ingest(tmp_path, content, classes, block_bytes=block_bytes)
    assert table.labels.tolist() == rows
    assert table.images.reshape(-1, 2).tolist() == [[n, 255 - n] for n in rows]


def test_a_list_of_the_numbers_gives_the_same_bytes_as_their_number(tmp_path):
    content = HEADER + b"1,0,0\n 00\t,0,0\n2,9,9\n"
    ingest(tmp_path, content, labels_of(3))
    plain = (tmp_path / "train.parquet").read_bytes()
    ingest(tmp_path, content, ("0", "1", "2"))
    assert (tmp_path / "train.parquet").read_bytes() == plain
    ingest(tmp_path, content.replace(b" 00\t", b"0"), ("2", "0", "1"))
    assert read_images(tmp_path / "train.parquet").labels.tolist() == [2, 1, 0]


LABEL = ", row 5, column kind: expected one of A, B (dataset.classes), found "
AB = HEADER + b"A,1,2\n\n B ,3,4\nA,5,6\n"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (b"A,5", b"C,5", LABEL + "'C'"),
        (b"A,5", b"a,5", LABEL + "'a'"),
        (b"A,5", b",5", LABEL + "nothing"),
        (b"A,5", b'"A,5', LABEL + "'\"A'"),
        (b"A,5", b"\xc4,5", LABEL + "'�'"),
        (b"A,5", b"\xef\xbb\xbfA,5",
         LABEL + r"'\ufeffA'"),
        (b"A,5", b'"A"",\n"",5', LABEL + "'\"A\"\"'"),
        (b"5,6", b"5,256", ", row 5, column p2: expected an integer from 0 to 255, found '256'"),
        (b"5,6", b'5,"6.5"',
         ", row 5, column p2: expected an integer from 0 to 255, found '\"6.5\"';"
         " for another range, set dataset.pixel_range"),
        (b"5,6", b"5,0x6", ", row 5, column p2: expected an integer from 0 to 255, found '0x6'"),
        (b",5,6", b",5", ", row 5: expected 3 columns, found 2"),
        (b",5,6", b"", ", row 5: expected 3 columns, found 1"),
        (b"A,5", b'"A",,5', ", row 5, column p1: expected an integer from 0 to 255, found nothing"),
        (b"B", b"A", ": expected images of each class (dataset.classes), found none of B"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("block_bytes", [6, 1 << 22])
def test_a_fault_is_told_in_the_terms_of_the_file(tmp_path, old, new, fault, block_bytes):
    content = AB.replace(old, new)
    assert refused(tmp_path, content, ("A", "B"), block_bytes=block_bytes) == fault


def test_a_test_set_may_have_labels_and_needs_no_image_of_every_class(tmp_path):
    table = ingest(tmp_path, HEADER + b"B,1,2\n", ("A", "B"), part="test")
    assert table.labels.tolist() == [1]
    assert ingest(tmp_path, b"p1,p2\n1,2\n", ("A", "B"), part="test").labels is None


def test_a_label_of_a_test_set_that_is_no_class_is_told(tmp_path):
    told = refused(tmp_path, HEADER + b"3,1,2\n", labels_of(3), part="test")
    assert told == ", row 2, column kind: expected an integer from 0 to 2, found '3'"


def test_a_label_of_another_name_in_a_test_set_is_told(tmp_path):
    told = refused(tmp_path, HEADER + b"1,1,2\n", labels_of(3), part="test", label="label")
    assert told.startswith(", row 1, column 1: expected the label 'label' or the first pixel")


PIECES = [b"A", b"B", b'"', b'""', b",", b"\n", b"\r", b" ", b"1", b"x", b"\xff", b""]


@given(
    start=st.integers(0, len(AB)), length=st.integers(0, 2), piece=st.sampled_from(PIECES),
    block_bytes=st.sampled_from([5, 1 << 22]),
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_any_edit_is_read_as_written_or_told_by_row(
    tmp_path_factory, start, length, piece, block_bytes
):
    folder = tmp_path_factory.getbasetemp()
    content = AB[:start] + piece + AB[start + length :]
    try:
        table = ingest(folder, content, ("A", "B"), block_bytes=block_bytes)
    except DataError as error:
        assert re.search(r"train\.csv(, row \d+|: expected images of each)", str(error))
        return
    lines = [line for line in re.split(rb"[\r\n]+", content)[1:] if line]
    cells = [line.replace(b'"', b"").split(b",") for line in lines]
    assert [b"AB"[n : n + 1] for n in table.labels] == [row[0].strip() for row in cells]
    assert table.images.reshape(-1, 2).tolist() == [[float(c) for c in row[1:]] for row in cells]
