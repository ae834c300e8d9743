"""Tables of images as Parquet: one row per image, all of its pixels in one fixed-size column.

Columns, in this order, where present: ``row`` (int32, 0-based row of the raw training CSV),
``label`` (uint8), ``image`` (fixed-size binary, height x width bytes, row-major; in colour three
times as many, the red, green and blue of each pixel together). The schema's metadata contain the
shape as ``image_shape: "28,28"``, in colour ``"28,28,3"``. Tables are written and read in chunks,
so that the memory of a step does not grow with the number of images.
"""

import hashlib
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from digits.core.arrow_columns import column_of, numbers_of
from digits.core.atomic_files import replacing
from digits.core.errors import DataError
from digits.core.intermediate_files import ContentError, reading

CHUNK = 8192
"""Number of images processed at a time; it bounds the memory and changes no result."""

WRITER = {"compression": "zstd", "write_page_checksum": True}
"""Options for writing image tables; every page has a checksum, which is verified on reading."""


def chunk_size(image_shape: tuple[int, ...]) -> int:
    """Return the number of images processed at a time: ``CHUNK``; in colour as many values."""
    return max(1, CHUNK // math.prod(image_shape[2:]))


@dataclass(frozen=True)
class ImageTable:
    """Images in memory, with their labels and their rows in the raw training CSV where known.

    Attributes
    ----------
    images : uint8 array of shape (n, height, width), 0 = background, or (n, height, width, 3) of
        colours
    labels : uint8 array of shape (n,), or None
    rows : int32 array of shape (n,), or None
    """

    images: np.ndarray
    labels: np.ndarray | None = None
    rows: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.images)

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Shape of an image: (height, width), or (height, width, 3) in colour."""
        return self.images.shape[1:]

    def chunks(self) -> Iterator["ImageTable"]:
        """Yield the table in parts of :func:`chunk_size` images, the last one shorter."""
        size = chunk_size(self.image_shape)
        for start in range(0, len(self), size):
            part = slice(start, start + size)
            labels = None if self.labels is None else self.labels[part]
            rows = None if self.rows is None else self.rows[part]
            yield ImageTable(self.images[part], labels, rows)


class ImageFile:
    """An image table on disk: labels and rows are read at once, images chunk by chunk.

    Parameters
    ----------
    columns : required columns besides the images: ``label``, ``row`` or both
    classes : number of classes, if known
    image_shape : required shape of the images, if known

    Attributes
    ----------
    image_shape : shape of an image: (height, width), or (height, width, 3) in colour
    labels : uint8 array of shape (n,), or None
    rows : int32 array of shape (n,), or None

    Raises
    ------
    DataError
        On opening or reading, if the file is missing, damaged or not an image table; if it has no
        images, images of another shape, a negative or duplicate row, or a label that is not one of
        the classes.
    """

    def __init__(
        self,
        path: Path,
        columns: Sequence[str] = (),
        *,
        classes: int | None = None,
        image_shape: tuple[int, ...] | None = None,
    ) -> None:
        self._path = path
        with reading(path):
            self._file = pq.ParquetFile(path, page_checksum_verification=True)
            self.image_shape = _image_shape(self._file.schema_arrow)
            for name in columns:
                if name not in self._file.schema_arrow.names:
                    raise ContentError(f"no table of images with column {name}")
            self.labels, self.rows = self._column("label"), self._column("row")
            self._check(classes, image_shape or self.image_shape)

    def __len__(self) -> int:
        return self._file.metadata.num_rows

    def chunks(self) -> Iterator[ImageTable]:
        """Yield the table in the parts in which it was written."""
        start = 0
        # Not iter_batches, which retains what it has read.
        for number in range(self._file.num_row_groups):
            with reading(self._path):
                group = self._file.read_row_group(number, ["image"], use_threads=False)
                column = group["image"].combine_chunks()
                last = number == self._file.num_row_groups - 1
                if (start + len(column) == len(self)) != last:
                    raise ContentError("not as long as it says")
            part = slice(start, start + len(column))
            labels = None if self.labels is None else self.labels[part]
            rows = None if self.rows is None else self.rows[part]
            yield ImageTable(_pixels(column, self.image_shape), labels, rows)
            start = part.stop

    def _column(self, name: str) -> np.ndarray | None:
        if name not in self._file.schema_arrow.names:
            return None
        column = numbers_of(self._file.read([name], use_threads=False)[name])
        if len(column) != len(self):
            raise ContentError("not as long as it says")
        return column

    def _check(self, classes: int | None, image_shape: tuple[int, ...]) -> None:
        """Refuse a table that cannot be one of this experiment."""
        if not len(self) or not self._file.num_row_groups:
            raise ContentError("no images")
        if self.image_shape != image_shape:
            expected, found = (" x ".join(map(str, s)) for s in (image_shape, self.image_shape))
            raise ContentError(f"expected images of {expected}, found {found}")
        rows, labels = self.rows, self.labels
        if rows is not None and (rows.min() < 0 or len(np.unique(rows)) < len(rows)):
            raise ContentError("a row is negative or occurs twice")
        if labels is not None and classes and labels.max() >= classes:
            highest = labels.max()
            raise ContentError(
                f"expected labels of {classes} classes, found one of class {highest}"
            )


Images = ImageTable | ImageFile
"""A table of images, in memory or on disk."""


def _pixels(column: pa.Array, image_shape: tuple[int, ...]) -> np.ndarray:
    """View a fixed-size binary column as a uint8 array of shape (n, *image_shape)."""
    size = math.prod(image_shape)
    pixels = np.frombuffer(column.buffers()[1], dtype=np.uint8)
    return pixels[column.offset * size :][: len(column) * size].reshape(-1, *image_shape)


def read_images(
    path: Path,
    columns: Sequence[str] = (),
    *,
    classes: int | None = None,
    image_shape: tuple[int, ...] | None = None,
) -> ImageTable:
    """Read a whole image table; parameters and errors are those of :class:`ImageFile`."""
    table = ImageFile(path, columns, classes=classes, image_shape=image_shape)
    chunks = [chunk.images for chunk in table.chunks()]
    return ImageTable(np.concatenate(chunks), table.labels, table.rows)


def take(table: Images, rows: np.ndarray) -> Iterator[ImageTable]:
    """Yield the images at ascending ``rows`` in chunks, with their labels and these rows."""
    start = 0
    for chunk in table.chunks():
        low, high = np.searchsorted(rows, [start, start + len(chunk)])
        inside = rows[low:high] - start
        labels = None if chunk.labels is None else chunk.labels[inside]
        yield ImageTable(chunk.images[inside], labels, rows[low:high].astype(np.int32))
        start += len(chunk)


def digest(images: np.ndarray) -> np.ndarray:
    """Return the BLAKE2b hash of each image's pixels.

    Parameters
    ----------
    images : uint8 array of shape (n, ...)

    Returns
    -------
    V16 array of shape (n,), 16 bytes each, which can be compared and sorted
    """
    found = [
        hashlib.blake2b(image, digest_size=16).digest() for image in np.ascontiguousarray(images)
    ]
    return np.frombuffer(b"".join(found), "V16")


def digests(table: Images) -> np.ndarray:
    """Return the hashes of all images of a table: V16 array of shape (n,)."""
    return np.concatenate([np.empty(0, "V16"), *(digest(part.images) for part in table.chunks())])


def schema(image_shape: tuple[int, ...], *, label: bool, row: bool = False) -> pa.Schema:
    """Return the Arrow schema of an image table."""
    fields = [pa.field("image", pa.binary(math.prod(image_shape)), nullable=False)]
    if label:
        fields.insert(0, pa.field("label", pa.uint8(), nullable=False))
    if row:
        fields.insert(0, pa.field("row", pa.int32(), nullable=False))
    return pa.schema(fields, metadata={"image_shape": ",".join(map(str, image_shape))})


def _image_shape(layout: pa.Schema) -> tuple[int, ...]:
    """Return the image shape in the metadata of an image table's schema."""
    stated = (layout.metadata or {}).get(b"image_shape", b"")
    if re.fullmatch(rb"\d{1,4},\d{1,4}(,3)?", stated):
        shape = tuple(map(int, stated.split(b",")))
        if layout.equals(schema(shape, label="label" in layout.names, row="row" in layout.names)):
            return shape
    raise ContentError("no table of images")


