"""Predicted probabilities: read as written, and refused by name where damaged."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from digits.errors import DataError
from digits.probabilities import read_probabilities, write_probabilities


def test_probabilities_are_read_as_written_after_their_keys(tmp_path):
    probabilities = np.random.default_rng(1).random((4, 12), dtype=np.float32)
    keys = {"row": np.arange(4, dtype=np.int32), "label": np.arange(4, dtype=np.uint8)}
    for name in "ab":
        write_probabilities(tmp_path / f"{name}.parquet", keys, probabilities)
    found_keys, found = read_probabilities(tmp_path / "a.parquet")
    assert found.dtype == np.float32
    assert found.tolist() == probabilities.tolist()
    assert {name: found_keys[name].tolist() for name in found_keys} == {
        "row": [0, 1, 2, 3],
        "label": [0, 1, 2, 3],
    }
    layout = pq.read_schema(tmp_path / "a.parquet")
    assert layout.names == ["row", "label", *(f"p{label}" for label in range(12))]
    assert layout.types == [pa.int32(), pa.uint8(), *[pa.float32()] * 12]
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_a_key_that_starts_with_p_is_no_probability(tmp_path):
    keys = {"part": np.array([1, 2]), "p": np.array([3, 4])}
    write_probabilities(tmp_path / "a.parquet", keys, np.array([[0.5, 0.5]] * 2))
    found_keys, found = read_probabilities(tmp_path / "a.parquet")
    assert list(found_keys) == ["part", "p"]
    assert found.shape == (2, 2)


def test_damaged_predictions_are_refused_by_name(tmp_path):
    path = tmp_path / "a.parquet"
    with pytest.raises(DataError, match=r"a\.parquet: not readable predictions"):
        read_probabilities(path)
    write_probabilities(path, {"ImageId": np.arange(9)}, np.ones((9, 2)))
    content = path.read_bytes()
    for size in (0, 4, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:size])
        with pytest.raises(DataError, match=r"a\.parquet: not readable predictions"):
            read_probabilities(path)


def test_predictions_without_probabilities_or_with_text_for_them_are_refused(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"ImageId": [1]}), path)
    with pytest.raises(DataError, match=r"a\.parquet: no probabilities; delete it and run again"):
        read_probabilities(path)
    pq.write_table(pa.table({"ImageId": [1], "p0": ["a"]}), path)
    with pytest.raises(DataError, match=r"a\.parquet: not readable predictions"):
        read_probabilities(path)
