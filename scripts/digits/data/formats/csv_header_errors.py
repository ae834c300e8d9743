"""Errors in the header of a raw CSV, including duplicate names, and what to write instead."""

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars", " ": "spaces"}
UNNAMED = re.compile(r"(Unnamed: [0-9]+)?")
"""The name of an index column that was written without a name, and pandas's name for it."""

PIXEL = re.compile(r"(?s).{0,200}[0-9]")
"""The name of a pixel, which ends in a number."""

REMOVE = "remove it (pandas: to_csv(..., index=False); R: write.csv(..., row.names = FALSE))"
IGNORE = "remove this column, or name it in dataset.ignore"

COLOURS = "; for colours, set dataset.channels to 3"


def shown(value: str) -> str:
    """Quote a value from a file for a message: control characters escaped, truncated if long."""
    return repr(value if len(value) <= 24 else f"{value[:24]}…")


@dataclass(frozen=True)
class Layout:
    """The expected columns of a file: the label, if there is one, and the pixels in order.

    Attributes
    ----------
    label : the name of the label's column
    image_shape : height and width of an image in pixels
    test : whether the label may be absent
    channels : values of a pixel
    by_columns : whether names of row and column may go through the image column by column
    """

    label: str
    image_shape: tuple[int, int]
    test: bool = False
    by_columns: bool = False
    channels: int = 1

    @property
    def pixels(self) -> int:
        """Number of pixels of an image."""
        return math.prod(self.image_shape) * self.channels

    @property
    def first(self) -> str:
        """The expected first column, in words."""
        return f"the label {shown(self.label)}" + (
            " or the first pixel (such as pixel0)" if self.test else ""
        )


def label_fault(names: Sequence[str], kept: Sequence[int], layout: Layout) -> str | None:
    """Return an error if no column is the label and one has to be.

    Parameters
    ----------
    names : all columns
    kept : the indices of those that are not to be ignored

    Returns
    -------
    such as ``, column 1: expected the label 'label', found 'digit'; …``, or None
    """
    if len(names) == 1 and layout.pixels > 1:
        return f", column 1: expected names separated by commas, found only {shown(names[0])}"
    if not kept:
        return f", column 1: expected {layout.first}, found only columns of dataset.ignore"
    rest = [names[place] for place in kept]
    expected = f", column {kept[0] + 1}: expected {layout.first}, found"
    if not _pixels_fault(names, kept, layout):
        if layout.test:
            return None
        if len(rest) == layout.pixels:
            return (
                f"{expected} {shown(rest[0])}; there are pixels only, as in a test set"
                " (are dataset.train and dataset.test swapped?)"
            )
    if _pixels_fault(names, kept[1:], layout):
        missing = f"{expected} {shown(rest[0])}; no column is named {shown(layout.label)}"
        return None if layout.test else missing
    return f"{expected} {_named(rest[0])}; {_instead(rest[0], layout)}"


def names_fault(
    names: Sequence[str], label: int | None, pixels: Sequence[int], layout: Layout
) -> str | None:
    """Return an error for the first invalid column name; the number of columns is not checked.

    Parameters
    ----------
    names : all columns
    label : the index of the label, if there is one
    pixels : the indices of those that are to be pixels

    Returns
    -------
    such as ``, column 3: expected 'pixel1', found 'pixel2'``; None if all names are valid
    """
    if fault := _repeated(names, pixels, label):
        return fault
    fault = _pixels_fault(names, pixels, layout)
    one_more = len(pixels) == layout.pixels + 1
    if not fault or not one_more or _pixels_fault(names, pixels[1:], layout):
        return fault
    place = pixels[0]
    if UNNAMED.fullmatch(names[place]):
        remedy = REMOVE
    else:
        remedy = f"which is neither label nor pixel; {IGNORE}"
    separator = "; " if remedy == REMOVE else ", "
    return (
        f", column {place + 1}: expected the first pixel (such as pixel0 or pixel1), found"
        f" {_named(names[place])}{separator}{remedy}"
    )


