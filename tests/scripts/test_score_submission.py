"""The program score_submission."""

import json

import numpy as np
import pytest

import score_submission
from digits.core.errors import DataError
from digits.core.intermediate_files import ADVICE
from digits.data.image_tables import ImageTable, write_images

SUBMITTED = "ImageId,Label\n1,0\n2,1\n3,2\n4,0\n"


CELL = ("--layers=5", "--nodes=200")


def score(folder, submitted=SUBMITTED, truth=None, cell=CELL):
    (folder / "M.csv").write_text(submitted)
    if not (folder / "test.parquet").exists():
        write_images(folder / "test.parquet", ImageTable(np.zeros((4, 2, 2), np.uint8)))
    options = []
    if truth is not None:
        (folder / "truth.csv").write_text(truth)
        options = [f"--test-labels={folder}/truth.csv"]
    score_submission.main(
        [f"--submission={folder}/M.csv", f"--test={folder}/test.parquet", *options,
         *cell, "--classes=3", f"--output={folder}/M.json"]
    )  # fmt: skip
    return json.loads((folder / "M.json").read_text())


def test_a_submission_without_true_labels_is_checked_and_has_no_score(tmp_path):
    assert score(tmp_path) == {"layers": 5, "nodes": 200, "rows": 4, "score": None}


def test_a_submission_of_several_cells_names_none(tmp_path):
    assert score(tmp_path, cell=()) == {"rows": 4, "score": None}


@pytest.mark.parametrize(("labels", "expected"), [("0120", 1.0), ("0121", 0.75), ("1001", 0.0)])
def test_the_score_is_the_share_of_right_labels(tmp_path, labels, expected):
    truth = "ImageId,Label\r\n" + "".join(f"{n},{k}\r\n" for n, k in enumerate(labels, start=1))
    assert score(tmp_path, truth=truth)["score"] == expected


@pytest.mark.parametrize(
    ("submitted", "truth", "fault"),
    [
        (SUBMITTED + "5,0\n", None, "M.csv: expected 4 rows below the header, found 5"),
        (SUBMITTED[:-4], None, "M.csv: expected 4 rows below the header, found 3"),
        (SUBMITTED.replace("2,1", "2,3"), None,
         "M.csv, row 3, column Label: expected an integer from 0 to 2, found '3'"),
        (SUBMITTED, SUBMITTED[:-4], "truth.csv: expected 4 rows below the header, found 3"),
        (SUBMITTED, SUBMITTED.replace("Label", "label"),
         "truth.csv, row 1: expected the header ImageId,Label, found 'ImageId,label'"),
    ],
    ids=["too long", "too short", "no such class", "true labels too short", "no true labels"],
)  # fmt: skip
def test_a_fault_is_told_by_file_and_place_and_nothing_is_written(
    tmp_path, submitted, truth, fault
):
    with pytest.raises(DataError) as caught:
        score(tmp_path, submitted, truth)
    advice = ADVICE if fault.startswith("M.csv") else ""  # the other file is the user's
    assert str(caught.value) == f"{tmp_path}/{fault}{advice}"
    assert not (tmp_path / "M.json").exists()


@pytest.mark.parametrize(("truth", "expected"), [(None, 0.5), (SUBMITTED, 1.0)])
def test_labels_of_the_test_set_count_where_no_others_are_given(tmp_path, truth, expected):
    labels = np.array([0, 1, 0, 1], np.uint8)
    write_images(tmp_path / "test.parquet", ImageTable(np.zeros((4, 2, 2), np.uint8), labels))
    assert score(tmp_path, truth=truth)["score"] == expected
