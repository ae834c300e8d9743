"""Raw CSVs to image tables: the exact values, or one line that says what is wrong."""

import csv
import gzip
import io
import re
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from image_files import write_images
from ingesting import described, ingest_bytes

from digits.core.errors import DataError
from digits.data import image_tables
from digits.data.description import Description
from digits.data.image_tables import ImageTable, read_images
from digits.data.ingest import ingest

HEADER = b"label,pixel0,pixel1,pixel2,pixel3,pixel4,pixel5"
ROWS = [[3, 0, 1, 2, 253, 254, 255], [0, 9, 8, 7, 6, 5, 4], [9, 0, 0, 0, 0, 0, 0]]
ROWS += [[label, 1, 2, 3, 4, 5, 6] for label in (1, 2, 4, 5, 6, 7, 8)]
CLEAN = HEADER + b"\n" + b"".join(b",".join(b"%d" % v for v in row) + b"\n" for row in ROWS)
REAL = Path(__file__).parents[4] / "shared" / "data" / "digit-recognizer.zip"


def values(table):
    pixels = table.images.reshape(len(table), -1)
    return np.column_stack([table.labels, pixels]).tolist()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("ingest")


def test_the_table_holds_the_values_of_the_csv(tmp_path):
    table = ingest_bytes(tmp_path, CLEAN)
    assert values(table) == ROWS
    assert table.images.shape == (10, 2, 3)
    assert table.rows is None


def test_a_test_set_has_no_label(tmp_path):
    content = re.sub(rb"(?m)^[^,]*,", b"", CLEAN)
    table = ingest_bytes(tmp_path, content, part="test")
    assert table.labels is None
    assert table.images.reshape(10, 6).tolist() == [row[1:] for row in ROWS]


@pytest.mark.parametrize(
    "content",
    [
        CLEAN.replace(b"\n", b"\r\n"),
        CLEAN.replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + CLEAN,
        CLEAN.rstrip(b"\n"),
        CLEAN + b"\n\r\n\n",
        CLEAN.replace(b"\n", b"\n\n"),
        CLEAN.replace(b",9,", b", 009\t,"),
        CLEAN.replace(b"pixel0", b'"pixel0"'),
    ],
    ids=[
        "CRLF",
        "CR",
        "BOM",
        "no last line end",
        "blank end",
        "blank amid",
        "padded",
        "quoted name",
    ],
)
@pytest.mark.parametrize("block_bytes", [1 << 20, 7])
def test_harmless_variants_equal_their_clean_twin(tmp_path, content, block_bytes):
    assert values(ingest_bytes(tmp_path, content, block_bytes=block_bytes)) == ROWS


def test_a_gzipped_csv_equals_its_plain_twin(tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(CLEAN))
    ingest(described(tmp_path / "a.csv.gz"), tmp_path / "a.parquet")
    assert values(read_images(tmp_path / "a.parquet")) == ROWS


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", ": expected a CSV with a header, found an empty file"),
        (HEADER, ", row 2: expected at least one image, found none below the header"),
        (HEADER + b"\r\n\r\n", ", row 2: expected at least one image, found none below the header"),
        (
            CLEAN.replace(b",254,", b",256,"),
            ", row 2, column pixel4: expected an integer from 0 to 255, found '256'",
        ),
        (
            CLEAN.replace(b",254,", b",0xFE,"),
            ", row 2, column pixel4: expected an integer from 0 to 255, found '0xFE'",
        ),
        (
            CLEAN.replace(b"\n9,", b"\n\xef\xbb\xbf9,"),
            ", row 4, column label: expected an integer from 0 to 9, found '\\ufeff9'",
        ),
        (
            CLEAN.replace(b"\n9,", b"\n10,"),
            ", row 4, column label: expected an integer from 0 to 9, found '10'",
        ),
        (
            CLEAN.replace(b"9,8,7", b"9,8.5,7"),
            ", row 3, column pixel1: expected an integer from 0 to 255, found '8.5';"
            " for another range, set dataset.pixel_range",
        ),
        (CLEAN[:-2], ", row 11, column pixel5: expected an integer from 0 to 255, found nothing"),
        (CLEAN[:-3], ", row 11: expected 7 columns, found 6"),
        (CLEAN + b"1" * 9_000_000, ", row 12: expected at most 4194304 bytes in a row, found more"),
        (
            CLEAN.replace(b"label", b"digit"),
            ", row 1, column 1: expected the label 'label', found 'digit'; if it holds the"
            " labels, set dataset.label to this name",
        ),
        (
            CLEAN.replace(b"\n9,", b"\n8,"),
            ": expected images of each class from 0 to 9 (dataset.classes), found none of 9",
        ),
        (
            HEADER + b"\n" + b"3,0,0,0,0,0,0\n" * 3,
            ": expected images of each class from 0 to 9 (dataset.classes), found none of"
            " 0, 1, 2, 4, 5, …",
        ),
    ],
    ids=range(14),
)
def test_a_fault_is_one_line_and_leaves_nothing_behind(tmp_path, content, fault):
    with pytest.raises(DataError) as caught:
        ingest_bytes(tmp_path, content)
    assert str(caught.value) == f"{tmp_path}/train.csv{fault}"
    assert [path.name for path in tmp_path.iterdir()] == ["train.csv"]


