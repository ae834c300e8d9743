"""Kaggle's scores: the table of submissions, and scores got by hand."""

import pytest

from digits.core.errors import DataError
from digits.evaluation.kaggle_scores import (
    COLUMNS,
    Row,
    known_scores,
    read_by_hand,
    read_rows,
    sha256_of,
    write_rows,
)

ROWS = [
    Row("aa", "Model-2L8N.csv", "some", 7, "2026-11-28T10:00:00Z", "complete", "0.977"),
    Row("bb", "Model-5L8N.csv", "some", 8, "2026-11-28T11:00:00Z", "error", error="a, b"),
]


def test_the_table_is_read_as_it_was_written_in_the_order_of_the_submissions(tmp_path):
    path = tmp_path / "kaggle_scores.csv"
    assert read_rows(path) == []
    write_rows(path, ROWS[::-1])
    assert path.read_text().startswith(",".join(COLUMNS) + "\naa,Model-2L8N.csv,some,7,")
    assert read_rows(path) == ROWS


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("sha256\n", "row 1: expected the columns sha256, submission,"),
        ("aa,b,c\n", "row 2: expected 8 values, found 3"),
        ("aa,b,c,x,d,complete,0.9,\n", "row 2, column ref: expected a whole number, found 'x'"),
        (
            "aa,b,c,1,d,done,0.9,\n",
            "row 2, column status: expected one of pending, complete, error",
        ),
        ("aa,b,c,1,d,complete,,\n", "row 2, column public_score: expected a number, found ''"),
        ("aa,b,c,1,d,complete,nan,\n", "row 2, column public_score: expected a number"),
    ],
)
def test_a_damaged_table_is_told_with_the_row(tmp_path, text, fault):
    path = tmp_path / "kaggle_scores.csv"
    path.write_text(text if text == "sha256\n" else ",".join(COLUMNS) + "\n" + text)
    with pytest.raises(DataError) as raised:
        read_rows(path)
    assert f"{path}, {fault}" in str(raised.value)


def test_scores_by_hand_are_read_with_or_without_the_hash_of_their_file(tmp_path):
    path = tmp_path / "scores.tsv"
    path.write_bytes(
        b"submission\tscore\r\nModel-2L8N.csv\t0.97700\r\n\r\nModel-ensemble.csv\t1\r\n"
    )
    assert read_by_hand(path) == {"2L8N": (0.977, ""), "ensemble": (1.0, "")}
    path.write_text("submission\tscore\tsha256\nModel-2L8N.csv\t0.9\tAA\nModel-5L8N.csv\t0.8\t\n")
    assert read_by_hand(path) == {"2L8N": (0.9, "aa"), "5L8N": (0.8, "")}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("submission,score\n", "row 1: expected the columns submission and score, and perhaps"),
        ("submission\tscore\nModel-a.csv\n", "row 2: expected 2 values, found 1"),
        ("submission\tscore\n5L200N\t0.9\n", "row 2, column submission: expected the name of a"),
        ("submission\tscore\nModel-a.csv\t97.7\n", "row 2, column score: expected a score from 0"),
        ("submission\tscore\nModel-a.csv\t\n", "row 2, column score: expected a number, found ''"),
        (
            "submission\tscore\nModel-a.csv\t1\nModel-a.csv\t1\n",
            "row 3, column submission: expected",
        ),
    ],
)
def test_a_malformed_file_of_scores_is_told_with_the_place(tmp_path, text, fault):
    path = tmp_path / "scores.tsv"
    path.write_text(text)
    with pytest.raises(DataError) as raised:
        read_by_hand(path)
    assert f"{path}, {fault}" in str(raised.value)


@pytest.fixture
def submissions(tmp_path):
    paths = {model: tmp_path / f"Model-{model}.csv" for model in ("2L8N", "5L8N")}
    for model, path in paths.items():
        path.write_text(model)
    return paths


def test_a_score_counts_for_the_bytes_that_it_was_given_for(submissions):
    own = Row(sha256_of(submissions["2L8N"]), "", "some", 1, "", "complete", "0.9")
    assert known_scores(submissions, [own, *ROWS], {}) == {"2L8N": 0.9}
    assert known_scores(submissions, [own], {}, "some") == {"2L8N": 0.9}
    assert known_scores(submissions, [own], {}, "other") == {}
    submissions["2L8N"].write_text("trained again")
    assert known_scores(submissions, [own], {}) == {}


def test_what_kaggle_said_comes_before_what_was_written_by_hand(submissions):
    own = Row(sha256_of(submissions["2L8N"]), "", "some", 1, "", "complete", "0.9")
    by_hand = {"2L8N": (0.5, ""), "5L8N": (0.6, ""), "9L8N": (0.7, "")}
    assert known_scores(submissions, [own], by_hand) == {"2L8N": 0.9, "5L8N": 0.6}
    assert known_scores(submissions, [], {"5L8N": (0.6, "00")}) == {}
    tied = {"5L8N": (0.6, sha256_of(submissions["5L8N"]))}
    assert known_scores(submissions, [], tied) == {"5L8N": 0.6}
