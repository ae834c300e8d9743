"""Summary of the data: counts, checksums, duplicate images and statistics of the pixels."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from digits.core.intermediate_files import reading
from digits.data.image_tables import Images, digests
from digits.data.luminance import Luminance, in_grey

LEVELS = np.arange(256)


def file_facts(found: Mapping[str, Any], parquet: Path) -> dict[str, Any]:
    """Summarise raw files, from what was found in them and the image table made from them.

    Parameters
    ----------
    found : mapping
        What ``ingest_images`` found (see :func:`digits.data.ingest.ingest`).
    parquet : Path
        The image table made from them.

    Returns
    -------
    dict
        source (the first file and the number of others), rows, columns (of the first file), dtypes
        (of the table), nulls (counted in the table), sha256 (of the file, decompressed; of several,
        of their checksums), format, observed and notes.
    """
    with reading(parquet):
        table = pq.ParquetFile(parquet, page_checksum_verification=True)
        layout = table.schema_arrow
        nulls = [
            column.null_count
            for number in range(table.num_row_groups)
            for column in table.read_row_group(number).columns
        ]
    first, *others = found["files"]
    checksums = "\n".join(file["sha256"] for file in found["files"])
    return {
        "source": first["source"] + (f" and {len(others)} more" if others else ""),
        "rows": table.metadata.num_rows,
        "columns": first["columns"],
        # In the image column, each pixel is one unsigned byte.
        "dtypes": ({"label": str(layout.field("label").type)} if "label" in layout.names else {})
        | {"pixels": "uint8"},
        "nulls": sum(nulls),
        "sha256": hashlib.sha256(checksums.encode()).hexdigest() if others else checksums,
        "format": first["format"],
        "observed": found["observed"],
        "notes": found["notes"],
    }


def count_labels(labels: np.ndarray, classes: Sequence[str]) -> dict[str, int]:
    """Count the images of each class that occurs, by label, in the order of class numbers."""
    values, counts = np.unique(labels, return_counts=True)
    return {classes[value]: int(count) for value, count in zip(values, counts, strict=True)}


def count_duplicates(train: Images, test: Images | None) -> dict[str, int | None]:
    """Count the images that equal others, pixel for pixel.

    Parameters
    ----------
    train, test : tables of images
        ``train`` has labels; there may be no ``test``.

    Returns
    -------
    dict
        train: images of train that equal an earlier one of train; test: likewise in test;
        test_in_train: images of test that are also in train; conflicting_labels: images of train
        that equal another with a different label. Without test, what concerns it is None.
    """
    seen = digests(train)
    unseen = None if test is None else digests(test)
    different, which = np.unique(seen, return_inverse=True)
    labels_per_image = pd.Series(train.labels).groupby(which).transform("nunique")
    return {
        "train": len(seen) - len(different),
        "test": None if unseen is None else len(unseen) - len(np.unique(unseen)),
        "test_in_train": None if unseen is None else int(np.isin(unseen, different).sum()),
        "conflicting_labels": int((labels_per_image > 1).sum()),
    }


def summarise_pixels(train: Images, test: Images | None, classes: Sequence[str]) -> pd.DataFrame:
    """Summarise the pixels of each class of train, of all of train and of all of test.

    Parameters
    ----------
    train, test : tables of images
        ``train`` has labels; there may be no ``test``. Colours are summarised in grey.
    classes : sequence of str
        The labels of the classes.

    Returns
    -------
    DataFrame
        part, label, images, mean, sd, median (of the pixel values, 0-255; population sd) and ink
        (share of pixels above 0): one row per label, then two with the label "all".
    """
    labels, images = np.unique(train.labels, return_counts=True)
    histograms = count_levels(in_grey(train), train.labels)
    rows = [
        {"part": "train", "label": classes[label], "images": int(count)} | _statistics(histogram)
        for label, count, histogram in zip(labels, images, histograms, strict=True)
    ]
    whole = [("train", train, histograms.sum(axis=0))]
    if test is not None:
        levels = count_levels(in_grey(test), np.zeros(len(test), np.uint8))
        whole.append(("test", test, levels[0]))
    for part, table, levels in whole:
        rows.append({"part": part, "label": "all", "images": len(table)} | _statistics(levels))
    return pd.DataFrame(rows)


def count_levels(table: Images | Luminance, groups: np.ndarray) -> np.ndarray:
    """Count how often each pixel value occurs in each group of images.

    Parameters
    ----------
    groups : array of shape (n,), the group of each image of the table

    Returns
    -------
    int64 array of shape (groups, 256), in ascending order of the groups
    """
    values, which = np.unique(groups, return_inverse=True)
    counts, start = np.zeros((len(values), len(LEVELS)), np.int64), 0
    for chunk in table.chunks():
        members = which[start : start + len(chunk)]
        start += len(chunk)
        for group in np.unique(members):
            pixels = chunk.images[members == group].ravel()
            counts[group] += np.bincount(pixels, minlength=len(LEVELS))
    return counts


def _statistics(counts: np.ndarray) -> dict[str, float]:
    """Compute statistics of pixel values from their exact histogram, of shape (256,)."""
    total = int(counts.sum())
    mean = float(counts @ LEVELS) / total
    variance = float(counts @ (LEVELS - mean) ** 2) / total
    ends = np.searchsorted(counts.cumsum(), [(total - 1) // 2, total // 2], side="right")
    return {
        "mean": round(mean, 4),
        "sd": round(variance**0.5, 4),
        "median": float(ends.mean()),
        "ink": round(float(counts[1:].sum()) / total, 6),
    }
