"""Images by their rows in the raw training file, from several tables, read in parts."""

import numpy as np
import pytest
from image_files import write_images

from digits.core.errors import DataError
from digits.data import image_tables
from digits.data.image_tables import ImageTable, find_images, take, write_chunks


@pytest.fixture
def tables(tmp_path, monkeypatch):
    """Images 0 to 59 of 3 x 2 pixels, the odd rows in one table and the even ones in another."""
    monkeypatch.setattr(image_tables, "CHUNK", 8)
    pixels = np.random.default_rng(4).integers(0, 256, (60, 3, 2), dtype=np.uint8)
    whole = ImageTable(pixels, np.zeros(60, np.uint8))
    paths = [tmp_path / "odd.parquet", tmp_path / "even.parquet"]
    for path, first in zip(paths, (1, 0), strict=True):
        write_chunks(path, take(whole, np.arange(first, 60, 2)))
    return paths, pixels


@pytest.mark.parametrize("rows", [[0], [59, 3, 58, 0, 31], list(range(60)), []])
def test_images_come_in_the_order_asked_for(tables, rows):
    paths, pixels = tables
    found = find_images(paths, rows)
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, pixels[rows].reshape(-1, 3, 2))


def test_a_row_that_is_nowhere_is_told(tables):
    with pytest.raises(DataError, match=r"even\.parquet: no image of row 60, nor in the other"):
        find_images(tables[0], [3, 60])


def test_a_table_without_rows_is_refused(tables, tmp_path):
    (odd, _), pixels = tables
    write_images(tmp_path / "bare.parquet", ImageTable(pixels))
    with pytest.raises(DataError, match=r"bare\.parquet: no table of images and rows"):
        find_images([odd, tmp_path / "bare.parquet"], [1])
