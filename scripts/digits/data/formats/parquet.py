"""Parquet: a column per pixel, or one of lists, or of pictures as Hugging Face writes them."""

import io
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from digits.core.errors import DataError
from digits.data.description import Description
from digits.data.formats.arrays import numbers_of
from digits.data.formats.blocks import Block, Opened, RefusedError
from digits.data.formats.csv_header import columns_of
from digits.data.formats.csv_header_errors import shown
from digits.data.formats.lists import is_list, values_of
from digits.data.formats.pictures import decode
from digits.data.formats.pixels import as_text, block_of
from digits.data.sources import open_source, path_of

BATCH = 1024
"""Number of rows read at a time."""

PICTURES = 16
"""Number of pictures read at a time, each of which may have megabytes."""

READING = {"page_checksum_verification": True, "pre_buffer": False, "buffer_size": 1 << 20}
"""How tables are read: page by page, rather than a row group at once."""

MOST_BYTES = 1 << 30
"""Size of a packed file, which is unpacked in memory, and of a row group, decompressed."""


def open_parquet(source: str, description: Description) -> Opened:
    """Open a table with a row per image.

    Raises
    ------
    DataError
        If it is damaged, too large at once, or its columns are not as described; from the blocks,
        if a value is invalid, with its row.
    """
    table = _open(source)
    names = table.schema_arrow.names
    column = _image_column(table, description)
    if column is not None:
        return _open_column(source, table, column, description)
    label, pixels, notes = columns_of(source, names, description)
    chosen = None if label is None else names[label], [names[place] for place in pixels]
    for name in chosen[1]:
        _check_type(source, table.schema_arrow.field(name), text=False)
    _check_others(source, table, chosen[0], description)
    blocks = _or_damaged(source, _pixel_blocks(source, table, *chosen, description))
    found = {"format": "Parquet", "columns": len(names)}
    return Opened(blocks, label is not None, found, notes)


def _image_column(table: pq.ParquetFile, description: Description) -> str | None:
    """Return the first column of whole images: of pictures or, where there are few, of lists."""
    layout = table.schema_arrow
    others = (_label_name(layout.names, description), *description.ignore)
    fields = [field for field in layout if field.name not in others]
    few = len(fields) < description.pixels
    whole = (each for each in fields if _is_encoded(each.type) or (few and is_list(each.type)))
    return next((each.name for each in whole), None)


def _open_column(
    source: str, table: pq.ParquetFile, column: str, description: Description
) -> Opened:
    """Open a table that has whole images in a column."""
    names = table.schema_arrow.names
    label = _label_name(names, description)
    if label is None and not description.may_lack_labels:
        wanted = f"the label {str(description.label)!r} among the columns"
        columns = ", ".join(map(shown, names[:5])) + (", …" if len(names) > 5 else "")
        raise DataError(f"{source}: expected {wanted}, found {columns}")
    _check_others(source, table, label, description)
    in_lists = is_list(table.schema_arrow.field(column).type)
    read = _list_blocks if in_lists else _picture_blocks
    blocks = _or_damaged(source, read(source, table, column, label, description))
    kind = "lists" if in_lists else "pictures"
    found = {"format": f"Parquet of {kind}", "columns": len(names)}
    return Opened(blocks, label is not None, found, [f"The images are the column {column}."])


def _check_others(
    source: str, table: pq.ParquetFile, label: str | None, description: Description
) -> None:
    """Refuse a label or ids that are neither numbers nor text."""
    for name in (label, description.id):
        if name in table.schema_arrow.names:
            _check_type(source, table.schema_arrow.field(name))


def read_parquet_labels(source: str, description: Description) -> np.ndarray:
    """Read the labels of a table: its label column, or the only one there is.

    Returns
    -------
    uint8 array of shape (n,), numbers of classes
    """
    table = _open(source)
    names = table.schema_arrow.names
    name = names[0] if len(names) == 1 else _label_name(names, description)
    if name is None:
        raise DataError(f"{source}: expected the column {description.label!r}, found none")
    _check_type(source, table.schema_arrow.field(name))
    try:
        labels = _column(source, 1, table.read([name], use_threads=False), name)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(source, error) from error
    return numbers_of(f"{source}, row", labels, description)


def _open(source: str) -> pq.ParquetFile:
    try:
        table = pq.ParquetFile(_seekable(source), **READING)
        groups = range(table.num_row_groups)
        largest = max((table.metadata.row_group(n).total_byte_size for n in groups), default=0)
        names = table.schema_arrow.names
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged(source, error) from error
    if largest > MOST_BYTES:
        raise DataError(
            f"{source}: expected row groups of at most {MOST_BYTES:,} bytes, found more"
        )
    if len(set(names)) < len(names):
        raise DataError(f"{source}: expected each column once, found a name twice")
    return table


def _seekable(source: str) -> str | BinaryIO:
    """Return a file that can be read at any place: what is packed is unpacked in memory."""
    if path_of(source) == source and source.endswith(".parquet"):
        return source
    with open_source(source) as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise DataError(f"{source}: expected at most {MOST_BYTES:,} bytes, found more; unpack it")
    return io.BytesIO(content)


