"""Arrays of images as they lie in a file, read block by block: what IDX and NumPy files share."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from digits.core.errors import DataError
from digits.data.description import Description
from digits.data.formats.blocks import Block, RefusedError
from digits.data.formats.pixels import block_of, class_numbers

BLOCK_IMAGES = 4096
"""Number of images read at a time, of at most 65,536 pixels each; of colours a third."""

MOST_LABELS = 1 << 24
"""Number of labels that are read at once; each takes a byte or a few."""


@dataclass(frozen=True)
class Layout:
    """An array in a file, in C order, which begins where the file is open.

    Attributes
    ----------
    shape : as the file states it, which may not be true
    dtype : of numbers
    """

    shape: tuple[int, ...]
    dtype: np.dtype


def image_blocks(
    source: str, file: BinaryIO, layout: Layout, description: Description
) -> Iterator[Block]:
    """Read an array of images, block by block.

    Raises
    ------
    DataError
        If images are of another shape, if a value is out of range, or if there are fewer or more
        than stated.
    """
    check_shape(source, layout.shape, description)
    start, total, size = 0, layout.shape[0], description.pixels
    while start < total:
        count = min(BLOCK_IMAGES // description.channels, total - start)
        values = read_values(file, layout.dtype, count * size)
        if len(values) < count * size:
            found = start + len(values) // size
            raise DataError(f"{source}: expected {total} images, as it states, found {found}")
        try:
            yield block_of(values.reshape(count, size), None, description)
        except RefusedError as error:
            raise DataError(f"{source}, images from {start + 1} on: {error}") from error
        start += count
    if file.read(1):
        raise DataError(f"{source}: expected {total} images, as it states, found more bytes")


def check_shape(source: str, shape: tuple[int, ...], description: Description) -> None:
    """Refuse an array that is none of images of the expected height and width."""
    image, channels = shape[1:], description.channels
    by_planes = description.order == "planes"
    if len(shape) == 4 and shape[1 if by_planes else 3] == channels:
        image = shape[2:] if by_planes else shape[1:3]
    elif channels > 1 and len(shape) != 2:
        image = ()
    height, width = description.image_shape
    stored = (width, height) if description.order == "columns" else (height, width)
    if image not in (stored, (description.pixels,)):
        found = " x ".join(map(str, shape))
        raise DataError(
            f"{source}: expected images of {height} x {width} (dataset.image_shape)"
            f"{' x 3 (dataset.channels)' * (channels > 1)}, found an array of {found}"
            f"{_colour_hint(shape, description)}"
        )
    if not shape[0]:
        raise DataError(f"{source}: expected at least one image, found none")


def _colour_hint(shape: tuple[int, ...], description: Description) -> str:
    """Return which key to set where an array is of colours in another order, or unexpectedly."""
    sides, order = description.image_shape, description.order
    found = {(*sides, 3): "rows", (3, *sides): "planes"}.get(shape[1:])
    if found is None:
        return ""
    keys = [] if description.channels == 3 else ["dataset.channels to 3"]
    keys += [] if (order == "planes") == (found == "planes") else [f"dataset.order to {found}"]
    return f"; for colours, set {' and '.join(keys)}"


def read_values(file: BinaryIO, dtype: np.dtype, count: int) -> np.ndarray:
    """Read up to so many values; memory grows with what is there, not with what is stated."""
    wanted, pieces = count * dtype.itemsize, []
    while wanted and (piece := file.read(min(wanted, 1 << 24))):
        pieces.append(piece)
        wanted -= len(piece)
    data = b"".join(pieces)
    return np.frombuffer(data[: len(data) // dtype.itemsize * dtype.itemsize], dtype)


def read_label_array(
    source: str, file: BinaryIO, layout: Layout, description: Description
) -> np.ndarray:
    """Read an array of labels; of several columns, the first.

    Returns
    -------
    uint8 array of shape (n,), numbers of classes

    Raises
    ------
    DataError
        If it is not such an array, or a label is none of the classes.
    """
    total = math.prod(layout.shape)
    if len(layout.shape) not in (1, 2) or not 0 < total <= MOST_LABELS:
        found = " x ".join(map(str, layout.shape)) or "a single value"
        raise DataError(f"{source}: expected a list of labels, found an array of {found}")
    values = read_values(file, layout.dtype, total)
    if len(values) < total:
        raise DataError(f"{source}: expected {total} labels, as it states, found {len(values)}")
    return numbers_of(source, values.reshape(layout.shape[0], -1)[:, 0], description)


def numbers_of(source: str, labels: np.ndarray, description: Description) -> np.ndarray:
    """Return the class numbers of labels; an error names the file and the place."""
    try:
        return class_numbers(labels, description.classes)
    except RefusedError as error:
        raise DataError(f"{source}: {error}") from error
