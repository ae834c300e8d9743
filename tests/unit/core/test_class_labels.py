"""Classes: labels to numbers as in a CSV, and back."""

import csv
import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digits.core import command_line
from digits.core.class_labels import (
    add_classes,
    are_numbers,
    expected,
    in_numbers,
    labels_of,
    listing,
    named,
    numbers_by_cell,
    split_label,
)

LABELS = st.lists(
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=5),
    min_size=2,
    max_size=5,
    unique_by=lambda label: label.strip(" \t"),
)


@pytest.mark.parametrize(
    ("given", "labels", "numbers"),
    [
        ("3", ("0", "1", "2"), True),
        ("[0, 1]", ("0", "1"), True),
        ('["0", "1"]', ("0", "1"), True),
        ("[1, 2]", ("1", "2"), False),
        ('["T-shirt/top", -1]', ("T-shirt/top", "-1"), False),
    ],
)
def test_classes_are_given_by_number_or_by_label(given, labels, numbers):
    parser = command_line.parser(None)
    add_classes(parser)
    assert parser.parse_args([f"--classes={given}"]).classes == labels
    assert are_numbers(labels) == numbers


def test_numbers_are_named_by_their_labels():
    assert named(np.array([[2, 0]], np.uint8), ("a", "b", "c")).tolist() == [["c", "a"]]
    assert named(np.empty(0, np.int64), ("a", "b")).tolist() == []


def test_what_is_expected_is_told_in_few_words():
    assert expected(labels_of(62)) == "an integer from 0 to 61"
    assert expected(("A", "B")) == "one of A, B (dataset.classes)"
    assert listing("ABCDEF") == "A, B, C, D, E, …"
    assert listing(["x" * 60]) == f"{'x' * 24}…"


@pytest.mark.parametrize(
    ("line", "label", "rest"),
    [
        (b"A,1,2", b"A", b",1,2"),
        (b'"A",1', b"A", b",1"),
        (b'"a, ""b""",1', b'a, "b"', b",1"),
        (b'"A', b'"A', b""),
        (b'"A"x,1', b'"A"x', b",1"),
        (b"", b"", b""),
    ],
)
def test_a_label_is_split_from_its_line(line, label, rest):
    assert split_label(line) == (label, rest)


@given(LABELS, st.data(), st.sampled_from(["\n", "\r\n", "\r"]))
def test_whatever_a_csv_writer_writes_is_put_into_numbers(labels, data, end):
    numbers = data.draw(st.lists(st.integers(0, len(labels) - 1), max_size=9))
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end).writerows([labels[number], 7] for number in numbers)
    block = in_numbers(text.getvalue().encode(), numbers_by_cell(labels))
    assert block == b"".join(b"%d,7\n" % number for number in numbers) or not numbers


def test_spaces_around_labels_and_blank_lines_do_not_matter():
    assert in_numbers(b" B\t,1\n\nA,2\n", {b"A": b"0", b"B": b"1"}) == b"1,1\n\n0,2\n"


@pytest.mark.parametrize("line", [b"C,1", b"a,1", b",1", b"  ", b'"A,1'])
def test_another_label_is_refused(line):
    with pytest.raises(ValueError, match="not expected"):
        in_numbers(line, {b"A": b"0", b"B": b"1"})


@given(LABELS)
def test_labels_survive_the_command_line(labels):
    parser = command_line.parser(None)
    add_classes(parser)
    option = f"--classes={json.dumps(labels, ensure_ascii=False)}"
    assert parser.parse_args([option]).classes == tuple(labels)
