"""Trees of pictures: a folder, or what a zip holds, which is read without being unpacked.

Only the standard library is used, because the workflow identifies trees each time it is parsed.
"""

import hashlib
import os
import re
import zipfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from digits.core.errors import DataError
from digits.data.sources import (
    MOST_LEVELS,
    SEPARATOR,
    UNREADABLE,
    is_there,
    member_of,
    named_stream,
    open_zip,
    path_of,
    unreadable,
)

JUNK = re.compile(r"(?i)\..*|__MACOSX|thumbs\.db|desktop\.ini")
"""Files that systems leave behind, and hidden ones."""


class Entry(NamedTuple):
    """What is in a folder: its name, and whether it is a folder itself."""

    name: str
    is_folder: bool


class Tree(Protocol):
    """Files in folders; paths are relative, with slashes, and those of folders end in one."""

    def entries(self, folder: str = "") -> list[Entry]:
        """Return what is in a folder, without junk, sorted as people count: 2 before 10."""

    def open(self, path: str) -> BinaryIO:
        """Open a file for reading."""

    def place(self, path: str = "") -> str:
        """Return the name of a file or a folder for messages and configurations."""


def tree_of(source: str) -> Tree:
    """Return the tree of a source that is one (see :func:`digits.data.sources.is_folder`)."""
    return FolderTree(source) if Path(source).is_dir() else ZipTree(source)


def files_below(tree: Tree, folder: str = "") -> Iterator[str]:
    """Yield the paths of all files of a tree.

    Raises
    ------
    DataError
        If a folder cannot be read, or if there are far too many folders in one another.
    """
    if folder.count("/") > MOST_LEVELS:
        raise DataError(f"{tree.place(folder)}: expected at most {MOST_LEVELS} levels of folders")
    for name, is_folder in tree.entries(folder):
        if is_folder:
            yield from files_below(tree, f"{folder}{name}/")
        else:
            yield f"{folder}{name}"


def content_hash(tree: Tree) -> str:
    """Return the SHA-256 of the names and contents of a tree's files, in hexadecimal."""
    found = hashlib.sha256()
    for path in sorted(files_below(tree), key=lambda path: path.split("/")):
        with tree.open(path) as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        found.update(os.fsencode(path) + f"\0{content}\n".encode())
    return found.hexdigest()


class FolderTree:
    """A folder; links to files and folders count as what they lead to."""

    def __init__(self, source: str) -> None:
        self.source = source.rstrip("/") or "/"

    def entries(self, folder: str = "") -> list[Entry]:
        """Return what is in a folder; see :class:`Tree`."""
        here = self._path(folder)
        try:
            with os.scandir(here) as found:
                entries = [entry for entry in found if not JUNK.fullmatch(entry.name)]
                return _sorted(Entry(entry.name, self._is_folder(entry)) for entry in entries)
        except OSError as error:
            raise unreadable(str(here), error) from error

    def open(self, path: str) -> BinaryIO:
        """Open a file for reading; what is not a regular file is refused."""
        file = self._path(path)
        if not is_there(file):
            raise DataError(f"{file}: no such file")
        try:
            return file.open("rb")
        except OSError as error:
            raise unreadable(str(file), error) from error

    def place(self, path: str = "") -> str:
        """Return the path of a file or a folder."""
        return str(self._path(path))

    def _path(self, path: str) -> Path:
        return Path(self.source, path)

    @staticmethod
    def _is_folder(entry: os.DirEntry) -> bool:
        """Return whether an entry is a folder; a link to one that it is in would never end."""
        if not entry.is_symlink():
            return entry.is_dir()
        # Not the entry's own method, which raises an exception for a link to itself.
        found = os.path.isdir(entry.path)  # noqa: PTH112
        link = Path(entry.path)
        if found and link.parent.resolve().is_relative_to(link.resolve()):
            raise DataError(f"{link}: expected pictures, found a link to a folder that it is in")
        return found


class ZipTree:
    """What a zip holds, or a folder in it: ``mine.zip`` or ``mine.zip::train/``."""

    def __init__(self, source: str) -> None:
        self.source = source.rstrip("/")
        self.path = path_of(source)
        self.folder = member_of(source) or ""
        self._mark = "/" if self.folder else SEPARATOR
        self._archive = open_zip(self.path)

    def entries(self, folder: str = "") -> list[Entry]:
        """Return what is in a folder; see :class:`Tree`."""
        found = self._members.get(folder, {})
        return _sorted(Entry(name, member is None) for name, member in found.items())

    def open(self, path: str) -> BinaryIO:
        """Open a member for reading, decompressed."""
        folder, _, name = path.rpartition("/")
        member = self._members[f"{folder}/" if folder else ""][name]
        try:
            return named_stream(self.place(path), self._archive.open(member))
        except (*UNREADABLE, KeyError) as error:
            raise unreadable(self.place(path), error) from error

    def place(self, path: str = "") -> str:
        """Return the zip and the path in it, as the configuration has them."""
        return f"{self.source}{self._mark}{path}".removesuffix("/") if path else self.source

    def identity(self) -> str:
        """Return a hash of the names, checksums and sizes that the zip's directory states."""
        found = hashlib.sha256()
        for path in sorted(files_below(self), key=lambda path: path.split("/")):
            folder, _, name = path.rpartition("/")
            member = self._members[f"{folder}/" if folder else ""][name]
            found.update(f"{path}\0{member.CRC:08x}-{member.file_size}\n".encode())
        return found.hexdigest()

    @cached_property
    def _members(self) -> dict[str, dict[str, zipfile.ZipInfo | None]]:
        """Members by folder and name; None for a folder."""
        found: dict[str, dict[str, zipfile.ZipInfo | None]] = {"": {}}
        for member in self._archive.infolist():
            # Some programs for Windows write backslashes.
            path = member.filename.replace("\\", "/")
            if not path.startswith(self.folder):
                continue
            folders, name = self._parts(path)
            if any(map(JUNK.fullmatch, (*folders, name))):
                continue
            here = ""
            for each in folders:
                self._add(found[here], each, None, path)
                here = f"{here}{each}/"
                found.setdefault(here, {})
            if name:
                self._add(found[here], name, member, path)
        return found

    def _parts(self, path: str) -> tuple[list[str], str]:
        """Return the folders of a member and its name, which a hostile zip may let climb out."""
        *folders, name = path.removeprefix(self.folder).split("/")
        folders = [each for each in folders if each != "."]
        if ".." in (*folders, name) or "" in folders or not path.isprintable():
            raise DataError(f"{self.path}: expected members with usual names, found {path[:80]!r}")
        return folders, name

    def _add(
        self,
        folder: dict[str, zipfile.ZipInfo | None],
        name: str,
        member: zipfile.ZipInfo | None,
        path: str,
    ) -> None:
        if name in folder and not (folder[name] is None and member is None):
            raise DataError(f"{self.path}: expected each member once, found {path[:80]!r} again")
        folder[name] = member


def _sorted(entries: Iterator[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: _natural(entry.name))


def _natural(name: str) -> tuple[list[tuple[int, str]], str]:
    """Return a key by which names sort as people count: 2 before 10."""
    parts = re.findall(r"([0-9]{1,18})|([^0-9]+)", name)
    return [(int(number) if number else -1, text) for number, text in parts], name
