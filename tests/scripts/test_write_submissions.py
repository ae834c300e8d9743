"""The program write_submissions."""

import json

import numpy as np
import pytest
from image_files import write_images
from made_trials import MIXED, Trials, drawn, sure

import write_submissions
from digits.core.design import ENSEMBLE, Design
from digits.core.errors import DataError
from digits.data.image_tables import ImageTable

VOTES = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.6, 0.2, 0.2]]
SUBMITTED = "ImageId,Label\n1,0\n2,1\n3,2\n4,0\n"
CELL = Design({"layers": (5,), "nodes": (200,)}, folds=(0, 1))
"""A cell with two trials."""


def voting(folder, *votes, design=CELL):
    """Write the votes of trials for the test images, one after the other; further ones failed."""
    trials = Trials(folder, design)
    for trial, probabilities in zip(design.trials, votes, strict=False):
        if probabilities is not None:
            trials.write(trial)
            trials.submit(trial, probabilities)
    return trials


def submit(trials, *, classes=3, images=4, truth=None, model="5L200N", more=()):
    """Run the program on trials' predictions; return a submission's bytes and its score."""
    folder = trials.path
    if not (folder / "test.parquet").exists():
        write_images(folder / "test.parquet", ImageTable(np.zeros((images, 2, 2), np.uint8)))
    options = []
    if truth is not None:
        (folder / "truth.csv").write_text(truth)
        options = [f"--test-labels={folder}/truth.csv"]
    if model == ENSEMBLE:
        options.append("--ensemble")
    given = [f"--test={folder}/test.parquet", f"--classes={classes}"]
    write_submissions.main([*trials.given, *given, *options, *more])
    found = trials.results
    return found.submission(model).read_bytes(), json.loads(found.score(model).read_text())


def score(folder, **options):
    return submit(voting(folder, VOTES), **options)[1]


def test_the_trials_of_a_cell_vote_by_the_mean_of_their_probabilities(tmp_path):
    one = [[0.0, 1.0, 0.0], [0.2, 0.3, 0.5], [0.4, 0.4, 0.2]]
    two = [[0.6, 0.4, 0.0], [0.0, 0.5, 0.5], [0.4, 0.4, 0.2]]
    for name, votes in (("a", [one, two]), ("b", [two, one])):
        trials = voting(tmp_path / name, *votes)
        assert submit(trials, images=3)[0] == b"ImageId,Label\n1,1\n2,2\n3,0\n"


def test_trials_of_other_test_images_are_told_by_file(tmp_path):
    trials = voting(tmp_path, [[1.0, 0.0]], [[1.0, 0.0]] * 2)
    told = r"fold-1.*/test\.parquet: expected 1 rows as in .*fold-0.*/test\.parquet, found 2"
    with pytest.raises(DataError, match=told):
        submit(trials, classes=2, images=1)
    first, _ = CELL.trials
    trials.fail(first)
    told = r"fold-1.*/test\.parquet: expected 1 rows, one per test .*, found 2"
    with pytest.raises(DataError, match=told):
        submit(trials, classes=2, images=1)
    assert not (tmp_path / "submissions").exists()


@pytest.mark.parametrize(
    ("failed", "submission", "result"),
    [
        ([1], b"ImageId,Label\n1,0\n2,0\n", {"rows": 2, "score": 1.0}),
        ([0], b"ImageId,Label\n1,1\n2,1\n", {"rows": 2, "score": 0.0}),
        ([0, 1], b"ImageId,Label\n", {"rows": 0, "score": None}),
    ],
)
def test_a_failed_trial_has_no_vote_and_a_cell_without_others_submits_nothing(
    tmp_path, failed, submission, result
):
    trials = voting(tmp_path, [[0.9, 0.1]] * 2, [[0.4, 0.6]] * 2)
    trials.fail(*(list(CELL.trials)[place] for place in failed))
    given = {"classes": 2, "images": 2, "truth": "ImageId,Label\n1,0\n2,0\n"}
    assert submit(trials, **given, model=ENSEMBLE) == (submission, result)


def test_a_submission_without_true_labels_has_no_score(tmp_path):
    assert score(tmp_path) == {"layers": 5, "nodes": 200, "rows": 4, "score": None}


