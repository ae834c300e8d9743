"""Errors in the header of a raw CSV, including duplicate names, and what to write instead."""

import csv
import itertools
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars", " ": "spaces"}
NUMBER = re.compile(r"\s*[+-]?[0-9]+(\.[0-9]*)?(e[+-]?[0-9]+)?\s*", re.IGNORECASE)
UNNAMED = re.compile(r"(Unnamed: [0-9]+)?")
"""The name of an index column that was written without a name, and pandas's name for it."""

REMOVE = "remove it (pandas: to_csv(..., index=False); R: write.csv(..., row.names = FALSE))"


def shown(value: str) -> str:
    """Quote a value from a file for a message: control characters escaped, truncated if long."""
    return repr(value if len(value) <= 24 else f"{value[:24]}…")


@dataclass(frozen=True)
class Layout:
    """The expected columns of a file: the label, if there is one, then the pixels.

    Attributes
    ----------
    label : the name of the label's column; None for a file that must not have labels
    image_shape : height and width of an image in pixels
    test : whether the label may be absent
    """

    label: str | None
    image_shape: tuple[int, int]
    test: bool = False

    @property
    def pixels(self) -> int:
        """Number of pixels of an image."""
        return math.prod(self.image_shape)

    @property
    def needs_label(self) -> bool:
        """Whether the label is required."""
        return self.label is not None and not self.test

    @property
    def first(self) -> str:
        """The expected first column, in words."""
        if self.label is None:
            return "the first pixel (such as pixel0 or pixel1)"
        return f"the label {shown(self.label)}" + (
            " or the first pixel (such as pixel0)" if self.test else ""
        )

    def header(self, columns: int) -> str:
        """Return a valid header for a number of columns, with its middle abbreviated."""
        labelled = self.needs_label or (self.test and columns > self.pixels)
        names = [str(self.label)] if labelled else []
        names += [f"pixel{number}" for number in range(self.pixels)]
        return ",".join(names if len(names) < 5 else [*names[:3], "…", names[-1]])


def separator_fault(line: str, layout: Layout) -> str | None:
    """Return an error if the names of a header are certainly separated by something else.

    It is certain if splitting at another separator gives the expected names or their number.
    """
    for separator, called in SEPARATORS.items():
        try:
            names = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
        except csv.Error:  # for instance, a name that is far too long
            continue
        as_many = len(names) in (layout.pixels, layout.pixels + 1)
        if len(names) > 1 and (as_many or not names_fault(names, layout)):
            return f": expected names separated by commas, found {called}; write commas instead"
    return None


def names_fault(names: Sequence[str], layout: Layout) -> str | None:
    """Return an error for the first invalid column name; the number of columns is not checked.

    Returns
    -------
    such as ``, column 3: expected 'pixel1', found 'pixel2'``; None if all names are valid
    """
    if len(names) == 1 and layout.pixels > 1:
        return f", column 1: expected names separated by commas, found only {shown(names[0])}"
    first = 1
    if names[0] == layout.label:
        first = 2
    elif fault := (
        _numbers_fault(names, layout)
        or _comment_fault(names, layout)
        or _first_fault(names, layout)
    ):
        return fault
    return _repeated(names) or _pixels_fault(names[first - 1 :], first, layout)


def count_fault(names: Sequence[str], layout: Layout) -> str | None:
    """Return an error if the number of pixel columns is not that of an image's pixels."""
    count = len(names) - (names[0] == layout.label)
    if count == layout.pixels:
        return None
    height, width = layout.image_shape
    return (
        f": expected {layout.pixels} pixel columns for images of {height} x {width}"
        f" (dataset.image_shape), found {count}"
    )


def _numbers_fault(names: Sequence[str], layout: Layout) -> str | None:
    """Return an error if the header is an image; pandas renames repeated numbers in a header."""
    numbers = names[1:] if UNNAMED.fullmatch(names[0]) else names
    if (
        not numbers
        or not all(map(NUMBER.fullmatch, numbers))
        or not _pixels_fault(numbers, 1, layout)
    ):
        return None
    header = layout.header(len(numbers))
    if _renamed(numbers):
        repeated = next(name for name in numbers if "." in name)
        return (
            ", column 1: expected a header, found numbers that pandas renamed where they repeat"
            f" (such as {shown(repeated)}); read the original with read_csv(..., header=None)"
            f" and write it with the header {header}"
        )
    found = shown(",".join(numbers[:5]))
    return f", column 1: expected a header, found numbers ({found}); add {header} as row 1"


def _renamed(numbers: Sequence[str]) -> bool:
    """Return whether names are repeated numbers as pandas renames them: 0, 0.1, 0.2, ..."""
    counts: Counter[str] = Counter()
    for name in numbers:
        number = name.partition(".")[0]
        if name != (f"{number}.{counts[number]}" if counts[number] else number):
            return False
        counts[number] += 1
    return max(counts.values()) > 1


