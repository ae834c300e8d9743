"""Columns of numbers, from Arrow to NumPy and back, without pandas.

pyarrow's own conversions import pandas wherever it is installed, which takes longer than the steps
that use them take for their work.
"""

import numpy as np
import pyarrow as pa


def numbers_of(column: pa.ChunkedArray) -> np.ndarray:
    """Return a column of numbers, none of them missing, as an array; its only chunk as a view.

    Raises
    ------
    ValueError
        If a number is missing.
    """
    if column.null_count:
        raise ValueError("a number is missing")
    dtype = np.dtype(column.type.to_pandas_dtype())
    parts = [
        np.frombuffer(chunk.buffers()[1], dtype, len(chunk), chunk.offset * dtype.itemsize)
        for chunk in column.chunks
        if len(chunk)
    ]
    return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, dtype), *parts])


def column_of(numbers: np.ndarray) -> pa.Array:
    """Return an array of shape (n,) of numbers as a column of their type."""
    buffer = pa.py_buffer(np.ascontiguousarray(numbers))
    return pa.Array.from_buffers(pa.from_numpy_dtype(numbers.dtype), len(numbers), [None, buffer])
