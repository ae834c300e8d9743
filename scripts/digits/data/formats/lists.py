"""Columns of lists, or of lists of lists, in which a row is an image."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from digits.data.formats.blocks import RefusedError


def is_list(kind: pa.DataType) -> bool:
    """Return whether the values of a column are lists of numbers, or of such lists."""
    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind) or _is_fixed(kind)):
        return False
    inner = kind.value_type
    return is_list(inner) or pa.types.is_integer(inner) or pa.types.is_floating(inner)


def _is_fixed(kind: pa.DataType) -> bool:
    return pa.types.is_fixed_size_list(kind)


def values_of(column: pa.Array, pixels: int) -> np.ndarray:
    """Return the values of a column of lists: array of shape (n, pixels), in C order.

    Raises
    ------
    RefusedError
        If a row has more or fewer values, or none: with its place.
    """
    values, whole = column, True
    while whole and is_list(values.type):
        lengths = pc.min_max(pc.list_value_length(values))
        whole = not values.null_count and lengths["min"] == lengths["max"]
        values = values.flatten()
    if not whole or values.null_count or len(values) != len(column) * pixels:
        place, found = next(
            ((n, size) for n, size in enumerate(map(_size, column.to_pylist())) if size != pixels),
            (0, "lists of several lengths"),
        )
        raise RefusedError(f"expected {pixels} values in lists of one length, found {found}", place)
    return values.to_numpy(zero_copy_only=False).reshape(len(column), -1)


def _size(row: object) -> int | str:
    """Return the number of values of a row, or what it is instead."""
    if row is None:
        return "none"
    try:
        values = np.asarray(row, np.float64)
    except (TypeError, ValueError):
        return "lists of several lengths"
    return "a missing one" if np.isnan(values).any() else values.size
