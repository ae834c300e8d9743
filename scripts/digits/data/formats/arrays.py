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
    """An array in a file, which begins where the file is open.

    Attributes
    ----------
    shape : as the file states it, which may not be true
    dtype : of numbers
    by_columns : whether it is in Fortran order
    """

    shape: tuple[int, ...]
    dtype: np.dtype
    by_columns: bool = False


def image_blocks(
    source: str, file: BinaryIO, layout: Layout, description: Description
) -> Iterator[Block]:
    """Read an array of images in C order, block by block; :func:`check_shape` goes before.

    Raises
    ------
    DataError
        If a value is out of range, or if there are fewer or more images than stated.
    """
    start, total, size = 0, layout.shape[0], description.pixels
    while start < total:
        count = min(BLOCK_IMAGES // description.channels, total - start)
        values = read_values(file, layout.dtype, count * size)
        if len(values) < count * size:
            found = start + len(values) // size
            raise DataError(f"{source}: expected {total} images, as it states, found {found}")
        yield _block(source, start, values.reshape(count, size), description)
        start += count
    if file.read(1):
        raise DataError(f"{source}: expected {total} images, as it states, found more bytes")


def blocks_of_array(source: str, values: np.ndarray, description: Description) -> Iterator[Block]:
    """Copy an array of images in any order, which need not be in memory, block by block.

    Raises
    ------
    DataError
        If a value is out of range.
    """
    for start in range(0, len(values), BLOCK_IMAGES):
        images = np.ascontiguousarray(values[start : start + BLOCK_IMAGES])
        yield _block(source, start, images.reshape(len(images), -1), description)


def _block(source: str, start: int, values: np.ndarray, description: Description) -> Block:
    try:
        return block_of(values, None, description)
    except RefusedError as error:
        raise DataError(f"{source}, image {start + error.place + 1}, {error}") from error


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
    if shape[0] < 1:
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
    """Read an array of labels; of several columns, the first, unless they are one-hot.

    Returns
    -------
    uint8 array of shape (n,), numbers of classes

    Raises
    ------
    DataError
        If it is not such an array, or a label is none of the classes.
    """
    labels = read_list(source, file, layout, "labels")
    if labels.shape[1] == len(description.classes) and _are_one_hot(labels):
        return labels.argmax(axis=1).astype(np.uint8)
    return numbers_of(f"{source}, label", labels[:, 0], description)


def read_list(source: str, file: BinaryIO, layout: Layout, kind: str) -> np.ndarray:
    """Read a value, or a row of values, per image.

    Returns
    -------
    array of shape (n, columns)

    Raises
    ------
    DataError
        If the array has another shape, or fewer values than stated.
    """
    total = math.prod(layout.shape)
    if len(layout.shape) not in (1, 2) or not 0 < total <= MOST_LABELS:
        found = " x ".join(map(str, layout.shape)) or "a single value"
        raise DataError(f"{source}: expected a list of {kind}, found an array of {found}")
    values = read_values(file, layout.dtype, total)
    if len(values) < total:
        raise DataError(f"{source}: expected {total} {kind}, as it states, found {len(values)}")
    return values.reshape(layout.shape[0], -1, order="F" if layout.by_columns else "C")


def _are_one_hot(labels: np.ndarray) -> bool:
    """Return whether rows have a 1 at the place of the class and are 0 elsewhere."""
    if labels.dtype.kind not in "uifb":
        return False
    return bool(((labels == 0) | (labels == 1)).all() and (labels.sum(axis=1) == 1).all())


def numbers_of(
    place: str, labels: np.ndarray, description: Description, first: int = 1
) -> np.ndarray:
    """Return the class numbers of labels; an error has the place, such as ``row``, and a number."""
    try:
        return class_numbers(labels, description.classes)
    except RefusedError as error:
        raise DataError(f"{place} {first + error.place}: {error}") from error
