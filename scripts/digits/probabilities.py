"""Class probabilities as Parquet: key columns, then one column per class, ``p0``, ``p1`` etc."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from digits.errors import DataError
from digits.files import replacing
from digits.images import WRITER

LABELLED = ["row", "label"]
"""The key columns of predictions of images whose labels are known."""


def read_probabilities(path: Path, keys: Sequence[str] = ()) -> tuple[pd.DataFrame, np.ndarray]:
    """Read a table of predictions.

    Parameters
    ----------
    keys : columns of whole numbers that it must have before the probabilities

    Returns
    -------
    keys : the columns before the probabilities (``row`` and ``label``, or ``ImageId``)
    probabilities : float32 array of shape (n, classes)

    Raises
    ------
    DataError
        If the file is missing, damaged or holds no probabilities.
    """
    try:
        table = pq.read_table(path, page_checksum_verification=True).to_pandas()
        columns = [name for name in table.columns if re.fullmatch("p[0-9]+", name)]
        probabilities = table[columns].to_numpy(np.float32)
        for key in keys:
            if key not in table or table[key].dtype.kind not in "iu":
                raise ValueError(f"no column {key} of whole numbers")
        if not np.isfinite(probabilities).all():
            raise ValueError("a probability is no number")
    except (OSError, ValueError, pa.ArrowException) as error:
        raise DataError(
            f"{path}: not readable predictions ({error}); delete it and run again"
        ) from None
    if not columns:
        raise DataError(f"{path}: no probabilities; delete it and run again")
    return table.drop(columns=columns), probabilities


def mean_probabilities(
    tables: Sequence[tuple[pd.DataFrame, np.ndarray]], names: Sequence[object] = ()
) -> tuple[pd.DataFrame, np.ndarray]:
    """Average the predictions of several networks for the same images, all with the same weight.

    The class that is most probable by the mean is what they say together; Hansen and Salamon,
    Neural network ensembles (IEEE PAMI 12, 1990), tell why it tends to be right more often.

    Parameters
    ----------
    tables : at least one, each as :func:`read_probabilities` gives it
    names : what to call the tables in an error, such as their files; else by their places from 1

    Returns
    -------
    keys : those of the tables
    probabilities : float64 array of shape (n, classes); the mean is taken in double precision

    Raises
    ------
    DataError
        If the tables are not of the same images in the same order, or of other classes.
    """
    names = names or [f"predictions {number}" for number in range(1, len(tables) + 1)]
    keys, first = tables[0]
    for name, (others, probabilities) in zip(names, tables, strict=True):
        fault = _difference(keys, others)
        if not fault and first.shape != probabilities.shape:
            fault = "", f"{first.shape[1]} classes", probabilities.shape[1]
        if fault:
            place, expected, found = fault
            raise DataError(
                f"{name}{place}: expected {expected} as in {names[0]}, found {found};"
                " delete it and run again"
            )
    return keys, np.mean([table for _, table in tables], axis=0, dtype=np.float64)


def _difference(keys: pd.DataFrame, others: pd.DataFrame) -> tuple[str, object, object] | None:
    """Say where the keys of predictions are others than expected, what is, and what was found."""
    if list(keys) != list(others):
        return "", f"the columns {', '.join(keys)}", ", ".join(others)
    if len(keys) != len(others):
        return "", f"{len(keys)} rows", len(others)
    for name in keys:
        wrong = np.flatnonzero(keys[name].to_numpy() != others[name].to_numpy())
        if len(wrong):
            row = wrong[0]
            place = f", row {row + 1}, column {name}"
            return place, keys[name].iloc[row], others[name].iloc[row]
    return None


def write_probabilities(path: Path, keys: dict[str, np.ndarray], probabilities: np.ndarray) -> None:
    """Write key columns and probabilities of shape (n, classes), ``p0``, ``p1`` …, as Parquet."""
    columns = keys | {f"p{label}": column for label, column in enumerate(probabilities.T)}
    with replacing(path) as temporary:
        pq.write_table(pa.table(columns), temporary, **WRITER)