def test_a_fault_late_in_a_file_of_many_blocks_is_found_and_leaves_the_old_table(tmp_path):
    ingest_bytes(tmp_path, CLEAN)
    before = (tmp_path / "train.parquet").read_bytes()
    body = CLEAN.removeprefix(HEADER + b"\n")
    with pytest.raises(DataError, match="row 2002, column pixel0: expected an integer"):
        ingest_bytes(tmp_path, HEADER + b"\n" + body * 200 + b"1,a", block_bytes=64)
    assert (tmp_path / "train.parquet").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 2


def test_a_file_that_ends_in_the_middle_of_its_compressed_bytes_is_refused(tmp_path):
    noise = np.random.default_rng(1).integers(0, 10, (5000, 7))
    content = HEADER + b"\n" + "\n".join(",".join(map(str, row)) for row in noise).encode()
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(content)[:-2000])
    with pytest.raises(
        DataError, match=r"a\.csv\.gz: the file is corrupt or incomplete; download it again"
    ):
        ingest(described(tmp_path / "a.csv.gz"), tmp_path / "a.parquet")
    assert not (tmp_path / "a.parquet").exists()


@pytest.mark.parametrize("block_bytes", [50, 999, 1 << 22])
def test_the_same_rows_give_the_same_bytes_whatever_the_blocks(tmp_path, monkeypatch, block_bytes):
    monkeypatch.setattr("digits.data.image_tables.CHUNK", 64)
    numbers = np.random.default_rng(2).integers(0, 10, (200, 7), dtype=np.uint8)
    content = HEADER + b"\n" + "\n".join(",".join(map(str, row)) for row in numbers).encode()
    ingest_bytes(tmp_path, content, block_bytes=block_bytes, pixel_range=(0, 255))
    direct = ImageTable(numbers[:, 1:].reshape(-1, 2, 3), numbers[:, 0])
    write_images(tmp_path / "direct.parquet", direct)
    assert (tmp_path / "train.parquet").read_bytes() == (tmp_path / "direct.parquet").read_bytes()
    assert pq.ParquetFile(tmp_path / "train.parquet").metadata.num_row_groups == 4


SNIPPETS = [bytes([byte]) for byte in b'0123456789,\n\r\t "x+-.eE_;\x00\xff'] + [
    b"", b"\xef\xbb\xbf", b"\r\n", b"256", b"0x1", "٣".encode(), b"NaN", b"1,2", b'"1"',
]  # fmt: skip
EDIT = st.tuples(st.integers(0, len(CLEAN)), st.integers(0, 2), st.sampled_from(SNIPPETS))
PLAIN = re.compile(rb"[0-9](,0*(1?[0-9]?[0-9]|2[0-4][0-9]|25[0-5])){6}")


def reference(content):
    """Read a CSV as Python's csv and float do."""
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return [[float(cell) for cell in row] for row in list(rows)[1:] if row]


@given(edits=st.lists(EDIT, min_size=1, max_size=3), block_bytes=st.sampled_from([5, 40, 1 << 22]))
@settings(max_examples=400, deadline=None)
def test_any_mutation_is_read_as_python_reads_it_or_refused_by_row_and_column(
    folder, edits, block_bytes
):
    content = CLEAN
    for start, length, snippet in edits:
        content = content[:start] + snippet + content[start + length :]
    try:
        table = ingest_bytes(folder, content, block_bytes=block_bytes)
    except DataError as error:
        header, *lines = re.split(rb"\r\n|\r|\n", content)
        if "expected images of each class" in str(error):
            assert {row[0] for row in reference(content)} < set(range(10))
            return
        assert re.fullmatch(r"\S+/train\.csv, row \d+(, column \S+)?: expected [^\n]+", str(error))
        assert header != HEADER or not all(PLAIN.fullmatch(line) for line in lines if line)
    else:
        assert values(table) == reference(content)


@pytest.mark.skipif(not REAL.exists(), reason="the competition's files are not beside the checkout")
def test_the_real_files_are_read_in_full_and_twice_alike(tmp_path):
    for name in ("a.parquet", "b.parquet"):
        assert ingest(Description((f"{REAL}::train.csv",)), tmp_path / name)["rows"] == 42000
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    table = read_images(tmp_path / "a.parquet")
    counts = [4132, 4684, 4177, 4351, 4072, 3795, 4137, 4401, 4063, 4188]
    assert np.bincount(table.labels).tolist() == counts
    groups = pq.ParquetFile(tmp_path / "a.parquet").metadata.num_row_groups
    assert groups == -(-42000 // image_tables.CHUNK)
    test = Description((f"{REAL}::test.csv",), part="test")
    assert ingest(test, tmp_path / "test.parquet")["rows"] == 28000


@pytest.mark.parametrize("first", ["0", "0.5"])
def test_ids_of_a_test_set_are_kept_with_the_images_in_either_pass(tmp_path, first):
    header = HEADER.replace(b"label", b"id")
    rows = f'\nx1,{first},2,3,4,5,6\n"y, 2",1,2,3,4,5,6\n'
    (tmp_path / "test.csv").write_bytes(header + rows.encode())
    keys = {"part": "test", "ignore": ("id",), "id": "id", "pixel_range": (0, 10)}
    found = ingest(described(tmp_path / "test.csv", **keys), tmp_path / "test.parquet")
    assert found["ids"] == ["x1", "y, 2"]
    (tmp_path / "test.csv").write_bytes(header + b"\n7,1,2,3,4,5,6\n8,1,2,3,4,5,6\n")
    keys["pixel_range"] = None
    found = ingest(described(tmp_path / "test.csv", **keys), tmp_path / "test.parquet")
    assert found["ids"] == ["7", "8"]
