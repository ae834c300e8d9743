"""Convert raw images to Parquet: every value checked, as a stream, in bounded memory."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from digits.core.class_labels import are_numbers, listing
from digits.core.errors import DataError
from digits.data.content_hashes import content_hash
from digits.data.description import Description
from digits.data.formats.blocks import Block, Opened
from digits.data.formats.opening import open_images, open_with_labels
from digits.data.image_tables import ImageTable, chunk_size, write_chunks
from digits.data.observations import Observations, fault_of_all, notes_of_all, notes_of_colours


def ingest(description: Description, output: Path) -> dict[str, Any]:
    """Check raw files and write them as an image table (see :mod:`digits.data.image_tables`).

    Parameters
    ----------
    description : Description
        The files and how they are read.
    output : Path
        The Parquet file. The same images and labels give the same bytes, whatever they come from.

    Returns
    -------
    dict
        What was found: ``files`` with source, sha256 (decompressed), rows and what their format
        says; ``rows``; ``notes``; ``ids``, where there are any; and what was ``observed`` (see
        :mod:`digits.data.observations`).

    Raises
    ------
    DataError
        If anything in the files is invalid, with the first such row and column; if a class has no
        image; if the images as a whole are not as described. Nothing is written then.
    """
    seen, files, notes = Observations(), [], []
    ids: list[str] = []
    blocks = _all_blocks(_opened(description, files, notes), files, ids)
    write_chunks(output, _checked(_regrouped(blocks, seen), description, seen))
    observed = seen.summary()
    notes += notes_of_all(observed, seen.images * description.pixels, description)
    notes += notes_of_colours(seen.mean_as_stored, description)
    return {
        "files": [file | {"sha256": content_hash(file["source"])} for file in files],
        "rows": seen.images,
        "observed": observed,
        "notes": list(dict.fromkeys(notes)),
        **({"ids": ids} if ids else {}),
    }


def _opened(
    description: Description, files: list[dict[str, Any]], notes: list[str]
) -> Iterator[Opened]:
    """Open the files one after the other; what they are like goes into ``files``."""
    labelled = None
    labels = description.label_files or [None] * len(description.files)
    if len(labels) != len(description.files):
        raise DataError(
            f"{description.files[0]}: expected as many files of labels as of images, found"
            f" {len(labels)} and {len(description.files)}"
        )
    for source, beside in zip(description.files, labels, strict=True):
        if beside is None:
            opened = open_images(source, description)
        else:
            opened = open_with_labels(source, beside, description)
        if labelled not in (None, opened.labelled):
            has = "has" if opened.labelled else "lacks"
            raise DataError(f"{source}: {has} labels, unlike {description.files[0]}")
        labelled = opened.labelled
        if not labelled and not description.is_test:
            raise DataError(f"{source}: expected images with labels, found none")
        files.append({"source": source, "rows": 0, **opened.found})
        notes += opened.notes
        yield opened


def _all_blocks(
    opened: Iterable[Opened], files: list[dict[str, Any]], ids: list[str]
) -> Iterator[Block]:
    for each in opened:
        for block in each.blocks:
            files[-1]["rows"] += len(block)
            ids += block.ids or []
            yield block
        if not files[-1]["rows"]:
            is_csv = files[-1]["format"] == "CSV"
            where, below = (", row 2", " below the header") if is_csv else ("", "")
            source = f"{files[-1]['source']}{where}"
            raise DataError(f"{source}: expected at least one image, found none{below}")
        if ids and len(ids) != sum(file["rows"] for file in files):
            raise DataError(f"{files[-1]['source']}: expected ids in each file, or in none")


def _regrouped(blocks: Iterable[Block], seen: Observations) -> Iterator[ImageTable]:
    """Count the images of blocks, and yield them in tables as large as chunks, the last shorter."""
    held: list[Block] = []
    for block in blocks:
        seen.add(block.images, block.labels, block.low, block.high)
        held.append(block)
        while sum(map(len, held)) >= chunk_size(block.images.shape[1:]):
            table, held = _joined(held)
            yield table
    while sum(map(len, held)):
        table, held = _joined(held)
        yield table


def _joined(held: list[Block]) -> tuple[ImageTable, list[Block]]:
    """Join blocks; return the images of a chunk as a table, and a block of the others."""
    images = np.concatenate([block.images for block in held])
    labels = None
    if held[0].labels is not None:
        labels = np.concatenate([block.labels for block in held])
    size = chunk_size(images.shape[1:])
    rest = Block(images[size:], None if labels is None else labels[size:])
    return ImageTable(images[:size], None if labels is None else labels[:size]), [rest]


def _checked(
    tables: Iterable[ImageTable], description: Description, seen: Observations
) -> Iterator[ImageTable]:
    """Yield tables and, after the last one, raise an error if all of them together are invalid."""
    yield from tables
    counts = seen.labels if not description.is_test else None
    fault = counts is not None and _absent_fault(counts, description.classes)
    observed = seen.summary()
    pixels = seen.images * description.pixels
    if fault := fault or fault_of_all(observed, pixels, description):
        raise DataError(f"{description.files[0]}{fault}")


def _absent_fault(counts: np.ndarray, classes: Sequence[str]) -> str | None:
    """Return an error if there is no image of a class; ``counts`` are per class."""
    absent = np.flatnonzero(counts[: len(classes)] == 0)
    if not len(absent):
        return None
    whole = f" from 0 to {len(classes) - 1}" if are_numbers(classes) else ""
    return (
        f": expected images of each class{whole} (dataset.classes),"
        f" found none of {listing([classes[number] for number in absent])}"
    )
