"""The program write_submission."""

import json

import numpy as np
import pytest

import write_submission
from digits.core.errors import DataError
from digits.data.image_tables import ImageTable, write_images
from digits.evaluation.predictions import write_probabilities
from digits.evaluation.trials import RESULTS

VOTES = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.6, 0.2, 0.2]]
SUBMITTED = "ImageId,Label\n1,0\n2,1\n3,2\n4,0\n"
CELL = ("--layers=5", "--nodes=200")


def trial(folder, name, probabilities):
    probabilities = np.array(probabilities, dtype=np.float32)
    ids = np.arange(1, len(probabilities) + 1, dtype=np.int32)
    write_probabilities(folder / f"{name}.parquet", {"ImageId": ids}, probabilities)
    return f"{folder}/{name}.parquet"


def metrics(folder, *failed):
    paths = []
    for number, message in enumerate(failed):
        paths.append(str(folder / f"metrics{number}.json"))
        record = dict.fromkeys(RESULTS, 1) | {"device": "CPU", "failed": message}
        (folder / f"metrics{number}.json").write_text(json.dumps(record))
    return paths


def submit(folder, paths, failed=None, *, classes=3, images=None, truth=None, cell=CELL):
    """Run the program on trials' predictions; return the submission's bytes and the score."""
    if not (folder / "test.parquet").exists():
        rows = images or 3
        write_images(folder / "test.parquet", ImageTable(np.zeros((rows, 2, 2), np.uint8)))
    options = []
    if truth is not None:
        (folder / "truth.csv").write_text(truth)
        options = [f"--test-labels={folder}/truth.csv"]
    write_submission.main(
        ["--predictions", *paths, "--metrics", *metrics(folder, *(failed or [None] * len(paths))),
         f"--test={folder}/test.parquet", *options, *cell, f"--classes={classes}",
         f"--submission={folder}/out/M.csv", f"--score={folder}/out/M.json"]
    )  # fmt: skip
    return (folder / "out/M.csv").read_bytes(), json.loads((folder / "out/M.json").read_text())


def score(folder, **options):
    return submit(folder, [trial(folder, "a", VOTES)], images=4, **options)[1]


def test_the_trials_of_a_cell_vote_by_the_mean_of_their_probabilities(tmp_path):
    one = trial(tmp_path, "a", [[0.0, 1.0, 0.0], [0.2, 0.3, 0.5], [0.4, 0.4, 0.2]])
    two = trial(tmp_path, "b", [[0.6, 0.4, 0.0], [0.0, 0.5, 0.5], [0.4, 0.4, 0.2]])
    for order in ([one, two], [two, one]):
        assert submit(tmp_path, order)[0] == b"ImageId,Label\n1,1\n2,2\n3,0\n"


def test_trials_of_other_test_images_are_told_by_file(tmp_path):
    one, two = trial(tmp_path, "a", [[1.0, 0.0]]), trial(tmp_path, "b", [[1.0, 0.0]] * 2)
    with pytest.raises(DataError, match=r"b\.parquet: expected 1 rows as in .*a\.parquet, found 2"):
        submit(tmp_path, [one, two], classes=2, images=1)
    with pytest.raises(DataError, match=r"b\.parquet: expected 1 rows, one per test .*, found 2"):
        submit(tmp_path, [two], classes=2, images=1)
    assert not (tmp_path / "out").exists()


def test_a_failed_trial_has_no_vote_and_a_cell_without_others_submits_nothing(tmp_path):
    one = trial(tmp_path, "a", [[0.9, 0.1], [0.9, 0.1]])
    two = trial(tmp_path, "b", [[0.4, 0.6], [0.4, 0.6]])
    expected = {
        (None, "nan"): (b"ImageId,Label\n1,0\n2,0\n", {"rows": 2, "score": 1.0}),
        ("nan", None): (b"ImageId,Label\n1,1\n2,1\n", {"rows": 2, "score": 0.0}),
        ("nan", "nan"): (b"ImageId,Label\n", {"rows": 0, "score": None}),
    }
    truth = "ImageId,Label\n1,0\n2,0\n"
    for failed, made in expected.items():
        given = {"classes": 2, "images": 2, "truth": truth, "cell": ()}
        assert submit(tmp_path, [one, two], failed, **given) == made


def test_a_submission_without_true_labels_has_no_score(tmp_path):
    assert score(tmp_path) == {"layers": 5, "nodes": 200, "rows": 4, "score": None}


def test_a_submission_of_several_cells_names_none(tmp_path):
    assert score(tmp_path, cell=()) == {"rows": 4, "score": None}


@pytest.mark.parametrize(("labels", "expected"), [("0120", 1.0), ("0121", 0.75), ("1001", 0.0)])
def test_the_score_is_the_share_of_right_labels(tmp_path, labels, expected):
    truth = "ImageId,Label\r\n" + "".join(f"{n},{k}\r\n" for n, k in enumerate(labels, start=1))
    assert score(tmp_path, truth=truth)["score"] == expected


@pytest.mark.parametrize(
    ("truth", "fault"),
    [
        (SUBMITTED[:-4], "truth.csv: expected 4 rows below the header, found 3"),
        (SUBMITTED.replace("2,1", "2,3"),
         "truth.csv, row 3, column Label: expected an integer from 0 to 2, found '3'"),
        (SUBMITTED.replace("Label", "label"),
         "truth.csv, row 1: expected the header ImageId,Label, found 'ImageId,label'"),
    ],
    ids=["too short", "no such class", "no labels"],
)  # fmt: skip
def test_a_fault_in_the_true_labels_is_told_by_place_and_nothing_is_written(tmp_path, truth, fault):
    with pytest.raises(DataError) as caught:
        score(tmp_path, truth=truth)
    assert str(caught.value) == f"{tmp_path}/{fault}"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("truth", "expected"), [(None, 0.5), (SUBMITTED, 1.0)])
def test_labels_of_the_test_set_count_where_no_others_are_given(tmp_path, truth, expected):
    labels = np.array([0, 1, 0, 1], np.uint8)
    write_images(tmp_path / "test.parquet", ImageTable(np.zeros((4, 2, 2), np.uint8), labels))
    assert score(tmp_path, truth=truth)["score"] == expected