def count_fault(count: int, layout: Layout) -> str | None:
    """Return an error if the number of pixel columns is not that of an image's pixels."""
    if count == layout.pixels:
        return None
    sides, keys = [*layout.image_shape], "dataset.image_shape"
    if layout.channels > 1:
        sides, keys = [*sides, layout.channels], f"{keys}, dataset.channels"
    shape = " x ".join(map(str, sides))
    in_colour = layout.channels == 1 and count == 3 * layout.pixels
    found = f"{count}{COLOURS if in_colour else ''}"
    return f": expected {layout.pixels} pixel columns for images of {shape} ({keys}), found {found}"


def _named(name: str) -> str:
    """Quote the name of a column, or describe a missing name."""
    if not name:
        return "a column without a name"
    return shown(name) + (" (pandas's name for an unnamed column)" * bool(UNNAMED.fullmatch(name)))


def _instead(name: str, layout: Layout) -> str:
    """Return advice for a first column, before the pixels, whose name is not the label's."""
    if layout.test and UNNAMED.fullmatch(name):
        return REMOVE
    if layout.test or not name:
        otherwise = ", otherwise name it in dataset.ignore" * layout.test
        return f"if it holds the labels, name it {shown(layout.label)}{otherwise}"
    return "if it holds the labels, set dataset.label to this name"


def _repeated(names: Sequence[str], pixels: Sequence[int], label: int | None) -> str | None:
    """Return an error for the first duplicate name."""
    seen: set[str] = set()
    for place in sorted([*pixels, *([] if label is None else [label])]):
        if names[place] in seen:
            found = shown(names[place])
            return f", column {place + 1}: expected each name once, found {found} again"
        seen.add(names[place])
    return None


def _pixels_fault(names: Sequence[str], pixels: Sequence[int], layout: Layout) -> str | None:
    """Return an error for the first of the columns ``pixels`` whose name is out of order."""
    if not pixels or not PIXEL.fullmatch(names[pixels[0]]):
        wanted = "the first pixel (such as pixel0 or pixel1)"
        column = pixels[0] + 1 if pixels else len(names) + 1
        found = shown(names[pixels[0]]) if pixels else "none"
        return f", column {column}: expected {wanted}, found {found}"
    # Of the orders with this first name, assume the one that the names follow longest.
    given = [names[place] for place in pixels]
    orders = _orders(given[0], layout)
    place, expected = max(_first_difference(given, order) for order in orders)
    if place == len(given):
        return None
    column, name = pixels[place] + 1, given[place]
    found = shown(name) if name else "a column without a name"
    if place >= layout.pixels:
        return (
            f", column {column}: expected no column after the {layout.pixels} pixels"
            f" (dataset.image_shape), found {found}; remove it, or name it in dataset.ignore"
        )
    return f", column {column}: expected {shown(expected)}, found {found}"


def _orders(name: str, layout: Layout) -> Iterator[Iterator[str]]:
    """Yield the valid sequences of pixel names that start with ``name``, which ends in a digit.

    After any prefix come consecutive integers, plain or padded with zeros to one length, or row and
    column with anything between, as in 1x1, 1x2 or pixel_0_0, pixel_0_1.
    """
    digits = re.search(r"[0-9]{1,18}$", name)[0]
    # R's names of columns go on from the label's: V1 is the label, V2 the first pixel.
    for padded in {len(digits), len(digits.lstrip("0")) or 1}:
        prefix, start = name[: len(name) - padded], int(digits)
        yield (f"{prefix}{number:0{padded}d}" for number in itertools.count(start))
    pair = re.fullmatch(r"(.*?)([01])([^0-9]+)([01])", name)
    if pair and pair[2] == pair[4]:
        prefix, start, between = pair[1], int(pair[2]), pair[3]
        height, width = layout.image_shape
        places = (divmod(number, width) for number in itertools.count())
        yield (f"{prefix}{start + row}{between}{start + column}" for row, column in places)
        if layout.by_columns:
            places = (divmod(number, height) for number in itertools.count())
            yield (f"{prefix}{start + row}{between}{start + column}" for column, row in places)


def _first_difference(names: Sequence[str], order: Iterator[str]) -> tuple[int, str]:
    """Return the first position at which names leave an order (else their count), and its name."""
    expected = list(itertools.islice(order, len(names)))
    pairs = enumerate(zip(names, expected, strict=True))
    place = next((place for place, (name, other) in pairs if name != other), len(names))
    return place, expected[place] if place < len(names) else ""
