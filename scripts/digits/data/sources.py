"""Raw sources: a file, compressed or not, or a member of a zip (``path.zip::member.csv``).

A folder of pictures is a source too, and so is a zip of pictures (``path.zip``) or a folder in one
(``path.zip::train/``): see :mod:`digits.data.trees`.

A member may be compressed itself, as a name that ends in .gz, .bz2 or .xz says. The arrays of a
NumPy archive are members too (``path.npz::x_train``). Nothing is unpacked to disk: members are read
as streams. Only the standard library is used, because the workflow calls :func:`locate` each time
it is parsed.
"""

import bz2
import glob
import gzip
import hashlib
import io
import lzma
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from digits.core.errors import DataError
from digits.data.file_kinds import HEAD_BYTES, kind_of

SEPARATOR = "::"
BUFFER_BYTES = 1 << 18
COMPETITION = "digit-recognizer"
IDX_IMAGES = re.compile(r"(.*)images([-.])idx3(.*)")
PATTERN = re.compile(r"[*?\[]")
PICTURE = re.compile(r"(?i)\.(png|jpe?g|jfif|bmp|gif|tiff?|webp|p[bgnp]m)$")
MOST_FILES = 500
"""Number of files of one part; their paths are arguments of a command, of 131,072 bytes at most."""

MOST_LEVELS = 16
"""Number of folders in one another."""

BEGINNINGS = {
    ".gz": ("gzipped data", b"\x1f\x8b"),
    ".bz2": ("data compressed with bzip2", b"BZh"),
    ".xz": ("data compressed with xz", b"\xfd7zXZ\0"),
    ".zip": ("a zip", b"PK"),
    ".npz": ("a NumPy archive", b"PK"),
}
"""What is in a file by the end of its name, and how it begins."""

OPENERS = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
"""How compressed files are read, by the end of their names."""

ARCHIVES = (".zip", ".npz")
# What gzip and zipfile raise for files that are truncated, damaged, encrypted or inaccessible.
UNREADABLE = (
    *(OSError, EOFError, RuntimeError, ValueError),
    *(zlib.error, lzma.LZMAError, zipfile.BadZipFile, struct.error),
)


class MissingFileError(DataError):
    """There is no such file, nor any other that contains it."""


def locate(source: str, *, competition: str = "") -> str:
    """Find the file that contains a source.

    Parameters
    ----------
    source : str
        The path of a file as in the configuration, or ``path.zip::member.csv``, or
        ``path.zip::folder`` with pictures.
    competition : str
        The competition of Kaggle that it is a file of, if any; in ``data/raw``, it is at least
        Digit Recognizer.

    Returns
    -------
    str
        The source itself if it exists, with the only member of a zip that has but one; else its
        compressed version (``source.gz``, ``.bz2``, ``.xz``); else the member with that file name
        in the first zip, sorted by name, in the same folder.

    Raises
    ------
    MissingFileError
        If none of these exists, with instructions for the competition's files.
    DataError
        If what exists is not a regular file or not readable; if several members of a zip have the
        name.
    """
    path, member = _split(source)
    if member is not None:
        return _locate_in(Path(path), member, competition=competition)
    if is_folder(source):
        return source
    if source.endswith(".zip"):
        return _locate_only(Path(source), competition=competition)
    for candidate in (source, *(f"{source}{end}" for end in OPENERS)):
        if is_there(Path(candidate)):
            return candidate
    return _locate_beside(Path(source), competition=competition)


def locate_all(paths: Sequence[str], *, competition: str = "") -> list[str]:
    """Find the files that paths, some of them patterns with ``*``, ``?`` or ``[…]``, stand for.

    Returns
    -------
    list of str
        As :func:`locate` gives them, those of a pattern sorted by name.

    Raises
    ------
    DataError
        As :func:`locate`; also if there is no file of a pattern, or far too many files.
    """
    found: list[str] = []
    for path in paths:
        if PATTERN.search(path) and not os.path.lexists(path_of(path)):
            matching = sorted(glob.glob(path))  # noqa: PTH207 - as the text is written
            if not matching:
                raise DataError(f"{path}: no file matches this pattern")
            found += [locate(each) for each in matching[: MOST_FILES + 1]]
        else:
            found.append(locate(path, competition=competition))
    if len(found) > MOST_FILES:
        raise DataError(f"{paths[0]}: expected at most {MOST_FILES} files, found more")
    return found


def is_there(path: Path) -> bool:
    """Return whether a file exists.

    Raises
    ------
    DataError
        If something exists but cannot be read as a file: a folder, a pipe, a broken link.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        if path.is_symlink():
            raise DataError(f"{path}: a link to {path.readlink()}, which does not exist") from error
        return False
    except OSError as error:
        raise unreadable(str(path), error) from error
    if not stat.S_ISREG(mode):
        found = "a folder" if stat.S_ISDIR(mode) else "something that is not a regular file"
        raise DataError(f"{path}: expected a file, found {found}")
    if not os.access(path, os.R_OK):
        raise DataError(f"{path}: cannot be read (Permission denied)")
    return True


def is_folder(source: str) -> bool:
    """Return whether a source is a folder with anything in it, or a zip or its folder of pictures.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    path, member = _split(source)
    if path.endswith(".zip") and (member or "/").endswith("/") and is_file(path):
        return any(_pictures(Path(path), member or ""))
    try:
        # Not Path.is_dir, which raises an exception for a name that is too long.
        return os.path.isdir(source) and any(os.scandir(source))  # noqa: PTH112
    except OSError as error:
        raise unreadable(source, error) from error


