"""Class labels, and the class numbers that represent them.

A class number is the position of its label in the configuration, from 0. Image tables, predictions
and networks contain class numbers; everything that people read or submit contains labels.
"""

import json
import re
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence

import numpy as np

LISTED = 5
"""Number of labels shown where not all of them are."""

# The possessive quantifier does not backtrack, so a long cell takes no memory per byte.
QUOTED = re.compile(rb'"((?:[^"]|"")*+)"(?=,|\Z)')


def labels_of(classes: int | Sequence[int | str]) -> tuple[str, ...]:
    """Return the labels of the configuration's ``dataset.classes``, as a CSV holds them."""
    return tuple(map(str, range(classes) if isinstance(classes, int) else classes))


def count(classes: int | Sequence[int | str]) -> int:
    """Return the number of classes of the configuration's ``dataset.classes``."""
    return classes if isinstance(classes, int) else len(classes)


def add_classes(parser: ArgumentParser) -> None:
    """Add the option ``--classes``, whose value becomes a tuple of labels."""
    parser.add_argument(
        "--classes",
        type=lambda text: labels_of(json.loads(text)),
        required=True,
        help='a number, for labels from 0, or the labels as JSON, such as ["A", "B"]',
    )


def are_numbers(labels: Sequence[str]) -> bool:
    """Return whether every label equals its class number."""
    return tuple(labels) == labels_of(len(labels))


def named(numbers: np.ndarray, labels: Sequence[str]) -> np.ndarray:
    """Return the labels of an integer array of class numbers, as an object array of its shape."""
    return np.array(labels, dtype=object)[np.asarray(numbers, dtype=np.intp)]


def listing(labels: Sequence[str]) -> str:
    """Format labels for a message: the first few, each truncated if it is long."""
    shown = [label if len(label) <= 24 else f"{label[:24]}…" for label in labels[:LISTED]]
    return ", ".join(shown) + (", …" if len(labels) > LISTED else "")


def expected(labels: Sequence[str]) -> str:
    """Describe what a label must be, for a message."""
    if are_numbers(labels):
        return f"an integer from 0 to {len(labels) - 1}"
    return f"one of {listing(labels)} (dataset.classes)"


def split_label(line: bytes) -> tuple[bytes, bytes]:
    """Split a line of a CSV into its first cell, without quotes, and the rest.

    The rest starts with the comma; it is empty if there is no other cell.
    """
    if line.startswith(b'"') and (cell := QUOTED.match(line)):
        return cell[1].replace(b'""', b'"'), line[cell.end() :]
    cell, comma, rest = line.partition(b",")
    return cell, comma + rest


def numbers_by_cell(labels: Sequence[str]) -> dict[bytes, bytes]:
    """Return the class number of each label, both as the bytes of a CSV cell."""
    return {label.encode(): str(number).encode() for number, label in enumerate(labels)}


def in_numbers(block: bytes, numbers: Mapping[bytes, bytes]) -> bytes:
    """Replace the labels at the start of a CSV's lines by their class numbers.

    Spaces and tabs around a label, and blank lines, are ignored.

    Raises
    ------
    ValueError
        If a label is not among ``numbers``.
    """
    lines = []
    for line in block.splitlines():
        label, rest = split_label(line)
        number = numbers.get(label) or numbers.get(label.strip(b" \t"))
        if number is None and line:
            raise ValueError("a label is not expected")
        lines.append((number or b"") + rest)
    return b"\n".join([*lines, b""])
