"""The program write_submission."""

import numpy as np
import pytest

import write_submission
from digits.errors import DataError
from digits.probabilities import write_probabilities


def trial(folder, name, probabilities):
    probabilities = np.array(probabilities, dtype=np.float32)
    ids = np.arange(1, len(probabilities) + 1, dtype=np.int32)
    write_probabilities(folder / f"{name}.parquet", {"ImageId": ids}, probabilities)
    return f"{folder}/{name}.parquet"


def test_the_trials_of_a_cell_vote_by_the_mean_of_their_probabilities(tmp_path):
    one = trial(tmp_path, "a", [[0.0, 1.0, 0.0], [0.2, 0.3, 0.5], [0.4, 0.4, 0.2]])
    two = trial(tmp_path, "b", [[0.6, 0.4, 0.0], [0.0, 0.5, 0.5], [0.4, 0.4, 0.2]])
    for order in ([one, two], [two, one]):
        write_submission.main(["--predictions", *order, f"--output={tmp_path}/out/M.csv"])
        assert (tmp_path / "out/M.csv").read_bytes() == b"ImageId,Label\n1,1\n2,2\n3,0\n"


def test_damaged_predictions_are_told_and_nothing_is_written(tmp_path):
    one = trial(tmp_path, "a", [[1.0, 0.0]])
    (tmp_path / "b.parquet").write_text("no table")
    with pytest.raises(DataError, match=r"b\.parquet: not readable predictions"):
        write_submission.main(
            ["--predictions", one, f"{tmp_path}/b.parquet", f"--output={tmp_path}/M.csv"]
        )
    assert not (tmp_path / "M.csv").exists()