def is_file(path: str) -> bool:
    """Return whether there is a regular file of that name; a name that is too long is none."""
    return os.path.isfile(path)  # noqa: PTH113 - Path.is_file raises an exception for such a name


def labels_beside(source: str) -> str | None:
    """Return where the labels of an IDX file of images are, by its name; None for other files."""
    folder, slash, name = source.rpartition("/")
    found = IDX_IMAGES.fullmatch(name)
    return f"{folder}{slash}{found[1]}labels{found[2]}idx1{found[3]}" if found else None


def path_of(source: str) -> str:
    """Return the path of the file that contains a source: for a member, the zip."""
    return _split(source)[0]


def member_of(source: str) -> str | None:
    """Return the path of a member, or of a folder, in its zip; None for other sources."""
    return _split(source)[1]


def member_identity(source: str) -> str:
    """Return checksum and size of a zip's member from the zip's directory; empty for other files.

    A zip changes when any of its members does; this changes only with the member in question.

    Raises
    ------
    DataError
        If the zip cannot be read.
    """
    path, member = _split(source)
    if member is None or member.endswith("/"):
        return ""
    with _content(Path(path)) as archive:
        entry = archive.getinfo(member)
    return f"{entry.CRC:08x}-{entry.file_size}"


def open_source(source: str) -> BinaryIO:
    """Open a source for reading its bytes, decompressed, as a stream.

    Raises
    ------
    DataError
        If there is no such file or member; also later, from reading, if the file is damaged.
    """
    path, member = _split(source)
    # Checked first, because opening a named pipe waits for a writer.
    if not is_there(Path(path)):
        raise DataError(f"{path}: no such file")
    if member and member.endswith("/"):
        raise DataError(f"{path}: expected a member that is a file, found the folder '{member}'")
    try:
        if member is not None:
            file = zipfile.ZipFile(path).open(member)  # noqa: SIM115 (closed with the stream)
            if opener := OPENERS.get(PurePosixPath(member).suffix):
                file = opener(file)
        else:
            file = OPENERS.get(PurePosixPath(path).suffix, open)(path, "rb")
    except KeyError as error:
        raise DataError(f"{path}: expected a member '{member}', found none") from error
    except UNREADABLE as error:
        raise unreadable(source, error) from error
    return named_stream(source, file)


def sha256_of(source: str) -> str:
    """Return the SHA-256 of a source's bytes, decompressed, in hexadecimal."""
    with open_source(source) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_zip(path: str) -> zipfile.ZipFile:
    """Open a zip, whose members are not looked at yet.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    try:
        return zipfile.ZipFile(path)
    except UNREADABLE as error:
        raise unreadable(path, error) from error


def named_stream(source: str, file: BinaryIO) -> BinaryIO:
    """Return a file for reading; errors name the source."""
    return io.BufferedReader(_Stream(source, file), BUFFER_BYTES)


class _Stream(io.RawIOBase):
    """The bytes of a source; errors while reading name the source."""

    def __init__(self, source: str, file: BinaryIO) -> None:
        self._source = source
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:
        try:
            return self._file.readinto(buffer)
        except UNREADABLE as error:
            raise unreadable(self._source, error) from error

    def close(self) -> None:
        self._file.close()
        super().close()


def _split(source: str) -> tuple[str, str | None]:
    for end in ARCHIVES:
        path, mark, member = source.partition(f"{end}{SEPARATOR}")
        if mark:
            return f"{path}{end}", member
    return source, None


def _locate_in(archive: Path, member: str, *, competition: str) -> str:
    if not is_there(archive):
        raise MissingFileError(_missing(archive, competition=competition))
    found = _find_member(archive, member) or _find_folder(archive, member.strip("/"))
    if found is None:
        raise DataError(f"{archive}: expected a member '{member}', found none")
    return f"{archive}{SEPARATOR}{found}"


def _locate_only(archive: Path, *, competition: str) -> str:
    """Find the only member of a zip that is named without one."""
    if not is_there(archive):
        raise MissingFileError(_missing(archive, competition=competition))
    members = _files_in(archive)
    if len(members) == 1:
        return f"{archive}{SEPARATOR}{members[0]}"
    example = f"{archive}{SEPARATOR}{members[0] if members else 'train.csv'}"
    raise DataError(f"{archive}: expected the name of a member too, as {example}")


def _locate_beside(path: Path, *, competition: str) -> str:
    """Find a member with that file name in a zip of the same folder."""
    faults = []
    for archive in sorted(path.parent.glob("*.zip")):
        try:
            found = _find_member(archive, path.name) if is_there(archive) else None
        except DataError as error:
            faults.append(str(error))
        else:
            if found is not None:
                return f"{archive}{SEPARATOR}{found}"
    missing = _missing(path, competition=competition)
    if faults:
        raise DataError("; ".join([missing, *faults]))
    raise MissingFileError(missing)


def _find_member(archive: Path, name: str) -> str | None:
    """Return the member with that path, else the one with that file name, else None."""
    members = _files_in(archive)
    names = [f"{name}.npy"] if archive.suffix == ".npz" else []
    names += [name, *(f"{name}{end}" for end in OPENERS)]
    if exact := next((name for name in names if name in members), None):
        return exact
    for each in names:
        same = [member for member in members if member.rpartition("/")[2] == each]
        if same:
            return _only(archive, name, same)
    return None


def _find_folder(archive: Path, name: str) -> str | None:
    """Return the folder with that path, else the one with that name, that holds pictures."""
    holding = {path.rpartition("/")[0] for path in _pictures(archive)}
    parts = [folder.split("/") for folder in holding]
    folders = {"/".join(each[:n]) for each in parts for n in range(1, MOST_LEVELS)}
    if name in folders:
        return f"{name}/"
    same = sorted(folder for folder in folders if PurePosixPath(folder).name == name)
    # A folder in one of the same name, as some zips have, is part of that.
    outer = [each for each in same if not any(each.startswith(f"{other}/") for other in same)]
    return f"{_only(archive, name, outer)}/" if outer else None


def _only(archive: Path, name: str, same: Sequence[str]) -> str:
    """Return the only one of the paths in a zip that end in a name."""
    if len(same) > 1:
        raise DataError(
            f"{archive}: expected one member '{name}', found '{same[0]}' and '{same[1]}'; name it"
            f" as {archive}{SEPARATOR}{same[0]}"
        )
    return same[0]


def _files_in(archive: Path) -> tuple[str, ...]:
    """Return the paths of a zip's members, sorted, without what macOS adds to it."""
    try:
        status = archive.stat()
    except OSError as error:
        raise unreadable(str(archive), error) from error
    return _read_names(archive, (status.st_size, status.st_mtime_ns, status.st_ino))


