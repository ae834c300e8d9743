"""Metrics of trials: validated when read, and compared with the predictions."""

import json

import numpy as np
import pytest
from made_metrics import DESIGN, RESULTS, metrics

from digits.core.errors import DataError
from digits.core.intermediate_files import ADVICE
from digits.core.results_folder import ResultsFolder
from digits.evaluation.trials import disagreement, has_failed, read_all_metrics, read_metrics


def test_metrics_are_read_with_all_their_keys(tmp_path):
    expected = metrics(device="NVIDIA é")
    (tmp_path / "a.json").write_text(json.dumps(expected), encoding="utf-8")
    assert read_metrics(tmp_path / "a.json", DESIGN) == expected


def test_metrics_that_lack_a_column_of_the_results_are_refused(tmp_path):
    for name in RESULTS.split(","):
        values = metrics()
        del values[name]
        (tmp_path / "a.json").write_text(json.dumps(values))
        with pytest.raises(DataError, match=rf"a\.json: lacks the key {name}{ADVICE}$"):
            read_metrics(tmp_path / "a.json", DESIGN)


def test_metrics_of_a_level_that_is_not_in_the_design_are_refused(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(metrics(4)))
    with pytest.raises(DataError, match=r"key layers: expected one of 2, 3, 5, 10, found 4"):
        read_metrics(tmp_path / "a.json", DESIGN)


def test_metrics_of_another_trial_are_refused(tmp_path):
    folder = ResultsFolder(tmp_path, DESIGN.only((2, 100)))
    for fold, found in ((0, 0), (1, 0)):
        path = folder.metrics((2, 100, fold, 422))
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(metrics(2, 100, found)))
    with pytest.raises(DataError, match=r"fold-1_seed-422/metrics.json: .*fold 0, seed 422"):
        read_all_metrics(folder)


@pytest.mark.parametrize(("told", "failed"), [({}, False), ({"failed": None}, False),
                                              ({"failed": "x"}, True)])  # fmt: skip
def test_a_trial_failed_if_its_metrics_tell_why(told, failed):
    assert has_failed(metrics(**told)) is failed


def reported(correct: int, count: int = 100) -> dict:
    return {"best_val_accuracy": float(np.float32(correct / count))}


def predictions(correct: int, close: int = 0, count: int = 100) -> tuple[np.ndarray, np.ndarray]:
    """Labels and probabilities of which so many are correct, the first of them by a hair."""
    labels = np.zeros(count, np.uint8)
    probabilities = np.tile(np.float32([0.9, 0.1, 0]), (count, 1))
    probabilities[correct:] = [0.1, 0.9, 0]
    probabilities[:close] = [0.5, 0.4999, 0]
    return labels, probabilities


@pytest.mark.parametrize("count", [7, 100, 8400, 99_991])
def test_predictions_that_give_the_reported_accuracy_agree_with_it_to_the_image(count):
    correct = count * 3 // 7
    assert disagreement(reported(correct, count), *predictions(correct, count=count)) is None
    for wrong in (correct - 1, correct + 1):
        assert disagreement(reported(wrong, count), *predictions(correct, count=count))


def test_images_whose_class_rounding_decides_may_count_either_way():
    for correct in (86, 90, 94):
        assert disagreement(reported(correct), *predictions(90, close=4)) is None
    assert disagreement(reported(85), *predictions(90, close=4)) == (
        "training reported an accuracy of 0.8500, the predictions give 0.9000 on 100 images"
    )
