"""NumPy's files: an array (.npy), or an archive of arrays (.npz); never pickles."""

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import BinaryIO

import numpy as np

from digits.core.errors import DataError
from digits.data.description import Description
from digits.data.formats.arrays import Layout, image_blocks, read_label_array
from digits.data.formats.blocks import Block, Opened
from digits.data.sources import SEPARATOR, UNREADABLE, open_source

IMAGES = ("x_{}", "{}_images", "{}_x", "images_{}", "{}_imgs", "x", "images", "imgs", "data")
LABELS = ("y_{}", "{}_labels", "{}_y", "labels_{}", "y", "labels", "target", "targets")
"""Names of arrays in an archive, in small letters; ``{}`` is the part."""


def open_npy(source: str, description: Description) -> Opened:
    """Open an array of images, which has no labels.

    Raises
    ------
    DataError
        If its header is damaged, or if it holds anything but numbers; from the blocks, see
        :func:`digits.data.formats.arrays.image_blocks`.
    """
    with open_source(source) as file:
        _read_header(source, file)
    found = {"format": "NPY", "columns": description.pixels}
    return Opened(_blocks(source, description), labelled=False, found=found)


def open_npz(source: str, description: Description) -> Opened:
    """Open an archive with an array of images, the only one or named as usual, and their labels.

    Raises
    ------
    DataError
        If it is not clear which array is which; as :func:`open_npy`.
    """
    names = _arrays(source)
    images = _named(names, IMAGES, description.part)
    if images is None:
        raise DataError(f"{source}: {_ambiguous('images', source, names)}")
    labels = None
    if not description.label_files:
        labels = _named([name for name in names if name != images], LABELS, description.part)
    opened = open_npy(_member(source, images), description)
    notes = [f"The images are the array {images}."]
    if labels is None:
        return Opened(opened.blocks, labelled=False, found=opened.found | {"format": "NPZ"})
    numbers = read_npy_labels(_member(source, labels), description)
    notes.append(f"The labels are the array {labels}.")
    blocks = with_labels(source, opened.blocks, numbers)
    return Opened(blocks, True, opened.found | {"format": "NPZ"}, notes)


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
            yield Block(block.images, labels[start:end], block.low, block.high)
        start = end
    if start != len(labels):
        raise DataError(
            f"{source}: expected as many labels as images, {start}, found {len(labels)}"
        )


def _blocks(source: str, description: Description) -> Iterator[Block]:
    with open_source(source) as file:
        yield from image_blocks(source, file, _read_header(source, file), description)


def _read_header(source: str, file: BinaryIO) -> Layout:
    try:
        version = np.lib.format.read_magic(file)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, by_columns, dtype = read(file)
    except (ValueError, KeyError, EOFError) as error:
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
    if by_columns and len(shape) > 1:
        raise DataError(
            f"{source}: expected an array in C order, found one in Fortran order;"
            " save numpy.ascontiguousarray(…) instead"
        )
    return Layout(shape, dtype)


def _arrays(source: str) -> list[str]:
    try:
        with zipfile.ZipFile(source) as archive:
            names = [PurePosixPath(name) for name in archive.namelist()]
    except UNREADABLE as error:
        raise DataError(
            f"{source}: the file is corrupt or incomplete; download it again"
        ) from error
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
