"""Submissions: Kaggle's format, and every check with the place of the error."""

import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from digits.core.class_labels import labels_of
from digits.core.errors import DataError
from digits.evaluation.submissions import Form, check_sample, read_submission, write_submission


def test_a_submission_is_in_the_format_of_kaggle(tmp_path):
    write_submission(tmp_path / "a.csv", np.array([7, 0, 9]))
    assert (tmp_path / "a.csv").read_bytes() == b"ImageId,Label\n1,7\n2,0\n3,9\n"


@given(arrays.arrays(np.int64, st.integers(0, 30), elements=st.integers(0, 61)))
@settings(deadline=None)
def test_what_is_written_is_read(tmp_path_factory, labels):
    path = tmp_path_factory.getbasetemp() / "round.csv"
    write_submission(path, labels)
    found = read_submission(path, rows=len(labels), classes=labels_of(62))
    assert found.dtype == np.int64
    assert found.tolist() == labels.tolist()


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfImageId,Label\n1,7\n2,0\n",
        b"ImageId,Label\r\n1,7\r\n2,0\r\n",
        b"ImageId,Label\r1,7\r2,0",
        b'"ImageId","Label"\n"1","7"\n"2","0"',
        b"ImageId,Label\n1,7\n\n2,0\n\r\n\n",
    ],
    ids=["BOM", "CRLF", "CR", "quoted", "empty lines"],
)
def test_harmless_variants_are_read(tmp_path, content):
    (tmp_path / "a.csv").write_bytes(content)
    assert read_submission(tmp_path / "a.csv", rows=2, classes=labels_of(10)).tolist() == [7, 0]


HEADER = ", row 1: expected the header ImageId,Label, found "
FAULTS = {
    "an empty file": (b"", f"{HEADER}an empty file"),
    "another header": (b"Id,Label\n1,7\n", f"{HEADER}'Id,Label'"),
    "a long line": (b"x" * 500, f"{HEADER}'{'x' * 80}'"),
    "a short row": (b"ImageId,Label\n1,7\n2\n", ", row 3: expected 2 values, found 1"),
    "a fault below an empty line": (
        b"ImageId,Label\n1,7\n\n3,0\n",
        ", row 4, column ImageId: expected 2, found '3'",
    ),
    "an id left out": (
        b"ImageId,Label\n1,7\n3,7\n",
        ", row 3, column ImageId: expected 2, found '3'",
    ),
    "an id as a float": (
        b"ImageId,Label\n1.0,7\n",
        ", row 2, column ImageId: expected 1, found '1.0'",
    ),
    "a class too high": (
        b"ImageId,Label\n1,7\n2,10\n",
        ", row 3, column Label: expected an integer from 0 to 9, found '10'",
    ),
    "a line end in a class": (
        b'ImageId,Label\n1,"7\n"\n',
        ", row 2, column Label: expected an integer from 0 to 9, found '7\\n'",
    ),
    "too few rows": (b"ImageId,Label\n1,7\n", ": expected 2 rows below the header, found 1"),
    "too many rows": (
        b"ImageId,Label\n1,7\n2,7\n3,7\n",
        ": expected 2 rows below the header, found 3",
    ),
}


@pytest.mark.parametrize(("content", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_reported_with_its_place(tmp_path, content, fault):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_submission(tmp_path / "a.csv", rows=2, classes=labels_of(10))
    assert str(caught.value) == f"{tmp_path}/a.csv{fault}"


@pytest.mark.parametrize(
    "content",
    ["ImageId,Label\n1,7\n".encode("utf-16"), b"ImageId,Label\n1," + b"7" * 2**18 + b"\n"],
)
def test_what_cannot_be_read_is_named(tmp_path, content):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(DataError, match=r"a\.csv: not a readable CSV file \("):
        read_submission(tmp_path / "a.csv", rows=500, classes=labels_of(10))


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda path: None, "no such file"),
        (Path.mkdir, "expected a file, found a folder"),
        (os.mkfifo, "expected a file, found something that is not a regular file"),
        (lambda path: path.symlink_to("gone"), "a link to gone, which does not exist"),
    ],
    ids=["nothing", "a folder", "a named pipe", "a dangling link"],
)
def test_what_is_no_file_is_told(tmp_path, make, fault):
    make(tmp_path / "a.csv")
    with pytest.raises(DataError) as caught:
        read_submission(tmp_path / "a.csv", rows=2, classes=labels_of(10))
    assert str(caught.value) == f"{tmp_path}/a.csv: {fault}"


def test_a_file_that_is_far_too_large_is_not_read(tmp_path):
    with (tmp_path / "a.csv").open("wb") as file:
        file.write(b"ImageId,Label\n1,")
        file.truncate(1 << 30)  # takes no room on the disk, reads as zeros
    tracemalloc.start()
    try:
        with pytest.raises(DataError) as caught:
            read_submission(tmp_path / "a.csv", rows=2, classes=labels_of(10))
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
    expected = "expected 2 rows below the header, in at most 104448 bytes, found more"
    assert str(caught.value) == f"{tmp_path}/a.csv: {expected}"


def test_the_longest_labels_are_not_too_large(tmp_path):
    labels = ["\U0001f600" * 60, '"' * 60]
    write_submission(tmp_path / "a.csv", labels * 500)
    assert len(read_submission(tmp_path / "a.csv", rows=1000, classes=labels)) == 1000


def test_another_number_of_rows_is_refused(tmp_path):
    for count in (0, 4):
        write_submission(tmp_path / "a.csv", np.zeros(count, np.int64))
        with pytest.raises(DataError, match=f"expected 5 rows below the header, found {count}"):
            read_submission(tmp_path / "a.csv", rows=5, classes=labels_of(10))


FORM = Form("id", "label", ids=("a7", "3", "x,y"))


def test_a_submission_has_the_columns_and_ids_that_are_asked_for(tmp_path):
    write_submission(tmp_path / "a.csv", ["p", "q", "p"], FORM)
    assert (tmp_path / "a.csv").read_text() == 'id,label\na7,p\n3,q\n"x,y",p\n'
    found = read_submission(tmp_path / "a.csv", rows=3, classes=("p", "q"), form=FORM)
    assert found.tolist() == [0, 1, 0]
    write_submission(tmp_path / "b.csv", [5, 6], Form(first=0))
    assert (tmp_path / "b.csv").read_text() == "ImageId,Label\n0,5\n1,6\n"


def test_a_sample_submission_with_the_same_header_and_ids_is_as_expected(tmp_path):
    (tmp_path / "a.csv").write_text('id,label\na7,0\n3,0\n"x,y",0\n')
    check_sample(tmp_path / "a.csv", 3, FORM)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("Id,label\na7,0\n", ", row 1: expected the header id,label, found 'Id,label'"),
        ("id,label\na7,0\n4,0\n", ", row 3, column id: expected 3, found '4'; see dataset."),
        ("id,label\na7,0\n3,0\n", ": expected 3 rows below the header, found 2"),
        ('id,label\na7,0\n3,0\n"x,y",0\n5,0\n', ", row 5, column id: expected no more rows"),
    ],
)
def test_a_sample_submission_of_another_format_is_told(tmp_path, content, fault):
    (tmp_path / "a.csv").write_text(content)
    with pytest.raises(DataError) as caught:
        check_sample(tmp_path / "a.csv", 3, FORM)
    assert str(caught.value).startswith(f"{tmp_path}/a.csv{fault}")