def _damaged(source: str, error: Exception) -> DataError:
    reason = " ".join(str(error).split())[:120]
    return DataError(f"{source}: the file is corrupt or incomplete; download it again ({reason})")


def _is_encoded(kind: pa.DataType) -> bool:
    """Return whether a column is of pictures: bytes, or Hugging Face's struct with bytes."""
    if pa.types.is_struct(kind) and kind.get_field_index("bytes") >= 0:
        kind = kind.field("bytes").type
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind)


def _check_type(source: str, field: pa.Field, *, text: bool = True) -> None:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    if not numeric and not (text and (pa.types.is_string(kind) or pa.types.is_large_string(kind))):
        wanted = f"numbers{' or text' * text}, found the type {kind}"[:80]
        raise DataError(f"{source}, column {shown(field.name)}: expected {wanted}")


def _label_name(names: list[str], description: Description) -> str | None:
    label = description.label
    if isinstance(label, int):
        return names[label - 1] if label <= len(names) else None
    alike = [name for name in names if name.casefold() == label.casefold()]
    return label if label in names else alike[0] if len(alike) == 1 else None


def _batches(
    table: pq.ParquetFile, columns: list[str], size: int = BATCH
) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Yield parts of the table, with the number of the first row of each, from 1."""
    row = 1
    for batch in table.iter_batches(size, columns=columns, use_threads=False):
        yield row, batch
        row += len(batch)


def _or_damaged(source: str, blocks: Iterator[Block]) -> Iterator[Block]:
    """Yield blocks; what pyarrow finds wrong when it reads or converts values is told."""
    try:
        yield from blocks
    except (pa.ArrowException, OSError) as error:
        raise _damaged(source, error) from error


def _column(source: str, row: int, batch: pa.RecordBatch | pa.Table, name: str) -> np.ndarray:
    """Return a column; an error names the first row, counted from ``row``, that has no value."""
    column = batch[name]
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if column.null_count:
        row += column.is_null().to_pylist().index(True)
        raise DataError(f"{source}, row {row}, column {shown(name)}: expected a value, found none")
    return column.to_numpy(zero_copy_only=False)


def _labels_and_ids(
    source: str, row: int, batch: pa.RecordBatch, label: str | None, description: Description
) -> tuple[np.ndarray | None, list[str] | None]:
    numbers = ids = None
    if label is not None:
        labels = _column(source, row, batch, label)
        numbers = numbers_of(f"{source}, column {shown(label)}, row", labels, description, row)
    if description.id in batch.schema.names:
        ids = list(map(as_text, _column(source, row, batch, description.id).tolist()))
    return numbers, ids


def _pixel_blocks(
    source: str,
    table: pq.ParquetFile,
    label: str | None,
    pixels: list[str],
    description: Description,
) -> Iterator[Block]:
    for row, batch in _batches(table, _wanted(table, pixels, label, description)):
        numbers, ids = _labels_and_ids(source, row, batch, label, description)
        values = np.stack([_column(source, row, batch, name) for name in pixels], axis=1)
        try:
            yield block_of(values, numbers, description, ids)
        except RefusedError as error:
            raise DataError(f"{source}, row {row + error.place}, {error}") from error


def _list_blocks(
    source: str,
    table: pq.ParquetFile,
    column: str,
    label: str | None,
    description: Description,
) -> Iterator[Block]:
    for row, batch in _batches(table, _wanted(table, [column], label, description)):
        numbers, ids = _labels_and_ids(source, row, batch, label, description)
        try:
            values = values_of(batch[column], description.pixels)
            yield block_of(values, numbers, description, ids)
        except RefusedError as error:
            raise DataError(f"{source}, row {row + error.place}, {error}") from error


def _picture_blocks(
    source: str,
    table: pq.ParquetFile,
    column: str,
    label: str | None,
    description: Description,
) -> Iterator[Block]:
    for row, batch in _batches(table, _wanted(table, [column], label, description), PICTURES):
        numbers, ids = _labels_and_ids(source, row, batch, label, description)
        images = np.empty((len(batch), *description.stored_shape), np.uint8)
        for place, value in enumerate(batch[column]):
            data = value.as_py()
            data = data.get("bytes") if isinstance(data, dict) else data
            try:
                if data is None:
                    raise RefusedError("expected the bytes of a picture, found none")
                images[place] = decode(data, description)
            except RefusedError as error:
                raise DataError(f"{source}, row {row + place}: {error}") from error
        yield block_of(images, numbers, description.decoded, ids)


def _wanted(
    table: pq.ParquetFile, images: list[str], label: str | None, description: Description
) -> list[str]:
    """Return the columns to read: ids, where there are any, the label, and the images."""
    ids = [] if description.id not in table.schema_arrow.names else [description.id]
    return [*ids, *([] if label is None else [label]), *images]
