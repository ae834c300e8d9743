"""Class probabilities as Parquet: key columns, then one column per class, ``p0``, ``p1`` etc."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from digits.core.arrow_columns import column_of, numbers_of
from digits.core.atomic_files import replacing
from digits.core.intermediate_files import ContentError, reading
from digits.data.image_tables import WRITER

LABELLED = ["row", "label"]
"""The key columns of predictions for labelled images."""

UNLABELLED = ["ImageId"]
"""The key column of predictions for the test images, which counts from 1."""

TYPES = {"row": pa.int32(), "label": pa.uint8(), "ImageId": pa.int32()}

Keys = dict[str, np.ndarray]
"""The key columns of a table of predictions, integer arrays of shape (n,) by name."""

Predictions = tuple[Keys, np.ndarray]
"""The key columns of a table of predictions, and its probabilities of shape (n, classes)."""

ROUNDING = 1e-3
"""Allowed distance of a row's sum from 1; single precision needs far less."""


def schema(keys: Iterable[str], classes: int) -> pa.Schema:
    """Return the Arrow schema of predictions."""
    shares = [(f"p{label}", pa.float32()) for label in range(classes)]
    return pa.schema([*((key, TYPES[key]) for key in keys), *shares])


def read_probabilities(
    path: Path, keys: Sequence[str] = LABELLED, classes: int | None = None
) -> Predictions:
    """Read a table of predictions.

    Parameters
    ----------
    keys : the columns before the probabilities, ``LABELLED`` or ``UNLABELLED``
    classes : the required number of classes; None accepts any

    Returns
    -------
    keys : the columns before the probabilities
    probabilities : float32 array of shape (n, classes), whose rows sum to 1

    Raises
    ------
    DataError
        If the file is missing, damaged, or does not contain predictions of that kind.
    """
    with reading(path):
        # Column names have no checksum: a flipped bit in one must not shift the others.
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            layout = file.schema_arrow
            count = classes or max(len(layout) - len(keys), 1)
            if not layout.equals(schema(keys, count)):
                raise ContentError(f"expected the columns {', '.join(keys)}, p0 to p{count - 1}")
            table, rows = file.read(), file.metadata.num_rows
        if table.num_rows != rows or any(column.null_count for column in table.columns):
            raise ContentError("not as long as it says")
        arrays = list(map(numbers_of, table.columns))
        found = dict(zip(keys, arrays, strict=False))
        probabilities = np.array(arrays[len(keys) :]).T
        _check(found, probabilities)
    return found, probabilities


def _check(numbers: Keys, probabilities: np.ndarray) -> None:
    """Check that there are images, each once, with valid labels and probabilities.

    Raises
    ------
    ContentError
        If not.
    """
    if not len(probabilities):
        raise ContentError("no rows")
    rows = numbers.get("row")
    if rows is not None and (rows.min() < 0 or len(np.unique(rows)) < len(rows)):
        raise ContentError("a row is negative or occurs twice")
    if "label" in numbers and numbers["label"].max() >= probabilities.shape[1]:
        raise ContentError(f"a label is beyond the {probabilities.shape[1]} classes")
    if "ImageId" in numbers and (numbers["ImageId"] != np.arange(1, len(probabilities) + 1)).any():
        raise ContentError("ImageId does not count from 1")
    sums = probabilities.sum(axis=1, dtype=np.float64)
    if not (probabilities >= 0).all() or not (abs(sums - 1) <= ROUNDING).all():
        raise ContentError("the probabilities of an image must be from 0 to 1 and sum to 1")


def mean_probabilities(tables: Iterable[Predictions], paths: Sequence[Path]) -> Predictions:
    """Average the predictions of several networks for the same images, all with the same weight.

    The ensemble predicts the class with the highest mean probability. Hansen and Salamon, Neural
    network ensembles (IEEE PAMI 12, 1990), explain why it tends to be more accurate.

    Parameters
    ----------
    tables : at least one, each as :func:`read_probabilities` gives it; one is kept at a time
    paths : their files, to name in an error

    Returns
    -------
    keys : those of the tables
    probabilities : float64 array of shape (n, classes); the mean is taken in double precision

    Raises
    ------
    DataError
        If the tables are not for the same images in the same order, or differ in their classes.
    """
    mean = None
    for path, (keys, probabilities) in zip(paths, tables, strict=True):
        if mean is None:
            mean = RunningMean(paths[0], keys, probabilities.shape)
        mean.add(path, keys, probabilities)
    if mean is None:
        raise ValueError("expected at least one table")
    return mean.keys, mean.probabilities


class RunningMean:
    """The mean of predictions for the same images, to which one table after the other is added."""

    def __init__(self, path: Path, keys: Keys, shape: tuple[int, ...]) -> None:
        self.path, self.keys, self.count = path, keys, 0
        self.sums = np.zeros(shape)

    @property
    def probabilities(self) -> np.ndarray:
        """The mean so far, a float64 array of shape (n, classes)."""
        return self.sums / self.count

    def add(self, path: Path, keys: Keys, probabilities: np.ndarray) -> None:
        """Add the predictions of a file.

        Raises
        ------
        DataError
            If they are not for the same images in the same order, or differ in their classes.
        """
        fault = _difference(self.keys, keys)
        if not fault and self.sums.shape != probabilities.shape:
            fault = "", f"{self.sums.shape[1]} classes", probabilities.shape[1]
        if fault:
            place, expected, found = fault
            with reading(path):
                raise ContentError(f"expected {expected} as in {self.path}, found {found}", place)
        self.sums += probabilities
        self.count += 1


def _difference(keys: Keys, others: Keys) -> tuple[str, object, object] | None:
    """Return place, expected and found value of the first difference between keys, else None."""
    if list(keys) != list(others):
        return "", f"the columns {', '.join(keys)}", ", ".join(others)
    for name, numbers in keys.items():
        if len(numbers) != len(others[name]):
            return "", f"{len(numbers)} rows", len(others[name])
        wrong = np.flatnonzero(numbers != others[name])
        if len(wrong):
            row = wrong[0]
            return f"row {row + 1}, column {name}", numbers[row], others[name][row]
    return None


def write_probabilities(path: Path, keys: Keys, probabilities: np.ndarray) -> None:
    """Write key columns and probabilities of shape (n, classes), ``p0``, ``p1`` …, as Parquet."""
    layout = schema(keys, probabilities.shape[1])
    columns = [*keys.values(), *probabilities.T]
    types = [field.type.to_pandas_dtype() for field in layout]
    arrays = [column_of(column.astype(kind)) for column, kind in zip(columns, types, strict=True)]
    with replacing(path) as temporary:
        pq.write_table(pa.table(arrays, schema=layout), temporary, **WRITER)
