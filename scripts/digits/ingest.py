"""Raw CSVs of images into Parquet: checked in full, as streams, with bounded memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from digits.columns import longest_row, read_columns
from digits.errors import DataError
from digits.faults import find_first_fault
from digits.files import replacing
from digits.images import CHUNK, WRITER, image_column, schema
from digits.sources import open_source

BLOCK_BYTES = 1 << 22
PARSERS = 2


class _RefusedError(ValueError):
    """A block that the fast pass does not take; the slow pass says why."""


def ingest_csv(
    source: str,
    output: Path,
    *,
    label: str | None,
    image_shape: tuple[int, int],
    classes: int,
    block_bytes: int = BLOCK_BYTES,
) -> int:
    """Check a raw CSV and write it as an image table (see :mod:`digits.images`).

    Parameters
    ----------
    source : str
        A CSV, gzipped or not, or a member of a zip (see :mod:`digits.sources`): a row per image,
        the label first, where there is one, then the pixels, row-major.
    output : Path
        The Parquet file. The same rows give the same bytes, whatever the block size.
    label : str or None
        The name of the label's column; None for a test set, which has none.
    image_shape : (int, int)
        Height and width of an image, in pixels.
    classes : int
        Labels are the integers from 0 to ``classes - 1``.
    block_bytes : int
        How much text is parsed at a time.

    Returns
    -------
    int
        The number of images.

    Raises
    ------
    DataError
        If anything in the file is not as expected, with the first row and column at fault.
        Nothing is written then.
    """
    names, header_bytes = read_columns(source, label, image_shape)
    layout = schema(image_shape, label=label is not None)
    parse = partial(_parse, names=names, layout=layout, classes=classes)
    try:
        with open_source(source) as file, ThreadPoolExecutor(PARSERS) as pool:
            file.read(header_bytes)
            blocks = _blocks(file, block_bytes, longest_row(len(names)))
            return _write(output, layout, _in_order(pool, parse, blocks))
    except (ValueError, pa.ArrowException) as error:
        fault = find_first_fault(source, names, label=label, classes=classes)
        raise DataError(f"{source}, {fault or ' '.join(str(error).split())}") from error


def _blocks(file: BinaryIO, size: int, longest: int) -> Iterator[bytes]:
    """Cut a stream after line ends into blocks of about ``size`` bytes."""
    rest = b""
    while chunk := file.read(size):
        chunk = rest + chunk
        cut = max(chunk.rfind(b"\n"), chunk.rfind(b"\r")) + 1
        rest = chunk[cut:]
        if len(rest) > longest:
            raise _RefusedError("a row is too long")
        yield chunk[:cut]
    yield rest


def _in_order(
    pool: ThreadPoolExecutor, parse: Callable[[bytes], pa.Table], blocks: Iterable[bytes]
) -> Iterator[pa.Table]:
    """Parse blocks in parallel, a few ahead of the reader, and give them in their order."""
    ahead: deque[Future[pa.Table]] = deque()
    for block in blocks:
        ahead.append(pool.submit(parse, block))
        if len(ahead) > PARSERS:
            yield ahead.popleft().result()
    while ahead:
        yield ahead.popleft().result()


def _parse(block: bytes, *, names: list[str], layout: pa.Schema, classes: int) -> pa.Table:
    """Parse whole lines into an image table: decimal integers only, nothing is null."""
    # pyarrow alone would take 0x1F for a number and pass over a byte order mark.
    if not block.isascii() or b"x" in block or b"X" in block:
        raise _RefusedError("expected decimal integers")
    if not block.strip(b"\r\n"):
        return layout.empty_table()
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
            raise _RefusedError("a label is too high")
        arrays.insert(0, pa.array(columns[0]))
    return pa.Table.from_arrays(arrays, schema=layout)


def _write(output: Path, layout: pa.Schema, tables: Iterable[pa.Table]) -> int:
    """Write tables as one Parquet file of even row groups; return its number of rows."""
    with (
        replacing(output) as temporary,
        pq.ParquetWriter(temporary, layout, **WRITER) as writer,
    ):
        rows = 0
        for group in _regroup(layout.empty_table(), tables):
            writer.write_table(group, row_group_size=CHUNK)
            rows += len(group)
        if rows == 0:
            raise _RefusedError("no images")
    return rows


def _regroup(held: pa.Table, tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Give the same rows in tables of CHUNK rows, the last one of what remains."""
    for table in tables:
        held = pa.concat_tables([held, table])
        while len(held) >= CHUNK:
            yield held.slice(0, CHUNK).combine_chunks()
            held = held.slice(CHUNK)
    if len(held):
        yield held.combine_chunks()
