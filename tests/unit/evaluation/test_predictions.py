"""Predicted probabilities: read as written; anything else is refused with the file's name."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from digits.core.errors import DataError
from digits.core.intermediate_files import ADVICE
from digits.evaluation.predictions import (
    LABELLED,
    UNLABELLED,
    read_probabilities,
    write_probabilities,
)


def shares(images, classes):
    values = np.random.default_rng(1).random((images, classes), dtype=np.float32)
    return values / values.sum(axis=1, keepdims=True)


def test_probabilities_are_read_as_written_after_their_keys(tmp_path):
    probabilities = shares(4, 12)
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


GOOD = {
    "ImageId": pa.array([1, 2], pa.int32()),
    "p0": pa.array([0.25, 1], pa.float32()),
    "p1": pa.array([0.75, 0], pa.float32()),
}
LAYOUT = "expected the columns ImageId, p0 to p1"
SHARES = "the probabilities of an image must be from 0 to 1 and sum to 1"
FOREIGN = {
    "another key": ({"row": GOOD["ImageId"], "p0": GOOD["p0"], "p1": GOOD["p1"]}, LAYOUT),
    "out of order": ({name: GOOD[name] for name in ("ImageId", "p1", "p0")}, LAYOUT),
    "double precision": (GOOD | {"p0": [0.25, 1.0]}, LAYOUT),
    "a gap": (GOOD | {"p0": pa.array([0.25, None], pa.float32())}, "not as long as it says"),
    "an id twice": (GOOD | {"ImageId": pa.array([1, 1], pa.int32())}, "does not count from 1"),
    "below 0": (GOOD | {name: pa.array([share, 0.5], pa.float32())
                        for name, share in (("p0", -3.0), ("p1", 4.0))}, SHARES),
    "a sum of 7": (GOOD | {"p0": pa.array([0.25, 7], pa.float32())}, SHARES),
    "no number": (GOOD | {"p0": pa.array([0.25, np.nan], pa.float32())}, SHARES),
    "no rows": ({name: column[:0] for name, column in GOOD.items()}, "no rows"),
}  # fmt: skip


@pytest.mark.parametrize(("columns", "reason"), FOREIGN.values(), ids=FOREIGN)
def test_what_are_no_predictions_is_refused(tmp_path, columns, reason):
    pq.write_table(pa.table(GOOD), tmp_path / "a.parquet")
    assert read_probabilities(tmp_path / "a.parquet", UNLABELLED, 2)[1].shape == (2, 2)
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    with pytest.raises(DataError, match=rf"a\.parquet: .*{reason}{ADVICE}$"):
        read_probabilities(tmp_path / "a.parquet", UNLABELLED)


@pytest.mark.parametrize("classes", [2, 4])
def test_predictions_of_other_classes_are_refused(tmp_path, classes):
    path = tmp_path / "a.parquet"
    write_probabilities(path, {"ImageId": np.arange(1, 4)}, shares(3, 3))
    told = re.escape(f"expected the columns ImageId, p0 to p{classes - 1}")
    with pytest.raises(DataError, match=told):
        read_probabilities(path, UNLABELLED, classes)


@pytest.mark.parametrize(
    ("rows", "labels", "told"),
    [
        ([0, 1, -1], [0, 1, 2], "a row is negative or occurs twice"),
        ([0, 1, 1], [0, 1, 2], "a row is negative or occurs twice"),
        ([0, 1, 2], [0, 1, 3], "a label is beyond the 3 classes"),
    ],
    ids=["a negative row", "a row twice", "a label beyond the classes"],
)
def test_rows_and_labels_that_cannot_be_are_refused(tmp_path, rows, labels, told):
    keys = {"row": np.array(rows), "label": np.array(labels)}
    write_probabilities(tmp_path / "a.parquet", keys, shares(3, 3))
    with pytest.raises(DataError, match=told):
        read_probabilities(tmp_path / "a.parquet")


def test_a_flipped_bit_is_noticed_or_changes_nothing(tmp_path):
    path = tmp_path / "a.parquet"
    keys = {"row": np.arange(5, 11), "label": np.array([0, 1, 2, 2, 1, 0])}
    write_probabilities(path, keys, shares(6, 3))
    content = path.read_bytes()
    noticed = 0
    for bit in range(0, 8 * len(content), 11):
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        try:
            found, probabilities = read_probabilities(path, LABELLED)
        except DataError:
            noticed += 1
        else:
            assert {name: found[name].tolist() for name in found} == {
                name: column.tolist() for name, column in keys.items()
            }
            assert probabilities.tolist() == shares(6, 3).tolist()
    assert noticed
