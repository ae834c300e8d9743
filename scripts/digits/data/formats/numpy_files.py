"""NumPy's files: an array (.npy), or an archive of arrays (.npz); never pickles."""

import io
import math
import tokenize
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import BinaryIO

import numpy as np

from digits.core.errors import DataError
from digits.data.description import Description
from digits.data.formats.arrays import (
    Layout,
    blocks_of_array,
    check_shape,
    image_blocks,
    read_label_array,
    read_list,
    read_values,
)
from digits.data.formats.blocks import Block, Opened
from digits.data.formats.pixels import as_text
from digits.data.sources import SEPARATOR, UNREADABLE, member_of, open_source, unreadable

IMAGES = ("x_{}", "{}_images", "{}_x", "images_{}", "{}_imgs", "x", "images", "imgs", "data")
LABELS = ("y_{}", "{}_labels", "{}_y", "labels_{}", "y", "labels", "target", "targets")
"""Names of arrays in an archive, in small letters; ``{}`` is the part."""

MOST_HEADER = 10_000
"""Size of a header in bytes, NumPy's own limit."""

BROKEN_HEADER = (
    *(ValueError, LookupError, EOFError, TypeError, SyntaxError),
    *(MemoryError, RecursionError, tokenize.TokenError),
)
"""What NumPy raises for damaged headers; they are Python literals, so the parser's limits count."""

MOST_BYTES = 1 << 29
"""Size of a packed array in Fortran order, which is read at once."""


def open_npy(source: str, description: Description) -> Opened:
    """Open an array of images, which has no labels.

    Raises
    ------
    DataError
        If its header is damaged, or if it holds anything but numbers; from the blocks, see
        :func:`digits.data.formats.arrays.image_blocks`.
    """
    with open_source(source) as file:
        layout = _read_header(source, file)
    if layout.dtype.kind not in "uifb":
        raise DataError(f"{source}: expected an array of numbers, found the type {layout.dtype}")
    check_shape(source, layout.shape, description)
    found = {"format": "NPY", "columns": description.pixels}
    return Opened(_blocks(source, description), labelled=False, found=found)


def open_npz(source: str, description: Description) -> Opened:
    """Open an archive with an array of images, the only one or named as usual, and their labels.

    Raises
    ------
    DataError
        If it is not clear which array is which; as :func:`open_npy`.
    """
    arrays = _arrays(source)
    names = [name for name in arrays if name not in description.ignore]
    images = _named(names, IMAGES, description.part)
    if images is None:
        raise DataError(f"{source}: {_ambiguous('images', source, names)}")
    labels = ids = None
    if not description.label_files:
        labels = _named([name for name in names if name != images], LABELS, description.part)
    if description.id is not None:
        ids = _named(arrays, (f"{description.id}_{{}}", description.id), description.part)
    opened = open_npy(_member(source, images), description)
    blocks, notes = opened.blocks, [f"The images are the array {images}."]
    if labels is not None:
        numbers = read_npy_labels(_member(source, labels), description)
        notes.append(f"The labels are the array {labels}.")
        blocks = with_labels(source, blocks, numbers)
    if ids is not None:
        blocks = _with_ids(source, blocks, _read_ids(_member(source, ids)))
        notes.append(f"The ids are the array {ids}.")
    return Opened(blocks, labels is not None, opened.found | {"format": "NPZ"}, notes)


def read_npy_labels(source: str, description: Description) -> np.ndarray:
    """Read an array of labels; see :func:`digits.data.formats.arrays.read_label_array`."""
    with open_source(source) as file:
        return read_label_array(source, file, _read_header(source, file), description)


def read_npz_labels(source: str, description: Description) -> np.ndarray:
    """Read the array of labels of an archive, the only one or named as usual."""
    names = _arrays(source)
    labels = names[0] if len(names) == 1 else _named(names, LABELS, description.part)
    if labels is None:
        raise DataError(f"{source}: {_ambiguous('labels', source, names)}")
    return read_npy_labels(_member(source, labels), description)


def with_labels(source: str, blocks: Iterator[Block], labels: np.ndarray) -> Iterator[Block]:
    """Give blocks their labels.

    Raises
    ------
    DataError
        If there are not as many labels as images.
    """
    start = 0
    for block in blocks:
        end = start + len(block)
        if end <= len(labels):
            yield replace(block, labels=labels[start:end])
        start = end
    if start != len(labels):
        raise DataError(
            f"{source}: expected as many labels as images, {start}, found {len(labels)}"
        )


