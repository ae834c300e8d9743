"""Training tensors as NPZ files with uncompressed members, so that they can be memory-mapped.

A file contains ``images`` (uint8, shape (n, height, width), in colour (n, height, width, 3)) and
``labels`` (uint8, shape (n,)).
NumPy's own writer needs the whole array in memory and its reader cannot map a member of an archive,
hence these two functions. ``numpy.load`` reads the files as well.
"""

import math
import struct
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy

from digits.core.atomic_files import replacing
from digits.core.intermediate_files import ContentError, reading

ALIGNMENT = 64
"""Alignment of arrays in a file, in bytes, with which TensorFlow uses a mapping without a copy."""

LOCAL_HEADER = 30  # bytes before a member's name, in the ZIP format
ZIP64_FIELD = 20  # bytes that zipfile writes first among a member's extra fields
PADDING_FIELD = struct.Struct("<HH")  # an extra field's kind and length
PADDING_ID = 0xD935  # the kind that Android's zipalign uses for padding; readers skip it


def write_tensor(
    path: Path, chunks: Iterable[np.ndarray], labels: np.ndarray, image_shape: tuple[int, ...]
) -> None:
    """Write chunks of images and their labels atomically; the same input gives the same bytes.

    Parameters
    ----------
    chunks : uint8 arrays of shape (any, *image_shape), n images in total
    labels : uint8 array of shape (n,)

    Raises
    ------
    ValueError
        If the number of images in the chunks is not that of the labels.
    """
    shape = (len(labels), *image_shape)
    with (
        replacing(path) as temporary,
        temporary.open("wb") as file,
        zipfile.ZipFile(file, "w") as archive,
    ):
        _write_member(archive, file.tell(), "labels", labels.shape, [labels])
        _write_member(archive, file.tell(), "images", shape, chunks)


def _write_member(
    archive: zipfile.ZipFile,
    position: int,
    name: str,
    shape: tuple[int, ...],
    chunks: Iterable[np.ndarray],
) -> None:
    # A ZipInfo made by hand has no clock time, so the bytes depend only on the content.
    info = zipfile.ZipInfo(f"{name}.npy")
    unpadded = position + LOCAL_HEADER + len(info.filename) + ZIP64_FIELD
    padding = -(unpadded + PADDING_FIELD.size) % ALIGNMENT
    info.extra = PADDING_FIELD.pack(PADDING_ID, padding) + bytes(padding)
    with archive.open(info, "w", force_zip64=True) as member:
        header = {"descr": "|u1", "fortran_order": False, "shape": shape}
        npy.write_array_header_1_0(member, header)
        written = 0
        for chunk in chunks:
            member.write(np.ascontiguousarray(chunk, dtype=np.uint8).data)
            written += chunk.size
        if written != np.prod(shape):
            raise ValueError(f"{name}: {written} bytes for an array of shape {shape}")


def read_tensor(path: Path, classes: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Memory-map a tensor file after verifying its checksums.

    Parameters
    ----------
    classes : number of classes, if known

    Returns
    -------
    images : uint8 array of shape (n, height, width), in colour (n, height, width, 3); changes to it
        stay in memory
    labels : uint8 array of shape (n,), likewise

    Raises
    ------
    DataError
        If the file is missing, damaged or not such a tensor, if it has no images, or if a label is
        not one of the classes.
    """
    with reading(path):
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            damaged = archive.testzip()
            if damaged:
                raise ContentError(f"{damaged} has changed since it was written")
            images, labels = (_map_member(path, archive, file, n) for n in ("images", "labels"))
        if (
            images.shape[3:] not in ((), (3,))
            or images.ndim < 3
            or labels.shape != images.shape[:1]
        ):
            raise ContentError("images and labels do not fit")
        if not images.size:
            raise ContentError("no images")
        if classes and labels.max() >= classes:
            highest = labels.max()
            raise ContentError(
                f"expected labels of {classes} classes, found one of class {highest}"
            )
    return images, labels


def _map_member(path: Path, archive: zipfile.ZipFile, file: BinaryIO, name: str) -> np.ndarray:
    member = archive.getinfo(f"{name}.npy")
    if member.compress_type != zipfile.ZIP_STORED:
        raise ContentError(f"{name} is compressed")
    # The local header's name and extra field may differ in length from those in the directory.
    file.seek(member.header_offset)
    local = file.read(30)
    file.seek(int.from_bytes(local[26:28], "little") + int.from_bytes(local[28:30], "little"), 1)
    start = file.tell()
    npy.read_magic(file)
    shape, fortran_order, dtype = npy.read_array_header_1_0(file)
    if dtype != np.uint8 or fortran_order:
        raise ContentError(f"{name} is not a C-ordered array of bytes")
    if math.prod(shape) != member.file_size - (file.tell() - start):
        raise ContentError(f"{name} is not as large as its shape says")
    return np.memmap(path, dtype=np.uint8, mode="c", offset=file.tell(), shape=shape)
