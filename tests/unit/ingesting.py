"""Raw files as tests write and ingest them."""

from pathlib import Path
from typing import Any
from unittest import mock

from digits.data.description import Description
from digits.data.formats import delimited
from digits.data.image_tables import ImageTable, read_images
from digits.data.ingest import ingest


def described(files: Path | str | list[str], **keys: Any) -> Description:
    """Describe files of 2 x 3 pixels, unless the keys say otherwise."""
    files = files if isinstance(files, list) else [files]
    return Description(tuple(map(str, files)), **{"image_shape": (2, 3)} | keys)


def ingest_bytes(
    folder: Path,
    content: bytes,
    *,
    name: str = "train.csv",
    block_bytes: int = 1 << 22,
    **keys: Any,
) -> ImageTable:
    """Write a file, ingest it in blocks of some size, and return the images."""
    (folder / name).write_bytes(content)
    with mock.patch.object(delimited, "BLOCK_BYTES", block_bytes):
        found = ingest(described(folder / name, **keys), folder / "train.parquet")
    table = read_images(folder / "train.parquet")
    assert found["rows"] == len(table)
    return table