@lru_cache(maxsize=4)
def _read_names(archive: Path, _status: tuple[int, ...]) -> tuple[str, ...]:
    """Read the paths of members, of which there may be many, only when the zip has changed."""
    with _content(archive) as content:
        # Folders end with a slash; names with control characters are suspect.
        names = (each for each in content.namelist() if each.isprintable())
        return tuple(sorted(n for n in names if n[-1:] != "/" and not n.startswith("__MACOSX/")))


def _pictures(archive: Path, folder: str = "") -> Iterator[str]:
    """Yield the paths of the pictures in a folder of a zip, by their names."""
    for member in _files_in(archive):
        path = member.replace("\\", "/")
        if path.startswith(folder) and PICTURE.search(path):
            yield path


@contextmanager
def _content(archive: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(archive) as content:
            yield content
    except UNREADABLE as error:
        raise unreadable(str(archive), error) from error


def unreadable(source: str, error: Exception) -> DataError:
    """Return an error of one line: why a file cannot be read and, if known, what to do."""
    reason = " ".join(str(error).split())
    if isinstance(error, OSError) and error.strerror:
        return DataError(f"{source}: cannot be read ({error.strerror})")
    if isinstance(error, NotImplementedError):  # zipfile's, for an unknown compression
        return DataError(f"{source}: unsupported compression ({reason}); use deflate or gzip")
    if isinstance(error, RuntimeError) and "password" in reason:
        return DataError(f"{source}: encrypted; expected a zip without a password")
    if fault := _otherwise_fault(source):
        return fault
    if reason.startswith("Not a gzipped file"):
        reason = "other bytes follow the gzipped data"
    return DataError(f"{source}: the file is corrupt or incomplete; download it again ({reason})")


def _otherwise_fault(source: str) -> DataError | None:
    """Return an error if the first bytes of a file contradict its name."""
    path = path_of(source)
    name, beginning = BEGINNINGS.get(PurePosixPath(path).suffix, ("", b""))
    with open(path, "rb") as file:  # noqa: PTH123 - a path as text
        head = file.read(HEAD_BYTES)
    if head.startswith(beginning):
        return None
    kind = kind_of(head)
    found = f"{kind.name}; {kind.remedy}" if kind else "other data" if head else "an empty file"
    return DataError(f"{path}: expected {name}, as its name says, found {found}")


def _missing(path: Path, *, competition: str) -> str:
    if path.suffix == ".zip":
        looked = f"{path}: no such file"
    else:
        looked = (
            f"{path}: no such file, nor {path.name}.gz, nor a zip in its folder that contains it"
        )
    if not competition and path.parent.parts[-2:] == ("data", "raw"):
        competition = COMPETITION
    if not competition:
        return looked
    return (
        f"{looked}; download the zip from https://www.kaggle.com/competitions/{competition}/data "
        f"into {path.parent}, or run `kaggle competitions download -c {competition} "
        f"-p {path.parent}`; nothing needs unpacking"
    )