def image_column(images: np.ndarray) -> pa.Array:
    """Wrap a C-contiguous uint8 array of shape (n, ...) as a fixed-size binary column."""
    size = int(np.prod(images.shape[1:]))
    buffer = pa.py_buffer(np.ascontiguousarray(images, dtype=np.uint8))
    return pa.Array.from_buffers(pa.binary(size), len(images), [None, buffer])


def write_chunks(path: Path, chunks: Iterable[ImageTable]) -> None:
    """Write an image table atomically as Parquet, from chunks of one image shape and one kind.

    The same chunks give the same bytes.
    """
    with replacing(path) as temporary, ExitStack() as stack:
        writer = None
        for chunk in chunks:
            layout = schema(
                chunk.image_shape, label=chunk.labels is not None, row=chunk.rows is not None
            )
            numbers = {"row": chunk.rows, "label": chunk.labels}
            arrays = [column_of(numbers[name]) for name in layout.names[:-1]]
            arrays.append(image_column(chunk.images))
            writer = writer or stack.enter_context(pq.ParquetWriter(temporary, layout, **WRITER))
            writer.write_batch(pa.record_batch(arrays, schema=layout))


def find_images(paths: Sequence[Path], rows: Sequence[int]) -> np.ndarray:
    """Read the images of some rows of the raw training CSV from the tables that contain them.

    Parameters
    ----------
    paths : tables with the column ``row``
    rows : in any order

    Returns
    -------
    uint8 array of shape (n, *image_shape), in the order of ``rows``

    Raises
    ------
    DataError
        If a file is missing, damaged or not such a table, if their images differ in shape, or if a
        row is in none of them.
    """
    found: dict[int, np.ndarray] = {}
    shape = None
    for path in paths:
        table = ImageFile(path, image_shape=shape)
        with reading(path):
            if table.rows is None:
                raise ContentError("no table of images and rows")
        shape = table.image_shape
        for part in take(table, np.flatnonzero(np.isin(table.rows, rows))):
            found |= zip(table.rows[part.rows].tolist(), part.images, strict=True)
    missing = [row for row in rows if row not in found]
    if missing:
        raise DataError(f"{paths[-1]}: no image of row {missing[0]}, nor in the other tables")
    return np.array([found[row] for row in rows], np.uint8).reshape(-1, *(shape or (0, 0)))
