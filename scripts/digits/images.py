"""Tables of images as Parquet: one row per image, all of its pixels in one fixed-size column.

Columns, in this order, where present: ``row`` (int32, 0-based row of the raw training CSV),
``label`` (uint8), ``image`` (fixed-size binary, height x width bytes, row-major). The schema's
metadata hold the shape as ``image_shape: "28,28"``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from digits.errors import DataError
from digits.files import replacing

ROWS_PER_GROUP = 8192

WRITER = {"compression": "zstd", "write_page_checksum": True}
"""How image tables are written: every page with a checksum, which is compared at reading."""


@dataclass(frozen=True)
class ImageTable:
    """Images with, where known, their labels and their rows in the raw training CSV.

    Attributes
    ----------
    images : uint8 array of shape (n, height, width), 0 = background
    labels : uint8 array of shape (n,), or None
    rows : int32 array of shape (n,), or None
    """

    images: np.ndarray
    labels: np.ndarray | None = None
    rows: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.images)

    def take(self, indices: np.ndarray) -> "ImageTable":
        """Return the images at ``indices``, with their labels; the indices become their rows."""
        labels = None if self.labels is None else self.labels[indices]
        return ImageTable(self.images[indices], labels, indices.astype(np.int32))


def schema(image_shape: tuple[int, int], *, label: bool, row: bool = False) -> pa.Schema:
    """Return the Arrow schema of an image table."""
    height, width = image_shape
    fields = [pa.field("image", pa.binary(height * width), nullable=False)]
    if label:
        fields.insert(0, pa.field("label", pa.uint8(), nullable=False))
    if row:
        fields.insert(0, pa.field("row", pa.int32(), nullable=False))
    return pa.schema(fields, metadata={"image_shape": f"{height},{width}"})


def _image_shape(layout: pa.Schema) -> tuple[int, int] | None:
    """Return the image shape that a schema states, or None if it is no image table's."""
    stated = (layout.metadata or {}).get(b"image_shape", b"")
    sides = re.fullmatch(rb"(\d{1,4}),(\d{1,4})", stated)
    if not sides:
        return None
    height, width = map(int, sides.groups())
    expected = schema((height, width), label="label" in layout.names, row="row" in layout.names)
    return (height, width) if layout.equals(expected) else None


def image_column(images: np.ndarray) -> pa.Array:
    """Wrap a C-contiguous uint8 array of shape (n, ...) as a fixed-size binary column."""
    size = int(np.prod(images.shape[1:]))
    buffer = pa.py_buffer(np.ascontiguousarray(images, dtype=np.uint8))
    return pa.Array.from_buffers(pa.binary(size), len(images), [None, buffer])


def write_images(path: Path, table: ImageTable) -> None:
    """Write an image table as Parquet, whole or not at all; the same table gives the same bytes."""
    layout = schema(
        table.images.shape[1:], label=table.labels is not None, row=table.rows is not None
    )
    columns = {"row": table.rows, "label": table.labels, "image": image_column(table.images)}
    arrays = [pa.array(columns[name]) for name in layout.names]
    with replacing(path) as temporary:
        pq.write_table(
            pa.Table.from_arrays(arrays, schema=layout),
            temporary,
            row_group_size=ROWS_PER_GROUP,
            **WRITER,
        )


def read_images(path: Path) -> ImageTable:
    """Read a whole image table.

    Raises
    ------
    DataError
        If the file is missing, damaged or not an image table.
    """
    try:
        table = pq.read_table(path, memory_map=True, page_checksum_verification=True)
        shape = _image_shape(table.schema)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise DataError(f"{path}: not a readable Parquet file; delete it and run again") from error
    if shape is None:
        raise DataError(f"{path}: no table of images; delete it and run again")

    def values(name: str) -> np.ndarray | None:
        return table[name].to_numpy() if name in table.column_names else None

    return ImageTable(_pixels(table["image"], shape), values("label"), values("row"))


def _pixels(column: pa.ChunkedArray, shape: tuple[int, int]) -> np.ndarray:
    """View a column of images as a uint8 array of shape (n, height, width)."""
    array, size = column.combine_chunks(), shape[0] * shape[1]
    pixels = np.frombuffer(array.buffers()[1], dtype=np.uint8)
    return pixels[array.offset * size :][: len(array) * size].reshape(-1, *shape)


def find_images(paths: Sequence[Path], rows: Sequence[int]) -> np.ndarray:
    """Read the images of some rows of the raw training CSV from the tables that they lie in.

    One group of rows is in memory at a time, and only where it holds one of those looked for.

    Parameters
    ----------
    paths : tables that state the rows of their images
    rows : in any order

    Returns
    -------
    uint8 array of shape (n, height, width), in the order of ``rows``

    Raises
    ------
    DataError
        If a file is missing, damaged or no such table, or a row is in none of them.
    """
    found: dict[int, np.ndarray] = {}
    shape = (0, 0)
    for path in paths:
        try:
            file = pq.ParquetFile(path, memory_map=True, page_checksum_verification=True)
            shape = _image_shape(file.schema_arrow)
            if shape is None or "row" not in file.schema_arrow.names:
                raise DataError(f"{path}: no table of images and rows; delete it and run again")
            for group in range(file.num_row_groups):
                numbers = file.read_row_group(group, ["row"])["row"].to_numpy()
                places = np.flatnonzero(np.isin(numbers, rows))
                if len(places):
                    images = _pixels(file.read_row_group(group, ["image"])["image"], shape)
                    found |= zip(numbers[places].tolist(), images[places], strict=True)
        except (OSError, ValueError, pa.ArrowException) as error:
            raise DataError(
                f"{path}: not a readable Parquet file; delete it and run again"
            ) from error
    missing = [row for row in rows if row not in found]
    if missing:
        raise DataError(f"{paths[-1]}: no image of row {missing[0]}, nor in the other tables")
    return np.array([found[row] for row in rows], np.uint8).reshape(-1, *shape)
