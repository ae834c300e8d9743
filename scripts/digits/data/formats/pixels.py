"""From the values of a file to images: their range, their order, dark on light."""

import re
from collections.abc import Sequence

import numpy as np

from digits.core.class_labels import expected
from digits.data.description import Description
from digits.data.formats.blocks import Block, RefusedError
from digits.data.formats.csv_header_errors import shown
from digits.data.luminance import luma

NUMBER = re.compile(r"[+-]?([0-9]++\.?[0-9]*+|\.[0-9]++)([eE][+-]?[0-9]{1,3})?")
"""A decimal number, as files write it; the possessive quantifiers do not backtrack."""


class UnknownLabelError(RefusedError):
    """A label that is none of the classes."""


def expected_value(description: Description) -> str:
    """Say what a pixel must be, for a message."""
    low, high = description.range
    if description.is_plain:
        return f"an integer from {low} to {high}"
    return f"a number from {low:.15g} to {high:.15g} (dataset.pixel_range)"


def range_hint(value: float, description: Description) -> str:
    """Return which key to set, where a value is no pixel but may be one of another range."""
    other = description.is_plain and np.isfinite(value) and (value < 0 or value % 1)
    return "; for another range, set dataset.pixel_range" if other else ""


def fits(values: np.ndarray, description: Description) -> np.ndarray:
    """Return which values can be pixels: a boolean array of their shape."""
    low, high = description.range
    inside = (values >= low) & (values <= high)  # False where a value is not a number
    if description.is_plain and values.dtype.kind == "f":
        inside &= np.floor(values) == values
    return inside


def block_of(
    values: np.ndarray,
    labels: np.ndarray | None,
    description: Description,
    ids: list[str] | None = None,
) -> Block:
    """Make a block of the values of a file.

    Parameters
    ----------
    values : array of shape (n, ...) of any real type, the pixels of an image in C order
    labels : uint8 array of shape (n,), or None
    ids : of the images, or None

    Raises
    ------
    RefusedError
        If a value is out of range, with the pixel, from 1.
    """
    flat = values.reshape(len(values), -1)
    check_values(flat, description)
    low, high = (float(flat.min()), float(flat.max())) if flat.size else (0.0, 0.0)
    return Block(images_of(flat, description), labels, low, high, ids)


def check_values(flat: np.ndarray, description: Description) -> None:
    """Refuse values that are no pixels: array of shape (n, pixels)."""
    if flat.dtype == np.uint8 and description.is_plain:
        return
    good = fits(flat, description)
    if not good.all():
        image, pixel = np.argwhere(~good)[0]
        found = flat[image, pixel].item()
        raise RefusedError(
            f"pixel {pixel + 1}: expected {expected_value(description)},"
            f" found {found:.15g}{range_hint(found, description)}",
            int(image),
        )


def images_of(flat: np.ndarray, description: Description) -> np.ndarray:
    """Scale values to 0-255 and put them in rows.

    Parameters
    ----------
    flat : array of shape (n, pixels) whose values are in range

    Returns
    -------
    uint8 array of shape (n, height, width), in colour (n, height, width, 3): rounded half up, 0 =
    background
    """
    low, high = description.range
    if description.is_plain:
        scaled = flat.astype(np.uint8, copy=False)
    else:
        # The nudge makes 1/255, which has no exact decimal or binary form, what it stands for.
        part = (flat.astype(np.float64) - low) / (high - low)
        scaled = np.clip(np.floor(part * 255 + 0.5 + 1e-6), 0, 255).astype(np.uint8)
    if description.invert:
        scaled = 255 - scaled
    if description.order == "planes":
        scaled = np.ascontiguousarray(scaled.reshape(len(scaled), 3, -1).transpose(0, 2, 1))
    if description.to_gray:
        scaled = luma(scaled.reshape(len(scaled), -1, 3))
    height, width, *channels = description.stored_shape
    if description.order == "columns":
        by_columns = scaled.reshape(-1, width, height, *channels)
        return np.ascontiguousarray(by_columns.swapaxes(1, 2))
    return scaled.reshape(-1, height, width, *channels)


def class_numbers(labels: np.ndarray, classes: Sequence[str]) -> np.ndarray:
    """Return the class numbers of labels that are numbers or texts.

    A whole number counts as its digits, however it is written: 5.0 is 5.

    Parameters
    ----------
    labels : array of shape (n,) of numbers, texts or bytes

    Returns
    -------
    uint8 array of shape (n,)

    Raises
    ------
    UnknownLabelError
        If a label is none of the classes.
    """
    known = {label: number for number, label in enumerate(classes)}
    different, first, which = np.unique(labels, return_index=True, return_inverse=True)
    numbers = [known.get(each, known.get(whole(each))) for each in map(as_text, different)]
    unknown = [place for place, number in zip(first, numbers, strict=True) if number is None]
    if unknown:
        place = int(min(unknown))
        found = shown(as_text(labels[place]))
        raise UnknownLabelError(f"expected {expected(classes)}, found {found}", place)
    return np.array(numbers, np.uint8)[which.reshape(-1)]


def as_text(label: object) -> str:
    """Return a label of an array as text, without blanks around it."""
    if isinstance(label, bytes):
        label = label.decode("utf-8", "replace")
    if isinstance(label, np.generic):
        label = label.item()
    return str(label).strip(" \t")


def whole(text: str) -> str:
    """Return a whole number in its usual digits, 5 for 5.0, 5,0 and 5e0; other texts as is."""
    point = text.replace(",", ".")
    if not NUMBER.fullmatch(point):
        return text
    number = float(point)
    return str(int(number)) if number.is_integer() else text
