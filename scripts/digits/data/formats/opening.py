"""Opening raw files in the format that their first bytes show."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from digits.core.errors import DataError
from digits.data.description import Description
from digits.data.file_kinds import IDX
from digits.data.formats.blocks import Opened
from digits.data.formats.delimited import open_csv
from digits.data.sources import is_folder, member_of, open_source

ZIP = b"PK\x03\x04"
MAGIC = {b"\x93NUMPY": "npy", b"PAR1": "parquet"}
"""Formats by their first bytes; all else is a CSV."""


def open_images(source: str, description: Description) -> Opened:
    """Open a source in its format.

    Raises
    ------
    DataError
        If it cannot be read as images; from the blocks, if anything in it is invalid.
    """
    if is_folder(source):
        from digits.data.formats.folders import open_folder

        return open_folder(source, description)
    kind = _kind(source)
    if kind == "csv":
        return open_csv(source, description)
    return _openers()[kind](source, description)


def open_with_labels(images: str, labels: str, description: Description) -> Opened:
    """Open images whose labels are in another file, in the same order.

    Raises
    ------
    DataError
        As :func:`open_images`; also if there are not as many labels as images.
    """
    from digits.data.formats.numpy_files import with_labels

    opened = open_images(images, description)
    if opened.labelled:
        raise DataError(f"{images}: expected images without labels, as those are in {labels}")
    numbers = read_labels(labels, description, opened.names)
    blocks = with_labels(labels, opened.blocks, numbers)
    return Opened(blocks, True, opened.found | {"labels": labels}, opened.notes)


def read_labels(source: str, description: Description, names: Sequence[str] = ()) -> np.ndarray:
    """Read a file of labels in its format: uint8 array of shape (n,), numbers of classes.

    Parameters
    ----------
    names : names of the pictures, which a CSV may have beside the labels
    """
    from digits.data.formats import idx, label_lists, numpy_files, parquet

    readers = {
        "csv": partial(label_lists.read_csv_labels, names=names),
        "idx": idx.read_idx_labels,
        "npy": numpy_files.read_npy_labels,
        "npz": numpy_files.read_npz_labels,
        "parquet": parquet.read_parquet_labels,
    }
    return readers[_kind(source)](source, description)


def _kind(source: str) -> str:
    with open_source(source) as file:
        head = file.read(8)
    if head.startswith(ZIP) and member_of(source) is not None:
        raise DataError(f"{source}: expected a file of images, found a zip in a zip; unpack it")
    if IDX.match(head):
        return "idx"
    kind = next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), "csv")
    # A zip is an archive of arrays only where it is called one; other zips hold members.
    return "npz" if kind == "csv" and source.endswith(".npz") else kind


def _openers() -> dict[str, Callable[[str, Description], Opened]]:
    """Return what opens each format but CSV, which needs none of their libraries."""
    from digits.data.formats import idx, numpy_files, parquet

    return {
        "idx": idx.open_idx,
        "npy": numpy_files.open_npy,
        "npz": numpy_files.open_npz,
        "parquet": parquet.open_parquet,
    }
