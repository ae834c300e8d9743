"""Columns of numbers become arrays and back, and nothing imports pandas for it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from digits.core.arrow_columns import column_of, numbers_of

SCRIPTS = Path(__file__).parents[3] / "scripts"
KINDS = [np.uint8, np.int32, np.float32, np.float64]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lengths", [[], [0], [5], [0, 3, 0], [2, 1, 4]])
def test_a_column_in_any_chunks_becomes_an_array(kind, lengths):
    numbers = np.arange(sum(lengths)).astype(kind)
    chunks = [pa.array(part) for part in np.split(numbers, np.cumsum(lengths)[:-1])]
    column = pa.chunked_array(chunks[: len(lengths)], pa.from_numpy_dtype(kind))
    found = numbers_of(column)
    assert found.dtype == kind
    assert found.tolist() == numbers.tolist()


def test_a_part_of_a_column_becomes_its_own_numbers():
    column = pa.chunked_array([pa.array(np.arange(9, dtype=np.int32))])
    assert numbers_of(column[4:7]).tolist() == [4, 5, 6]


def test_a_missing_number_is_refused():
    with pytest.raises(ValueError, match="missing"):
        numbers_of(pa.chunked_array([pa.array([1, None], pa.int32())]))


@pytest.mark.parametrize("kind", KINDS)
def test_an_array_becomes_the_column_that_pyarrow_makes(kind):
    numbers = np.arange(12).astype(kind)[::2]
    assert column_of(numbers).equals(pa.array(numbers))


IMAGES = """
import sys
import numpy as np
from pathlib import Path
from digits.data.image_tables import ImageTable, read_images, write_chunks
path = Path(sys.argv[1])
images = np.zeros((3, 2, 2), np.uint8)
write_chunks(path, [ImageTable(images, np.arange(3, dtype=np.uint8), np.arange(3, dtype=np.int32))])
assert read_images(path, ["row", "label"]).labels.tolist() == [0, 1, 2]
print("pandas" in sys.modules)
"""


def test_tables_of_images_are_written_and_read_without_pandas(tmp_path):
    command = [sys.executable, "-c", IMAGES, str(tmp_path / "images.parquet")]
    done = subprocess.run(command, cwd=SCRIPTS, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
