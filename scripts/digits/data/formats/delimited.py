"""CSV files, whatever separates their cells: every value checked, as a stream."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from digits.core.arrow_columns import numbers_of
from digits.core.class_labels import are_numbers, in_numbers, numbers_by_cell
from digits.core.errors import DataError
from digits.core.parallel import in_order
from digits.data.description import Description
from digits.data.formats.blocks import Block, Opened
from digits.data.formats.csv_errors import count_lines, find_first_fault
from digits.data.formats.csv_header import Columns, read_columns
from digits.data.formats.csv_lines import BYTE_ORDER_MARK, longest_row
from digits.data.formats.pixels import block_of, class_numbers
from digits.data.sources import open_source

BLOCK_BYTES = 1 << 22
"""Number of bytes parsed at a time, which changes no result."""

NAMES = {",": "comma", ";": "semicolon", "\t": "tab", " ": "space", "|": "vertical bar"}
# Each match starts where blanks do, so that long runs of them take no time per blank and blank.
BLANK_RUN = re.compile(rb"[ \t]+")
BLANK_ENDS = re.compile(rb"(?m)^[ \t]+|(?<![ \t])[ \t]++(?=\r?$|\r)")
BLANKS_AROUND_QUOTES = re.compile(rb'(?<![ \t])[ \t]++(?=")|(?<=")[ \t]+')


Values = tuple[np.ndarray, np.ndarray | None, list[str] | None]
"""Values of shape (n, pixels), numbers of classes, and ids."""


class _RefusedBlockError(Exception):
    """A block that cannot be read, and the number of the CSV's bytes before it."""

    def __init__(self, block: bytes, before: int) -> None:
        self.block = block
        self.before = before


def open_csv(source: str, description: Description) -> Opened:
    """Open a CSV: one row per image, with its pixels and, for training, its label.

    Raises
    ------
    DataError
        If its columns are not as described; from the blocks, if anything else in the file is
        invalid: with the first such row and column.
    """
    columns = read_columns(source, description)
    found = {
        "format": "CSV",
        "columns": len(columns.names),
        "separator": NAMES.get(columns.delimiter, columns.delimiter),
        "header": columns.header,
    }
    blocks = _checked_blocks(source, columns, description)
    return Opened(blocks, columns.label is not None, found, columns.notes)


def _checked_blocks(source: str, columns: Columns, description: Description) -> Iterator[Block]:
    longest = longest_row(len(columns.names))
    numbers = None
    if columns.label is not None and not are_numbers(description.classes):
        numbers = numbers_by_cell(description.classes)
    parse = partial(
        _parse, columns=columns, description=description, numbers=numbers, longest=longest
    )
    try:
        with open_source(source) as file:
            blocks = _blocks(file, columns.header_bytes, BLOCK_BYTES, longest)
            if columns.first_row:
                yield parse((columns.first_row, 0))
            yield from in_order(parse, blocks)
    except _RefusedBlockError as error:
        row = 1 + count_lines(source, error.before)
        fault = find_first_fault(error.block, row, columns, description)
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


def _parse(item: tuple[bytes, int], *, longest: int, **how: Any) -> Block:
    """Parse a block of :func:`_blocks`; an error for a refused one carries its offset."""
    block, before = item
    try:
        text = block.strip(b"\r\n")
        if len(text) > longest and b"\n" not in text and b"\r" not in text:
            raise ValueError("a row is too long")
        if not text:
            if len(block) >= longest:
                raise ValueError("nothing but empty lines")
            return _empty(how["columns"], how["description"])
        return _block(block, **how)
    except ValueError as error:
        raise _RefusedBlockError(block, before) from error


def _empty(columns: Columns, description: Description) -> Block:
    labels = None if columns.label is None else np.empty(0, np.uint8)
    return Block(np.empty((0, *description.stored_shape), np.uint8), labels)


def _block(
    block: bytes,
    columns: Columns,
    description: Description,
    numbers: Mapping[bytes, bytes] | None,
) -> Block:
    """Parse whole lines: as plain integers, which is fast, or else as numbers of any spelling."""
    if columns.delimiter == " ":
        block = BLANK_RUN.sub(b" ", BLANK_ENDS.sub(b"", block))
    if description.is_plain and (numbers is None or columns.is_usual):
        try:
            values, labels, ids = _integers(block, columns, description, numbers)
        except ValueError:
            values, labels, ids = _any_numbers(block, columns, description)
    else:
        values, labels, ids = _any_numbers(block, columns, description)
    return block_of(values, labels, description, ids)


def _integers(
    block: bytes,
    columns: Columns,
    description: Description,
    numbers: Mapping[bytes, bytes] | None,
) -> Values:
    """Read decimal integers from 0 to 255 only; labels, first, are looked up in ``numbers``."""
    if numbers is not None:
        block = in_numbers(block, numbers)
    # pyarrow alone would accept 0x1F as a number and skip a byte order mark.
    if not block.isascii() or b"x" in block or b"X" in block:
        raise ValueError("expected decimal integers")
    table = _read(block, columns, {}, pa.uint8(), quote_char=False)
    labels = None
    if columns.label is not None:
        labels = numbers_of(table.column(str(columns.label)))
        if labels.max() >= len(description.classes):
            raise ValueError("a label is too high")
    pixels = [numbers_of(table.column(str(place))) for place in columns.pixels]
    return np.stack(pixels).T, labels, _ids(table, columns)


def _any_numbers(block: bytes, columns: Columns, description: Description) -> Values:
    """Read numbers with a decimal point or an exponent, in quotes or not."""
    if block.startswith(BYTE_ORDER_MARK):  # pyarrow would skip it
        raise ValueError("a byte order mark")
    if b'"' in block:
        block = BLANKS_AROUND_QUOTES.sub(b"", block) if columns.delimiter == "," else block
    label = {} if columns.label is None else {str(columns.label): pa.string()}
    table = _read(block, columns, label, pa.float64(), quote_char='"')
    labels = None
    if columns.label is not None:
        texts = table.column(str(columns.label)).to_numpy(zero_copy_only=False)
        labels = class_numbers(texts, description.classes)
    pixels = [numbers_of(table.column(str(place))) for place in columns.pixels]
    return np.stack(pixels).T, labels, _ids(table, columns)


def _ids(table: pa.Table, columns: Columns) -> list[str] | None:
    if columns.id is None:
        return None
    return [text.strip(' \t"') for text in table.column(str(columns.id)).to_pylist()]


def _read(
    block: bytes,
    columns: Columns,
    types: Mapping[str, pa.DataType],
    usual: pa.DataType,
    *,
    quote_char: str | bool,
) -> pa.Table:
    """Read the label and the pixels, by their index as text, since names may be there twice."""
    names = [str(place) for place in range(len(columns.names))]
    label = [] if columns.label is None else [str(columns.label)]
    ids = [] if columns.id is None else [str(columns.id)]
    wanted = [*ids, *label, *map(str, columns.pixels)]
    types = {**types, **dict.fromkeys(ids, pa.string())}
    return pc.read_csv(
        pa.BufferReader(block),
        pc.ReadOptions(column_names=names, block_size=len(block) + 1, use_threads=False),
        pc.ParseOptions(delimiter=columns.delimiter, quote_char=quote_char),
        pc.ConvertOptions(
            column_types=dict.fromkeys(wanted, usual) | types,
            include_columns=[] if len(wanted) == len(names) else wanted,
            null_values=[],
            decimal_point=columns.decimal,
        ),
    )