def _comment_fault(names: Sequence[str], layout: Layout) -> str | None:
    """Return an error if the header starts like a comment."""
    name = names[0].lstrip("# ")
    if not names[0].startswith("#"):
        return None
    found = f", column 1: expected {layout.first}, found {shown(names[0])}"
    if names_fault([name, *names[1:]], layout):
        return f"{found}; if this line is a comment, remove it"
    mark = names[0].removesuffix(name)
    return f"{found}; remove {mark!r} from the header (NumPy: savetxt(..., comments=''))"


def _first_fault(names: Sequence[str], layout: Layout) -> str | None:
    """Return an error if the first column is neither the label nor the first pixel."""
    expected = f", column 1: expected {layout.first}, found"
    if layout.label in names:
        return _label_elsewhere(names, layout, expected)
    if not _pixels_fault(names, 1, layout):
        if not layout.needs_label:
            return None
        if len(names) == layout.pixels:
            return (
                f"{expected} {shown(names[0])}; there are pixels only, as in a test set"
                " (are dataset.train and dataset.test swapped?)"
            )
    if _pixels_fault(names[1:], 2, layout):
        missing = f"{expected} {shown(names[0])}; no column is named {shown(layout.label or '')}"
        return missing if layout.needs_label else None
    return f"{expected} {_named(names[0])}; {_instead(names[0], layout)}"


def _label_elsewhere(names: Sequence[str], layout: Layout, expected: str) -> str:
    place = names.index(layout.label)
    if _pixels_fault(names[place + 1 :], place + 2, layout):
        return (
            f", column {place + 1}: expected the label {shown(names[place])} as column 1,"
            " found it here; move it to the front"
        )
    if UNNAMED.fullmatch(names[0]):
        return f"{expected} {_named(names[0])}; {REMOVE}"
    return f"{expected} {shown(names[0])}, which is neither label nor pixel; remove this column"


def _named(name: str) -> str:
    """Quote the name of the first column, or describe a missing name."""
    if not name:
        return "a column without a name"
    return shown(name) + (" (pandas's name for an unnamed column)" * bool(UNNAMED.fullmatch(name)))


def _instead(name: str, layout: Layout) -> str:
    """Return advice for a first column, before the pixels, whose name is not the label's."""
    if layout.label is None or (layout.test and UNNAMED.fullmatch(name)):
        return REMOVE if UNNAMED.fullmatch(name) else "remove this column"
    if layout.test or not name:
        otherwise = ", otherwise remove it" * layout.test
        return f"if it holds the labels, name it {shown(layout.label)}{otherwise}"
    return "if it holds the labels, set dataset.label to this name"


def _repeated(names: Sequence[str]) -> str | None:
    """Return an error for the first duplicate name."""
    seen: set[str] = set()
    for column, name in enumerate(names, start=1):
        if name in seen:
            return f", column {column}: expected each name once, found {shown(name)} again"
        seen.add(name)
    return None


def _pixels_fault(names: Sequence[str], first: int, layout: Layout) -> str | None:
    """Return an error for the first pixel column out of order; ``first`` is its number, from 1."""
    if not names or names[0][-1:] not in ("0", "1"):
        wanted = "the first pixel (such as pixel0 or pixel1)"
        return f", column {first}: expected {wanted}, found {shown(names[0]) if names else 'none'}"
    # Of the orders with this first name, assume the one that the names follow longest.
    orders = _orders(names[0], layout.image_shape[1])
    place, expected = max(_first_difference(names, order) for order in orders)
    if place == len(names):
        return None
    found = shown(names[place]) if names[place] else "a column without a name"
    if place >= layout.pixels:
        return (
            f", column {first + place}: expected no column after the {layout.pixels} pixels"
            f" (dataset.image_shape), found {found}; remove it"
        )
    return f", column {first + place}: expected {shown(expected)}, found {found}"


def _orders(name: str, width: int) -> Iterator[Iterator[str]]:
    """Yield the valid sequences of pixel names that start with ``name``, which ends in 0 or 1.

    After any prefix come consecutive integers, plain or padded with zeros to one length, or
    row x column, as in 1x1, 1x2.
    """
    start = int(name[-1])
    digits = len(re.search(r"0*[01]$", name)[0])
    for padded in {1, digits}:
        prefix = name[: len(name) - padded]
        yield (f"{prefix}{number:0{padded}d}" for number in itertools.count(start))
    if name.endswith(f"{start}x{start}"):
        places = (divmod(number, width) for number in itertools.count())
        yield (f"{name[:-3]}{start + row}x{start + column}" for row, column in places)


def _first_difference(names: Sequence[str], order: Iterator[str]) -> tuple[int, str]:
    """Return the first position at which names leave an order (else their count), and its name."""
    expected = list(itertools.islice(order, len(names)))
    pairs = enumerate(zip(names, expected, strict=True))
    place = next((place for place, (name, other) in pairs if name != other), len(names))
    return place, expected[place] if place < len(names) else ""
