"""The program write_submission."""

import json

import numpy as np
import pytest

import write_submission
from digits.core.errors import DataError
from digits.evaluation.predictions import write_probabilities
from digits.evaluation.trials import RESULTS


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


def test_the_trials_of_a_cell_vote_by_the_mean_of_their_probabilities(tmp_path):
    one = trial(tmp_path, "a", [[0.0, 1.0, 0.0], [0.2, 0.3, 0.5], [0.4, 0.4, 0.2]])
    two = trial(tmp_path, "b", [[0.6, 0.4, 0.0], [0.0, 0.5, 0.5], [0.4, 0.4, 0.2]])
    for order in ([one, two], [two, one]):
        write_submission.main(
            ["--predictions", *order, "--metrics", *metrics(tmp_path, None, None),
             "--classes=3", f"--output={tmp_path}/out/M.csv"]
        )  # fmt: skip
        assert (tmp_path / "out/M.csv").read_bytes() == b"ImageId,Label\n1,1\n2,2\n3,0\n"


def test_trials_of_other_test_images_are_told_by_file(tmp_path):
    one, two = trial(tmp_path, "a", [[1.0, 0.0]]), trial(tmp_path, "b", [[1.0, 0.0]] * 2)
    with pytest.raises(DataError, match=r"b\.parquet: expected 1 rows as in .*a\.parquet, found 2"):
        write_submission.main(
            ["--predictions", one, two, "--metrics", *metrics(tmp_path, None, None),
             "--classes=2", f"--output={tmp_path}/M.csv"]
        )  # fmt: skip
    assert not (tmp_path / "M.csv").exists()


def test_a_failed_trial_has_no_vote_and_a_cell_without_others_submits_nothing(tmp_path):
    one = trial(tmp_path, "a", [[0.9, 0.1], [0.9, 0.1]])
    two = trial(tmp_path, "b", [[0.4, 0.6], [0.4, 0.6]])
    expected = {
        (None, "nan"): b"ImageId,Label\n1,0\n2,0\n",
        ("nan", None): b"ImageId,Label\n1,1\n2,1\n",
        ("nan", "nan"): b"ImageId,Label\n",
    }
    for failed, content in expected.items():
        write_submission.main(
            ["--predictions", one, two, "--metrics", *metrics(tmp_path, *failed),
             "--classes=2", f"--output={tmp_path}/M.csv"]
        )  # fmt: skip
        assert (tmp_path / "M.csv").read_bytes() == content
