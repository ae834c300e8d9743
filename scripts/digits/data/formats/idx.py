"""IDX, MNIST's original format: a header of big-endian sizes, then the values."""

import struct
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from digits.core.errors import DataError
from digits.data.description import Description
from digits.data.formats.arrays import Layout, check_shape, image_blocks, read_label_array
from digits.data.formats.blocks import Block, Opened
from digits.data.sources import open_source

TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
"""Types of values by the third byte of a file."""


def open_idx(source: str, description: Description) -> Opened:
    """Open a file of images, which has no labels.

    Raises
    ------
    DataError
        If its header is damaged; from the blocks, see
        :func:`digits.data.formats.arrays.image_blocks`.
    """
    with open_source(source) as file:
        check_shape(source, _read_header(source, file).shape, description)
    found = {"format": "IDX", "columns": description.pixels}
    return Opened(_blocks(source, description), labelled=False, found=found)


def read_idx_labels(source: str, description: Description) -> np.ndarray:
    """Read a file of labels; see :func:`digits.data.formats.arrays.read_label_array`."""
    with open_source(source) as file:
        return read_label_array(source, file, _read_header(source, file), description)


def _blocks(source: str, description: Description) -> Iterator[Block]:
    with open_source(source) as file:
        yield from image_blocks(source, file, _read_header(source, file), description)


def _read_header(source: str, file: BinaryIO) -> Layout:
    start = file.read(4)
    dimensions = start[3] if len(start) == 4 else 0
    sizes = file.read(4 * dimensions)
    if not start.startswith(b"\0\0") or dimensions not in range(1, 5) or start[2] not in TYPES:
        raise DataError(f"{source}: expected the header of an IDX file, found {start.hex(' ')}")
    if len(sizes) < 4 * dimensions:
        raise DataError(f"{source}: the file is incomplete; download it again")
    return Layout(struct.unpack(f">{dimensions}I", sizes), np.dtype(TYPES[start[2]]))
