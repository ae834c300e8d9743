"""The program check_references."""

import json

import numpy as np
import pytest
from image_files import write_images

import check_references
from digits.core.errors import DataError
from digits.data.image_tables import ImageTable

ANSWERS = "ImageId,Label\n1,0\n2,1\n3,2\n"
RESULTS = "layers,nodes,val_accuracy\n2,100,0.9\n3,100,\n"
HISTORY = "layers,nodes,epoch,accuracy,loss,val_accuracy,val_loss\n2,100,1,0.4,1.6,0.5,1.5\n"


def check(folder, answers=ANSWERS, results=RESULTS, history=HISTORY, *, given=True, more=()):
    write_images(folder / "test.parquet", ImageTable(np.zeros((3, 2, 2), np.uint8)))
    for name, text in (("a", answers), ("results", results), ("history", history)):
        (folder / f"{name}.csv").write_text(text)
    options = [f"--test-labels={folder}/a.csv", f"--published={folder}"] if given else []
    check_references.main(
        [
            f"--test={folder}/test.parquet",
            *options,
            "--classes=3",
            f"--output={folder}/out.json",
            *more,
        ]
    )
    return json.loads((folder / "out.json").read_text())


def test_what_is_as_expected_is_counted(tmp_path):
    counts = {"test_labels": 3, "published_cells": 2, "published_epochs": 1}
    assert check(tmp_path) == counts


def test_scores_of_kaggle_got_by_hand_are_checked_with_the_rest(tmp_path):
    path, given = tmp_path / "scores.tsv", [f"--scores-by-hand={tmp_path}/scores.tsv"]
    path.write_text("submission\tscore\nModel-2L100N.csv\t0.97700\n")
    assert check(tmp_path, given=False, more=given) == {"kaggle_scores": 1}
    path.write_text("submission\tscore\nModel-2L100N.csv\t97.7\n")
    with pytest.raises(DataError, match=r"scores.tsv, row 2, column score: expected a score"):
        check(tmp_path, given=False, more=given)


def test_where_nothing_is_given_nothing_is_checked(tmp_path):
    assert check(tmp_path, "?", "?", "?", given=False) == {}


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"answers": ANSWERS[:-4]}, "a.csv: expected 3 rows below the header, found 2"),
        ({"answers": ANSWERS.replace("2,1", "2,3")}, "a.csv, row 3, column Label: expected an int"),
        ({"results": RESULTS.replace("0.9", "9")}, "results.csv, row 2, column val_accuracy: exp"),
        ({"results": RESULTS.replace("3,", "2,")}, "results.csv: layers 2, nodes 100 has two row"),
        ({"history": HISTORY.replace("1.6", "x")}, "history.csv, row 2, column loss: expected a "),
        ({"history": HISTORY.replace(",epoch", ",e")}, "history.csv: no column 'epoch'; expected"),
    ],
)
def test_a_fault_is_told_with_its_file_and_nothing_is_written(tmp_path, changed, fault):
    with pytest.raises(DataError) as caught:
        check(tmp_path, **changed)
    assert str(caught.value).startswith(f"{tmp_path}/{fault}")
    assert not (tmp_path / "out.json").exists()


def test_a_sample_submission_is_checked_before_any_training(tmp_path):
    sample = tmp_path / "sample.csv"
    sample.write_text("id,label\n0,0\n1,0\n2,0\n")
    form = '--submission-form={"id": "id", "label": "label", "first": 0}'
    more = [f"--sample={sample}", form]
    assert check(tmp_path, given=False, more=more) == {"sample_submission": 3}
    sample.write_text("id,label\n1,0\n2,0\n3,0\n")
    with pytest.raises(DataError, match=r"row 2, column id: expected 0, found '1'; see dataset"):
        check(tmp_path, given=False, more=more)


def test_without_a_test_set_only_published_figures_are_checked(tmp_path):
    (tmp_path / "results.csv").write_text(RESULTS)
    (tmp_path / "history.csv").write_text(HISTORY)
    check_references.main(
        ["--test", f"--published={tmp_path}", "--classes=3", f"--output={tmp_path}/out.json"]
    )
    counts = {"published_cells": 2, "published_epochs": 1}
    assert json.loads((tmp_path / "out.json").read_text()) == counts
