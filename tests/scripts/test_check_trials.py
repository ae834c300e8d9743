"""The program check_trials."""

import json

import pytest

import check_trials
from digits.errors import TrainingError
from digits.trials import RESULTS


def metrics(folder, **failed):
    paths = []
    for nodes, (name, message) in enumerate(failed.items(), start=8):
        path = folder / f"{name}.json"
        trial = {"layers": 2, "nodes": nodes, "fold": 0, "seed": 1, "failed": message}
        path.write_text(json.dumps(dict.fromkeys(RESULTS, 1) | {"device": "CPU"} | trial))
        paths.append(str(path))
    return paths


def test_trainings_that_all_ended_are_counted(tmp_path):
    paths = metrics(tmp_path, a=None, b=None)
    check_trials.main(["--metrics", *paths, f"--output={tmp_path}/check.json"])
    assert json.loads((tmp_path / "check.json").read_text()) == {"trainings": 2}


def test_failed_trainings_are_named_in_one_line_with_what_happened(tmp_path):
    paths = metrics(tmp_path, a=None, b="epoch 3: the loss is nan", c="epoch 1: the loss is inf")
    with pytest.raises(TrainingError) as raised:
        check_trials.main(["--metrics", *paths, f"--output={tmp_path}/check.json"])
    assert str(raised.value) == (
        "2 of 3 trainings failed, all else is done: 2 x 9, fold 0, seed 1 (epoch 3: the loss is"
        " nan); 2 x 10, fold 0, seed 1 (epoch 1: the loss is inf)"
    )
    assert not (tmp_path / "check.json").exists()
