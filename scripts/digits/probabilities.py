"""Class probabilities as Parquet: key columns, then one column per class, ``p0``, ``p1`` etc."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from digits.errors import DataError
from digits.files import replacing
from digits.images import WRITER


def read_probabilities(path: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """Read a table of predictions.

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
    except (OSError, ValueError, pa.ArrowException) as error:
        raise DataError(
            f"{path}: not readable predictions ({error}); delete it and run again"
        ) from None
    if not columns:
        raise DataError(f"{path}: no probabilities; delete it and run again")
    return table.drop(columns=columns), probabilities


def write_probabilities(path: Path, keys: dict[str, np.ndarray], probabilities: np.ndarray) -> None:
    """Write key columns and probabilities of shape (n, classes), ``p0``, ``p1`` …, as Parquet."""
    columns = keys | {f"p{label}": column for label, column in enumerate(probabilities.T)}
    with replacing(path) as temporary:
        pq.write_table(pa.table(columns), temporary, **WRITER)
