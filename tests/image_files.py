"""Image tables as files, whole, where the programs write them in chunks."""

from pathlib import Path

from digits.data.image_tables import ImageTable, write_chunks


def write_images(path: Path, table: ImageTable) -> None:
    """Write an image table as Parquet, also one without images."""
    write_chunks(path, table.chunks() if len(table) else [table])
