"""Facts of the data: counts, checksums, copies of images and statistics of their pixels."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from digits.columns import longest_row, read_header
from digits.images import ImageTable
from digits.sources import sha256_of

LEVELS = np.arange(256)


def file_facts(source: str, parquet: Path) -> dict[str, Any]:
    """Tell what a raw CSV holds, from itself and from the image table made of it.

    Parameters
    ----------
    source : str
        The raw CSV (see :mod:`digits.sources`).
    parquet : Path
        The image table made of it.

    Returns
    -------
    dict
        source, rows, columns (of the CSV), dtypes (of the table), nulls (counted in the table)
        and sha256 (of the CSV, decompressed).
    """
    table = pq.read_table(parquet, memory_map=True)
    labelled = "label" in table.column_names
    pixels = table.schema.field("image").type.byte_width
    names, _ = read_header(source, longest_row(pixels))
    return {
        "source": source,
        "rows": table.num_rows,
        "columns": len(names),
        # The image column is bytes: each pixel is one unsigned byte.
        "dtypes": ({"label": str(table.schema.field("label").type)} if labelled else {})
        | {"pixels": "uint8"},
        "nulls": sum(column.null_count for column in table.columns),
        "sha256": sha256_of(source),
    }


def count_labels(labels: np.ndarray) -> dict[str, int]:
    """Count the images of each label that occurs, in order of label."""
    values, counts = np.unique(labels, return_counts=True)
    return {str(value): int(count) for value, count in zip(values, counts, strict=True)}


def count_duplicates(train: ImageTable, test: ImageTable) -> dict[str, int]:
    """Count the images that are copies of others, pixel for pixel.

    Parameters
    ----------
    train, test : ImageTable
        Train with labels.

    Returns
    -------
    dict
        train: images of train that repeat an earlier one of train; test: likewise in test;
        test_in_train: images of test that are also in train; conflicting_labels: images of train
        that have a copy in train under another label.
    """
    seen, unseen = _pixels_of(train), _pixels_of(test)
    labels_per_image = pd.Series(train.labels).groupby(seen, sort=False).transform("nunique")
    return {
        "train": int(seen.duplicated().sum()),
        "test": int(unseen.duplicated().sum()),
        "test_in_train": int(unseen.isin(seen).sum()),
        "conflicting_labels": int((labels_per_image > 1).sum()),
    }


def summarise_pixels(train: ImageTable, test: ImageTable) -> pd.DataFrame:
    """Summarise the pixels of each class of train, of all of train and of all of test.

    Parameters
    ----------
    train, test : ImageTable
        Train with labels.

    Returns
    -------
    DataFrame
        part, label, images, mean, sd, median (of the pixel values, 0-255; sd of the population)
        and ink (share of pixels above 0): a row per label, then two with the label "all".
    """
    rows = [
        {"part": "train", "label": str(label)} | _statistics(train.images[train.labels == label])
        for label in np.unique(train.labels)
    ]
    rows.append({"part": "train", "label": "all"} | _statistics(train.images))
    rows.append({"part": "test", "label": "all"} | _statistics(test.images))
    return pd.DataFrame(rows)


def _pixels_of(table: ImageTable) -> pd.Series:
    """Give each image as one bytes object."""
    size = int(np.prod(table.images.shape[1:]))
    rows = np.ascontiguousarray(table.images).reshape(len(table), size)
    # Bytes rather than numpy's fixed-size strings, which drop zeros at the end.
    return pd.Series([row.tobytes() for row in rows], dtype=object)


def _statistics(images: np.ndarray) -> dict[str, float]:
    """Compute statistics of pixel values from their exact histogram."""
    counts = np.bincount(images.ravel(), minlength=len(LEVELS))
    total = int(counts.sum())
    mean = float(counts @ LEVELS) / total
    variance = float(counts @ (LEVELS - mean) ** 2) / total
    ends = np.searchsorted(counts.cumsum(), [(total - 1) // 2, total // 2], side="right")
    return {
        "images": len(images),
        "mean": round(mean, 4),
        "sd": round(variance**0.5, 4),
        "median": float(ends.mean()),
        "ink": round(float(counts[1:].sum()) / total, 6),
    }
