"""Pictures in a folder or a zip: a subfolder per class or, without labels, the pictures alone."""

import unicodedata
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath

import numpy as np

from digits.core.class_labels import expected
from digits.core.errors import DataError
from digits.core.parallel import in_order
from digits.data.description import Description
from digits.data.formats.blocks import Block, Opened, RefusedError
from digits.data.formats.csv_header_errors import shown
from digits.data.formats.pictures import MOST_BYTES, decode
from digits.data.formats.pixels import block_of
from digits.data.sources import PICTURE
from digits.data.trees import Entry, Tree, ZipTree, tree_of

AT_ONCE = 256
"""Number of pictures read at a time."""

Pictures = list[tuple[str, int | None]]
"""Paths, with the numbers of their classes."""


def open_folder(source: str, description: Description) -> Opened:
    """Open a folder: subfolders named by classes, in their order; pictures by name, 2 before 10.

    A subfolder that is none of the classes, with nothing beside it, is what is opened instead.

    Raises
    ------
    DataError
        If a subfolder is none of the classes, or there is no picture; from the blocks, if a picture
        is damaged or has another size.
    """
    tree, notes = tree_of(source), []
    here, entries = _root(tree, description)
    folders = {_composed(entry.name): f"{here}{entry.name}/" for entry in entries if entry[1]}
    files = [entry.name for entry in entries if not entry.is_folder]
    if folders:
        _check_folders(tree, here, folders, description)
        if beside := [name for name in files if PICTURE.search(name)]:
            place = tree.place(f"{here}{beside[0]}")
            raise DataError(f"{place}: expected subfolders only, found a file beside them")
        notes += [f"The file {name} is no picture; it is left out." for name in files[:1]]
        pictures = [
            (path, number)
            for number, label in enumerate(description.classes)
            if label in folders
            for path in _pictures_in(tree, folders[label])
        ]
    elif description.may_lack_labels or not files:
        pictures = [(f"{here}{name}", None) for name in files]
    else:
        raise DataError(f"{tree.place(here)}: expected a subfolder per class, found files only")
    if not pictures:
        raise DataError(f"{tree.place(here)}: expected pictures, found none")
    kind = "zip" if isinstance(tree, ZipTree) else "folder"
    found = {"format": f"{kind} of pictures", "columns": description.pixels}
    names = [] if folders else files
    return Opened(_blocks(tree, pictures, description), bool(folders), found, notes, names)


def _root(tree: Tree, description: Description) -> tuple[str, list[Entry]]:
    """Return the folder to read, and what is in it."""
    here, entries = "", tree.entries()
    while len(entries) == 1 and entries[0].is_folder:
        inner = f"{here}{entries[0].name}/"
        found = tree.entries(inner)
        leads_on = description.may_lack_labels or any(entry.is_folder for entry in found)
        if _composed(entries[0].name) in description.classes or not leads_on:
            break
        here, entries = inner, found
    return here, entries


def _check_folders(
    tree: Tree, here: str, folders: dict[str, str], description: Description
) -> None:
    """Refuse subfolders that are none of the classes."""
    unknown = [name for name in folders if name not in description.classes]
    if not unknown:
        return
    known = set(description.classes)
    above = [
        name for name in unknown if known & {_composed(e[0]) for e in tree.entries(folders[name])}
    ]
    hint = ""
    if above:
        inner = next((name for name in above if description.part in name.casefold()), above[0])
        hint = f"; name the folder that has them, such as {tree.place(folders[inner])}"
    raise DataError(
        f"{tree.place(here)}: expected a subfolder to be {expected(description.classes)}, found"
        f" {shown(unknown[0])}{hint}"
    )


def _pictures_in(tree: Tree, folder: str) -> list[str]:
    entries = tree.entries(folder)
    if inner := next((entry.name for entry in entries if entry.is_folder), None):
        place = tree.place(f"{folder}{inner}")
        raise DataError(f"{place}: expected a picture, found a folder")
    return [f"{folder}{entry.name}" for entry in entries]


def _composed(name: str) -> str:
    """Return a name in the form in which the configuration has it; macOS decomposes accents."""
    return unicodedata.normalize("NFC", name)


def _blocks(tree: Tree, pictures: Pictures, description: Description) -> Iterator[Block]:
    read = partial(_block, tree=tree, description=description)
    yield from in_order(read, _batches(pictures))


def _batches(pictures: Pictures) -> Iterator[Pictures]:
    return (pictures[start : start + AT_ONCE] for start in range(0, len(pictures), AT_ONCE))


def _block(pictures: Pictures, tree: Tree, description: Description) -> Block:
    images = np.stack([_read(tree, path, description) for path, _ in pictures])
    labels = None
    if pictures[0][1] is not None:
        labels = np.array([number for _, number in pictures], np.uint8)
    ids = None
    if description.id is not None:
        ids = [_id(tree, path, description) for path, _ in pictures]
    return block_of(images, labels, description.decoded, ids)


def _id(tree: Tree, path: str, description: Description) -> str:
    name = PurePosixPath(path)
    found = name.name if description.suffix else name.stem
    if not found.isprintable():
        raise DataError(f"{tree.place(path)}: expected a name that can be an id, found {found!r}")
    return found


def _read(tree: Tree, path: str, description: Description) -> np.ndarray:
    with tree.open(path) as file:
        try:
            return decode(file.read(MOST_BYTES + 1), description)
        except RefusedError as error:
            raise DataError(f"{tree.place(path)}: {error}") from error
        except OSError as error:
            raise DataError(f"{tree.place(path)}: cannot be read ({error.strerror})") from error
