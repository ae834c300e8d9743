"""The zip of a competition's files: whether it is complete, before anything is read from it."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

from digits.core.errors import DataError
from digits.data.sources import SEPARATOR, UNREADABLE

HEADER_BYTES = 1 << 20
"""How much of a CSV is read to see its first line; more than 65,536 columns' names take."""


def check_archive(path: Path, sizes: Mapping[str, int] | None = None) -> None:
    """Check a zip of a competition's files: its bytes, their sizes, and the headers of CSVs.

    Parameters
    ----------
    sizes : of the files in bytes, by their names, as Kaggle lists them; None checks no sizes

    Raises
    ------
    DataError
        If the zip is damaged, lacks a file or has one of another size, or if a CSV does not begin
        with a row of text.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if damaged := archive.testzip():
                raise DataError(f"{path}{SEPARATOR}{damaged}: the file is corrupt; run again")
            found = {entry.filename: entry.file_size for entry in archive.infolist()}
            _check_sizes(path, found, found if sizes is None else sizes)
            for name in found:
                if name.endswith(".csv"):
                    _check_header(f"{path}{SEPARATOR}{name}", archive.open(name).read(HEADER_BYTES))
    except UNREADABLE as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{path}: the download is corrupt; run again ({reason})") from error


def _check_sizes(path: Path, found: Mapping[str, int], sizes: Mapping[str, int]) -> None:
    if not sizes:
        raise DataError(f"{path}: expected at least one file, found none")
    for name, size in sizes.items():
        if name not in found:
            raise DataError(f"{path}: expected the file '{name}', as Kaggle lists it, found none")
        if found[name] != size:
            raise DataError(
                f"{path}{SEPARATOR}{name}: expected {size:,} bytes, as Kaggle lists them, found"
                f" {found[name]:,}; run again"
            )


def _check_header(source: str, beginning: bytes) -> None:
    """Refuse a CSV whose first line is no text, or markup, as of a page with an error."""
    first = beginning.decode("utf-8-sig", errors="replace").lstrip().partition("\n")[0].rstrip("\r")
    if not first or first.startswith("<") or not first.replace("\t", " ").isprintable():
        raise DataError(f"{source}, row 1: expected a row of a CSV, found {first[:60]!r}")
