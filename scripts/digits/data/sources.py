"""Raw CSV sources: a ``.csv``, a ``.csv.gz``, or a member of a zip (``path.zip::member.csv``).

Nothing is unpacked to disk: members are read as streams. Only the standard library is used,
because the workflow calls :func:`locate` each time it is parsed.
"""

import gzip
import hashlib
import io
import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from digits.core.errors import DataError
from digits.data.file_kinds import HEAD_BYTES, kind_of

SEPARATOR = "::"
BUFFER_BYTES = 1 << 18
COMPETITION = "digit-recognizer"
GZIP, ZIP = ("gzipped data", b"\x1f\x8b"), ("a zip", b"PK")
# What gzip and zipfile raise for files that are truncated, damaged, encrypted or inaccessible.
UNREADABLE = (
    *(OSError, EOFError, RuntimeError, ValueError),
    *(zlib.error, lzma.LZMAError, zipfile.BadZipFile, struct.error),
)


def locate(source: str) -> str:
    """Find the file that contains a source.

    Parameters
    ----------
    source : str
        The path of a CSV as in the configuration, or ``path.zip::member.csv``.

    Returns
    -------
    str
        The source itself if it exists; else its gzipped version (``source.gz``); else the member
        with that file name in the first zip, sorted by name, in the same folder.

    Raises
    ------
    DataError
        If none of these exists, with instructions for the competition's files; or if what exists is
        not a regular file or not readable.
    """
    path, member = _split(source)
    if member is not None:
        return _locate_in(Path(path), member)
    if source.endswith(".zip"):
        raise DataError(
            f"{source}: expected the name of a member too, as {source}{SEPARATOR}train.csv"
        )
    for candidate in (source, f"{source}.gz"):
        if is_there(Path(candidate)):
            return candidate
    return _locate_beside(Path(source))


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
        raise _unreadable(str(path), error) from error
    if not stat.S_ISREG(mode):
        found = "a folder" if stat.S_ISDIR(mode) else "something that is not a regular file"
        raise DataError(f"{path}: expected a file, found {found}")
    if not os.access(path, os.R_OK):
        raise DataError(f"{path}: cannot be read (Permission denied)")
    return True


def path_of(source: str) -> str:
    """Return the path of the file that contains a source: for a member, the zip."""
    return _split(source)[0]


def member_identity(source: str) -> str:
    """Return checksum and size of a zip's member from the zip's directory; empty for other files.

    A zip changes when any of its members does; this changes only with the member in question.

    Raises
    ------
    DataError
        If the zip cannot be read.
    """
    path, member = _split(source)
    if member is None:
        return ""
    with _content(Path(path)) as archive:
        entry = archive.getinfo(member)
    return f"{entry.CRC:08x}-{entry.file_size}"


def open_source(source: str) -> BinaryIO:
    """Open a source for reading the CSV's bytes, decompressed, as a stream.

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
        else:
            file = (gzip.open if path.endswith(".gz") else open)(path, "rb")
    except KeyError as error:
        raise DataError(f"{path}: expected a member '{member}', found none") from error
    except UNREADABLE as error:
        raise _unreadable(source, error) from error
    return io.BufferedReader(_Stream(source, file), BUFFER_BYTES)


def sha256_of(source: str) -> str:
    """Return the SHA-256 of a source's CSV bytes, decompressed, in hexadecimal."""
    with open_source(source) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
            raise _unreadable(self._source, error) from error

    def close(self) -> None:
        self._file.close()
        super().close()


def _split(source: str) -> tuple[str, str | None]:
    path, mark, member = source.partition(f".zip{SEPARATOR}")
    return (f"{path}.zip", member) if mark else (source, None)


def _locate_in(archive: Path, member: str) -> str:
    if not is_there(archive):
        raise DataError(_missing(archive))
    found = _find_member(archive, member)
    if found is None:
        raise DataError(f"{archive}: expected a member '{member}', found none")
    return f"{archive}{SEPARATOR}{found}"


def _locate_beside(path: Path) -> str:
    """Find a member with that file name in a zip of the same folder."""
    faults = [_missing(path)]
    for archive in sorted(path.parent.glob("*.zip")):
        try:
            found = _find_member(archive, path.name) if is_there(archive) else None
        except DataError as error:
            faults.append(str(error))
        else:
            if found is not None:
                return f"{archive}{SEPARATOR}{found}"
    raise DataError("; ".join(faults))


def _find_member(archive: Path, name: str) -> str | None:
    """Return the member with that path, else the first with that file name, else None."""
    with _content(archive) as content:
        # Folders end with a slash; names with control characters are suspect.
        members = sorted(
            each for each in content.namelist() if each.isprintable() and not each.endswith("/")
        )
    same_name = (each for each in members if PurePosixPath(each).name == name)
    return name if name in members else next(same_name, None)


@contextmanager
def _content(archive: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(archive) as content:
            yield content
    except UNREADABLE as error:
        raise _unreadable(str(archive), error) from error


def _unreadable(source: str, error: Exception) -> DataError:
    """Return an error of one line: why a file cannot be read and, if known, what to do."""
    reason = " ".join(str(error).split())
    if isinstance(error, OSError) and error.strerror:
        return DataError(f"{source}: cannot be read ({error.strerror})")
    if isinstance(error, NotImplementedError):  # zipfile's, for an unknown compression
        return DataError(f"{source}: unsupported compression ({reason}); use deflate or gzip")
    if isinstance(error, RuntimeError) and "password" in reason:
        return DataError(f"{source}: encrypted; expected a zip without a password")
    if isinstance(error, gzip.BadGzipFile | zipfile.BadZipFile):
        gzipped = isinstance(error, gzip.BadGzipFile)
        path, name, beginning = path_of(source), *(GZIP if gzipped else ZIP)
        found = _found_instead(path, beginning)
        if found:
            return DataError(f"{path}: expected {name}, as its name says, found {found}")
        if gzipped and reason.startswith("Not a gzipped file"):
            reason = "other bytes follow the gzipped data"
    return DataError(f"{source}: the file is corrupt or incomplete; download it again ({reason})")


def _found_instead(path: str, beginning: bytes) -> str | None:
    """Describe a file whose first bytes contradict its name; None if they do not."""
    with open(path, "rb") as file:  # noqa: PTH123 - a path as text
        head = file.read(HEAD_BYTES)
    if head.startswith(beginning):
        return None
    kind = kind_of(head)
    return f"{kind.name}; {kind.remedy}" if kind else "other data" if head else "an empty file"


def _missing(path: Path) -> str:
    if path.suffix == ".zip":
        looked = f"{path}: no such file"
    else:
        looked = (
            f"{path}: no such file, nor {path.name}.gz, nor a zip in its folder that contains it"
        )
    if path.parent.parts[-2:] != ("data", "raw"):
        return looked
    return (
        f"{looked}; download the zip from https://www.kaggle.com/competitions/{COMPETITION}/data "
        f"into {path.parent}, or run `kaggle competitions download -c {COMPETITION} "
        f"-p {path.parent}`; nothing needs unpacking"
    )