def _with_ids(source: str, blocks: Iterator[Block], ids: list[str]) -> Iterator[Block]:
    """Give blocks their ids, of which there have to be as many as images."""
    start = 0
    for block in blocks:
        end = start + len(block)
        yield replace(block, ids=ids[start:end])
        start = end
    if start != len(ids):
        raise DataError(f"{source}: expected as many ids as images, {start}, found {len(ids)}")


def _read_ids(source: str) -> list[str]:
    with open_source(source) as file:
        values = read_list(source, file, _read_header(source, file), "ids")
    if values.shape[1] > 1:
        raise DataError(f"{source}: expected a list of ids, found {values.shape[1]} columns")
    return list(map(as_text, values[:, 0].tolist()))


def _blocks(source: str, description: Description) -> Iterator[Block]:
    with open_source(source) as file:
        layout = _read_header(source, file)
        if layout.by_columns:
            yield from blocks_of_array(source, _array(source, file, layout), description)
        else:
            yield from image_blocks(source, file, layout, description)


def _array(source: str, file: BinaryIO, layout: Layout) -> np.ndarray:
    """Return an array in Fortran order: memory-mapped where the file is neither packed nor small.

    Raises
    ------
    DataError
        If there is less than the header states, or if a packed array is too large for memory.
    """
    try:
        if source.endswith(".npy") and member_of(source) is None:
            return np.load(source, mmap_mode="r", allow_pickle=False)
    except ValueError as error:
        raise DataError(f"{source}: the file is incomplete; download it again") from error
    total = math.prod(layout.shape)
    if not 0 <= total * layout.dtype.itemsize <= MOST_BYTES:
        raise DataError(
            f"{source}: expected an array in C order, or of at most {MOST_BYTES:,} bytes, found"
            " a larger one in Fortran order; save numpy.ascontiguousarray(…) instead"
        )
    values = read_values(file, layout.dtype, total)
    if len(values) < total:
        raise DataError(f"{source}: expected {total} values, as it states, found {len(values)}")
    return values.reshape(layout.shape, order="F")


def _read_header(source: str, file: BinaryIO) -> Layout:
    try:
        version = np.lib.format.read_magic(file)
        read, size = {
            (1, 0): (np.lib.format.read_array_header_1_0, 2),
            (2, 0): (np.lib.format.read_array_header_2_0, 4),
        }[version]
        length = file.read(size)
        # Of what may be a header of gigabytes, as much as any needs, so that NumPy finds it short.
        header = file.read(min(int.from_bytes(length, "little"), MOST_HEADER))
        shape, by_columns, dtype = read(io.BytesIO(length + header))
    except BROKEN_HEADER as error:
        reason = " ".join(str(error).split())[:80]
        raise DataError(
            f"{source}: expected a NumPy array, found a damaged one ({reason})"
        ) from error
    if dtype.hasobject:
        raise DataError(
            f"{source}: expected an array of numbers, found Python objects, which are not read"
        )
    if dtype.kind not in "uifbSU" or not dtype.itemsize:
        raise DataError(f"{source}: expected an array of numbers, found the type {dtype.str}")
    return Layout(shape, dtype, by_columns and len(shape) > 1)


def _arrays(source: str) -> list[str]:
    try:
        with zipfile.ZipFile(source) as archive:
            names = [PurePosixPath(name) for name in archive.namelist()]
    except UNREADABLE as error:
        raise unreadable(source, error) from error
    found = [str(name.with_suffix("")) for name in names if name.suffix == ".npy"]
    if not found:
        raise DataError(f"{source}: expected a NumPy archive of arrays, found none in it")
    return found


def _named(names: Sequence[str], usual: Sequence[str], part: str) -> str | None:
    """Return the array with the first of the usual names; the only array, whatever its name."""
    if len(names) == 1 and usual is IMAGES:
        return names[0]
    wanted = [name.format(part) for name in usual]
    return min(
        (name for name in names if name.lower() in wanted),
        key=lambda name: wanted.index(name.lower()),
        default=None,
    )


def _member(source: str, name: str) -> str:
    return f"{source}{SEPARATOR}{name}.npy"


def _ambiguous(kind: str, source: str, names: Sequence[str]) -> str:
    shown = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    return (
        f"expected the array of the {kind} under a usual name, found {shown}; name it in the"
        f" configuration, as {{images: {source}::NAME, labels: {source}::NAME}}"
    )
