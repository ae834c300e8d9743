"""A folder of pictures: a subfolder per class or, without labels, the pictures themselves."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from digits.core.class_labels import expected
from digits.core.errors import DataError
from digits.core.parallel import in_order
from digits.data.description import Description
from digits.data.formats.blocks import Block, Opened, RefusedError
from digits.data.formats.pictures import MOST_BYTES, decode
from digits.data.formats.pixels import block_of

AT_ONCE = 256
"""Number of pictures read at a time."""

Pictures = list[tuple[Path, int | None]]
"""Files, with the numbers of their classes."""

JUNK = re.compile(r"(?i)\..*|__MACOSX|thumbs\.db|desktop\.ini")
"""Files that systems leave behind, and hidden ones."""


def open_folder(source: str, description: Description) -> Opened:
    """Open a folder: subfolders named by classes, in their order; pictures by name, 2 before 10.

    Raises
    ------
    DataError
        If a subfolder is none of the classes, or there is no picture; from the blocks, if a picture
        is damaged or has another size.
    """
    entries = _entries(Path(source))
    folders = {entry.name: entry for entry in entries if entry.is_dir()}
    unknown = sorted(folders.keys() - set(description.classes))
    if unknown:
        wanted = expected(description.classes)
        raise DataError(f"{source}: expected a subfolder to be {wanted}, found '{unknown[0]}'")
    if folders and len(folders) < len(entries):
        other = next(entry for entry in entries if not entry.is_dir())
        raise DataError(f"{other}: expected subfolders only, found a file beside them")
    if folders:
        pictures = [
            (path, number)
            for number, label in enumerate(description.classes)
            if label in folders
            for path in _entries(folders[label])
        ]
    else:
        pictures = [(path, None) for path in entries]
    if not pictures:
        raise DataError(f"{source}: expected pictures, found none")
    found = {"format": "folder of pictures", "columns": description.pixels}
    return Opened(_blocks(pictures, description), bool(folders), found)


def _entries(folder: Path) -> list[Path]:
    try:
        found = [path for path in folder.iterdir() if not JUNK.fullmatch(path.name)]
    except OSError as error:
        raise DataError(f"{folder}: cannot be read ({error.strerror})") from error
    return sorted(found, key=lambda path: _natural(path.name))


def _natural(name: str) -> tuple[list[tuple[int, str]], str]:
    """Return a key by which names sort as people count: 2 before 10."""
    parts = re.findall(r"([0-9]{1,18})|([^0-9]+)", name)
    return [(int(number) if number else -1, text) for number, text in parts], name


def _blocks(pictures: Pictures, description: Description) -> Iterator[Block]:
    yield from in_order(partial(_block, description=description), _batches(pictures))


def _batches(pictures: Pictures) -> Iterator[Pictures]:
    return (pictures[start : start + AT_ONCE] for start in range(0, len(pictures), AT_ONCE))


def _block(pictures: Pictures, description: Description) -> Block:
    images = np.stack([_read(path, description) for path, _ in pictures])
    labels = None
    if pictures[0][1] is not None:
        labels = np.array([number for _, number in pictures], np.uint8)
    return block_of(images, labels, description.decoded)


def _read(path: Path, description: Description) -> np.ndarray:
    try:
        if not path.is_file():
            raise RefusedError("expected a picture, found something that is not a regular file")
        with path.open("rb") as file:
            return decode(file.read(MOST_BYTES + 1), description)
    except RefusedError as error:
        raise DataError(f"{path}: {error}") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
