"""Convert raw CSVs of images to Parquet: every value checked, as a stream, in bounded memory."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from digits.core.atomic_files import replacing
from digits.core.class_labels import are_numbers, in_numbers, listing, numbers_by_cell
from digits.core.errors import DataError
from digits.core.parallel import in_order
from digits.data.csv_errors import count_lines, find_first_fault
from digits.data.csv_header import longest_row, read_columns
from digits.data.image_tables import CHUNK, WRITER, image_column, schema
from digits.data.sources import open_source

BLOCK_BYTES = 1 << 22


class _RefusedError(Exception):
    """A block that the fast pass refuses, and the number of the CSV's bytes before it."""

    def __init__(self, block: bytes, before: int) -> None:
        self.block = block
        self.before = before


def ingest_csv(
    source: str,
    output: Path,
    *,
    label: str | None,
    image_shape: tuple[int, int],
    classes: Sequence[str],
    test: bool = False,
    block_bytes: int = BLOCK_BYTES,
) -> int:
    """Check a raw CSV and write it as an image table (see :mod:`digits.data.image_tables`).

    Parameters
    ----------
    source : str
        A CSV, gzipped or not, or a member of a zip (see :mod:`digits.data.sources`): one row per
        image, the label first, if there is one, then the pixels, row-major.
    output : Path
        The Parquet file. The same rows give the same bytes with any block size.
    label : str or None
        The name of the label's column; None for a file without labels.
    image_shape : (int, int)
        Height and width of an image, in pixels.
    classes : sequence of str
        The labels, in the order of their class numbers, which the table contains.
    test : bool
        Whether it is a test set, in which the label, or any class, may be absent.
    block_bytes : int
        Number of bytes parsed at a time.

    Returns
    -------
    int
        The number of images.

    Raises
    ------
    DataError
        If anything in the file is invalid, with the first such row and column, or if a class has
        no image. Nothing is written then.
    """
    names, header_bytes = read_columns(source, label, image_shape, test=test)
    label = label if names[0] == label else None  # which a test set may lack
    layout = schema(image_shape, label=label is not None)
    longest = longest_row(len(names))
    numbers = None if label is None or are_numbers(classes) else numbers_by_cell(classes)
    parse = partial(
        _parse,
        names=names,
        layout=layout,
        classes=len(classes),
        numbers=numbers,
        longest=longest,
    )
    try:
        with open_source(source) as file, replacing(output) as temporary:
            blocks = _blocks(file, header_bytes, block_bytes, longest)
            rows, labels = _write(temporary, layout, in_order(parse, blocks))
            fault = _fault_of_all(rows, labels if label is not None and not test else None, classes)
            if fault:
                raise DataError(f"{source}{fault}")
            return rows
    except _RefusedError as error:
        row = 1 + count_lines(source, error.before)
        fault = find_first_fault(error.block, row, names, label=label, classes=classes)
        unknown = f"row {row} or below: {' '.join(str(error.__cause__).split())}"
        raise DataError(f"{source}, {fault or unknown}") from error


def _blocks(
    file: BinaryIO, header_bytes: int, size: int, longest: int
) -> Iterator[tuple[bytes, int]]:
    """Split a stream at line ends into blocks of about ``size`` bytes, with the offset of each.

    A line of more than ``longest`` bytes is the last block; it is truncated and nothing follows.
    """
    before, rest = len(file.read(header_bytes)), b""
    while len(rest) <= longest and (chunk := file.read(size)):
        chunk = rest + chunk
        # A CR at the end may be the first half of a CR LF.
        cut = max(chunk.rfind(b"\n"), chunk.rfind(b"\r", 0, len(chunk) - 1)) + 1
        yield chunk[:cut], before
        before, rest = before + cut, chunk[cut:]
    yield rest, before


def _parse(item: tuple[bytes, int], **how: Any) -> pa.Table:
    """Parse a block of :func:`_blocks`; an error for a refused one carries its offset."""
    block, before = item
    try:
        return _table(block, **how)
    except ValueError as error:
        raise _RefusedError(block, before) from error


def _table(
    block: bytes,
    *,
    names: list[str],
    layout: pa.Schema,
    classes: int,
    numbers: Mapping[bytes, bytes] | None,
    longest: int,
) -> pa.Table:
    """Parse whole lines into an image table: decimal integers only, no nulls.

    Labels that are not class numbers are looked up in ``numbers``.
    """
    text = block.strip(b"\r\n")
    if len(text) > longest and b"\n" not in text and b"\r" not in text:
        raise ValueError("a row is too long")
    if not text:
        if len(block) >= longest:
            raise ValueError("nothing but empty lines")
        return layout.empty_table()
    if numbers is not None:
        block = in_numbers(block, numbers)
    # pyarrow alone would accept 0x1F as a number and skip a byte order mark.
    if not block.isascii() or b"x" in block or b"X" in block:
        raise ValueError("expected decimal integers")
    table = pc.read_csv(
        pa.BufferReader(block),
        pc.ReadOptions(column_names=names, block_size=len(block) + 1, use_threads=False),
        pc.ParseOptions(quote_char=False),
        pc.ConvertOptions(column_types=dict.fromkeys(names, pa.uint8()), null_values=[]),
    )
    columns = [column.to_numpy() for column in table.columns]
    arrays = [image_column(np.stack(columns[len(layout) - 1 :]).T)]
    if len(layout) > 1:
        if columns[0].max() >= classes:
            raise ValueError("a label is too high")
        arrays.insert(0, pa.array(columns[0]))
    return pa.Table.from_arrays(arrays, schema=layout)


def _fault_of_all(rows: int, counts: np.ndarray | None, classes: Sequence[str]) -> str | None:
    """Return an error if there are no images, or none of a class; ``counts`` are per class."""
    if not rows:
        return ", row 2: expected at least one image, found none below the header"
    absent = [] if counts is None else np.flatnonzero(counts[: len(classes)] == 0)
    if not len(absent):
        return None
    whole = f" from 0 to {len(classes) - 1}" if are_numbers(classes) else ""
    return (
        f": expected images of each class{whole} (dataset.classes),"
        f" found none of {listing([classes[number] for number in absent])}"
    )


def _write(output: Path, layout: pa.Schema, tables: Iterable[pa.Table]) -> tuple[int, np.ndarray]:
    """Write tables as one Parquet file with even row groups; return its rows and label counts."""
    rows, labels = 0, np.zeros(256, dtype=np.int64)
    with pq.ParquetWriter(output, layout, **WRITER) as writer:
        for group in _regroup(layout.empty_table(), tables):
            writer.write_table(group, row_group_size=CHUNK)
            rows += len(group)
            if "label" in layout.names:
                labels += np.bincount(group["label"].to_numpy(), minlength=256)
    return rows, labels


def _regroup(held: pa.Table, tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield the same rows in tables of ``CHUNK`` rows, the last one with the remainder."""
    for table in tables:
        held = pa.concat_tables([held, table])
        while len(held) >= CHUNK:
            yield held.slice(0, CHUNK).combine_chunks()
            held = held.slice(CHUNK)
    if len(held):
        yield held.combine_chunks()
