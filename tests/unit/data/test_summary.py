"""Summary of the data, against counts in plain Python on a few images."""

import hashlib
import statistics
from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingesting import described

from digits.core.class_labels import labels_of
from digits.data.image_tables import ImageTable
from digits.data.ingest import ingest
from digits.data.summary import count_duplicates, count_labels, file_facts, summarise_pixels


def table(pixels, labels=None):
    images = np.array(pixels, dtype=np.uint8).reshape(-1, 1, 2)
    return ImageTable(images, None if labels is None else np.array(labels, dtype=np.uint8))


def test_facts_of_a_file_come_from_its_bytes_and_its_table(tmp_path):
    content = b"label,pixel0,pixel1\r\n1,2,3\r\n0,5,6\r\n"
    source = tmp_path / "train.csv"
    source.write_bytes(content)
    output = tmp_path / "train.parquet"
    found = ingest(described(source, image_shape=(1, 2), classes=labels_of(2)), output)
    assert file_facts(found, output) == {
        "source": str(source),
        "rows": 2,
        "columns": 3,
        "dtypes": {"label": "uint8", "pixels": "uint8"},
        "nulls": 0,
        "sha256": hashlib.sha256(content).hexdigest(),
        "format": "CSV",
        "observed": found["observed"],
        "notes": [],
    }


def test_nulls_are_counted_and_not_assumed(tmp_path):
    output = tmp_path / "test.parquet"
    file = {"source": "test.csv", "columns": 2, "sha256": "0", "format": "CSV"}
    column = pa.array([b"ab", None], pa.binary(2))
    pq.write_table(pa.table({"image": column}), output)
    facts = file_facts({"files": [file], "observed": {}, "notes": []}, output)
    assert facts["nulls"] == 1
    assert facts["dtypes"] == {"pixels": "uint8"}
    assert facts["columns"] == 2


def test_several_files_are_told_by_the_first_and_all_their_checksums(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_bytes(b"label,pixel0,pixel1\n1,2,3\n0,5,6\n")
    files = [str(tmp_path / name) for name in ("a.csv", "b.csv")]
    keys = {"image_shape": (1, 2), "classes": labels_of(2)}
    found = ingest(described(files, **keys), tmp_path / "train.parquet")
    facts = file_facts(found, tmp_path / "train.parquet")
    assert facts["source"] == f"{files[0]} and 1 more"
    assert facts["rows"] == 4
    each = file_facts(ingest(described(files[:1], **keys), tmp_path / "a"), tmp_path / "a")
    assert facts["sha256"] == hashlib.sha256("\n".join([each["sha256"]] * 2).encode()).hexdigest()


def test_labels_are_counted_in_order():
    counts = count_labels(np.array([10, 2, 2, 10, 9], dtype=np.uint8), labels_of(11))
    assert list(counts.items()) == [("2", 2), ("9", 1), ("10", 2)]


def test_copies_are_counted_within_and_across_and_by_label():
    train = table([[0, 0], [0, 1], [0, 0], [0, 0], [5, 5], [5, 5]], [1, 2, 1, 3, 4, 4])
    test = table([[0, 0], [7, 7], [7, 7], [0, 0], [5, 5]])
    assert count_duplicates(train, test) == {
        "train": 3,
        "test": 2,
        "test_in_train": 3,
        "conflicting_labels": 3,
    }


def test_images_that_differ_in_a_last_zero_or_in_order_are_no_copies():
    train = table([[1, 0], [0, 1], [1, 1]], [0, 0, 0])
    counts = count_duplicates(train, table([[0, 0]]))
    assert set(counts.values()) == {0}


PIXELS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=6)


@given(train=PIXELS, test=PIXELS, data=st.data())
def test_counts_of_copies_equal_a_comparison_of_all_pairs(train, test, data):
    labels = [data.draw(st.integers(0, 1)) for _ in train]
    labelled = list(zip(train, labels, strict=True))
    conflicts = {
        number
        for (i, (a, one)), (j, (b, other)) in combinations(enumerate(labelled), 2)
        if a == b and one != other
        for number in (i, j)
    }
    assert count_duplicates(table(train, labels), table(test)) == {
        "train": sum(image in train[:i] for i, image in enumerate(train)),
        "test": sum(image in test[:i] for i, image in enumerate(test)),
        "test_in_train": sum(image in train for image in test),
        "conflicting_labels": len(conflicts),
    }


def test_the_summary_has_a_row_per_class_and_one_for_each_part():
    train = table([[0, 10], [0, 255], [4, 5]], [7, 7, 0])
    test = table([[0, 0], [0, 1]])
    summary = summarise_pixels(train, test, labels_of(256))
    assert list(summary.columns) == ["part", "label", "images", "mean", "sd", "median", "ink"]
    assert summary[["part", "label", "images"]].to_numpy().tolist() == [
        ["train", "0", 1],
        ["train", "7", 2],
        ["train", "all", 3],
        ["test", "all", 2],
    ]
    parts = ([4, 5], [0, 10, 0, 255], [0, 10, 0, 255, 4, 5], [0, 0, 0, 1])
    for row, pixels in zip(summary.itertuples(), parts, strict=True):
        assert row.mean == pytest.approx(statistics.fmean(pixels), abs=1e-4)
        assert row.sd == pytest.approx(statistics.pstdev(pixels), abs=1e-4)
        assert row.median == statistics.median(pixels)
        assert row.ink == pytest.approx(sum(p > 0 for p in pixels) / len(pixels), abs=1e-6)