def test_a_submission_of_several_cells_names_none(tmp_path):
    assert score(tmp_path, model=ENSEMBLE) == {"rows": 4, "score": None}


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
    assert not (tmp_path / "submissions").exists()


@pytest.mark.parametrize(("truth", "expected"), [(None, 0.5), (SUBMITTED, 1.0)])
def test_labels_of_the_test_set_count_where_no_others_are_given(tmp_path, truth, expected):
    labels = np.array([0, 1, 0, 1], np.uint8)
    write_images(tmp_path / "test.parquet", ImageTable(np.zeros((4, 2, 2), np.uint8), labels))
    assert score(tmp_path, truth=truth)["score"] == expected


ANSWERS = {trial: drawn(trial, 12, 3) for trial in MIXED.trials}


@pytest.mark.parametrize("model", ["2L8N_optimizer-adamw_dropout-0.25", ENSEMBLE])
def test_cells_of_any_factors_vote_with_their_own_trials_and_the_ensemble_with_all(tmp_path, model):
    levels = {"layers": 2, "nodes": 8, "optimizer": "adamw", "dropout": 0.25}
    cell = {} if model == ENSEMBLE else levels
    voters = MIXED.only(tuple(levels.values())) if cell else MIXED
    # No two sets of trials are as sure together, so there are no ties.
    surer = {trial: 0.6 + 0.004 * 2**place for place, trial in enumerate(MIXED.trials)}
    votes = [sure(ANSWERS[trial], 3, surer[trial]) for trial in surer]
    truth = "ImageId,Label\n" + "".join(f"{n},{n % 3}\n" for n in range(1, 13))
    trials = voting(tmp_path, *votes, design=MIXED)
    submission, found = submit(trials, images=12, truth=truth, model=model)
    expected = []
    for image in range(12):
        means = dict.fromkeys(range(3), 0.0)
        for trial in voters.trials:
            for label in means:
                said = ANSWERS[trial][image] == label
                means[label] += surer[trial] if said else (1 - surer[trial]) / 2
        expected.append(max(means, key=means.get))
    lines = [f"{n},{label}" for n, label in enumerate(expected, start=1)]
    assert submission.decode().splitlines() == ["ImageId,Label", *lines]
    right = sum(label == n % 3 for n, label in enumerate(expected, start=1))
    assert found == cell | {"rows": 12, "score": right / 12}


def test_each_cell_has_a_submission_of_its_own_and_the_ensemble_is_written_apart(tmp_path):
    votes = {trial: sure(ANSWERS[trial], 3) for trial in MIXED.trials}
    trials = voting(tmp_path, *votes.values(), design=MIXED)
    submit(trials, images=12, model=ENSEMBLE)
    (tmp_path / "submissions/Model-ensemble.csv").unlink()
    (tmp_path / "submissions/Model-ensemble.json").unlink()
    submit(trials, images=12, model=next(iter(MIXED.models)))
    names = {path.name for path in (tmp_path / "submissions").iterdir()}
    assert names == {f"Model-{model}.{kind}" for model in MIXED.models for kind in ("csv", "json")}


def test_ids_of_the_test_file_are_those_of_the_submission_and_of_the_true_labels(tmp_path):
    (tmp_path / "test.json").write_text(json.dumps({"ids": ["a", "b", "c", "d"]}))
    more = [f"--test-found={tmp_path}/test.json", '--submission-form={"id": "id", "label": "y"}']
    truth = "id,y\na,0\nb,1\nc,1\nd,1\n"
    submission, found = submit(voting(tmp_path, VOTES), truth=truth, more=more)
    assert submission == b"id,y\na,0\nb,1\nc,2\nd,0\n"
    assert found["score"] == 0.5


def test_an_id_of_two_test_images_is_refused(tmp_path):
    (tmp_path / "test.json").write_text(json.dumps({"ids": ["a", "b", "a", "d"]}))
    with pytest.raises(DataError, match=r"dataset.test: expected each ImageId once, found 'a'"):
        submit(voting(tmp_path, VOTES), more=[f"--test-found={tmp_path}/test.json"])
