"""The classes: labels as people write them, and the numbers that stand for them.

The number of a class is its place among the labels of the configuration, from 0. Image tables,
predictions and networks hold numbers; whatever people read or hand in holds labels.
"""

import json
import re
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence

import numpy as np

LISTED = 5
"""Labels that are named where not all of them are."""

# Possessive: what was matched is not given back, so that a long cell takes no memory per byte.
QUOTED = re.compile(rb'"((?:[^"]|"")*+)"(?=,|\Z)')


def labels_of(classes: int | Sequence[int | str]) -> tuple[str, ...]:
    """Return the labels of the configuration's ``dataset.classes``, as a CSV holds them."""
    return tuple(map(str, range(classes) if isinstance(classes, int) else classes))


def add_classes(parser: ArgumentParser) -> None:
    """Add the option ``--classes``, which gives the labels."""
    parser.add_argument(
        "--classes",
        type=lambda text: labels_of(json.loads(text)),
        required=True,
        help='a number, for labels from 0, or the labels as JSON, such as ["A", "B"]',
    )


def are_numbers(labels: Sequence[str]) -> bool:
    """Return whether each label is the number of its class."""
    return tuple(labels) == labels_of(len(labels))


def named(numbers: np.ndarray, labels: Sequence[str]) -> np.ndarray:
    """Return the labels of an integer array of numbers, in an array of objects of its shape."""
    return np.array(labels, dtype=object)[np.asarray(numbers, dtype=np.intp)]


def listing(labels: Sequence[str]) -> str:
    """Write out some labels, the first ones if they are many, each cut if it is long."""
    shown = [label if len(label) <= 24 else f"{label[:24]}…" for label in labels[:LISTED]]
    return ", ".join(shown) + (", …" if len(labels) > LISTED else "")


def expected(labels: Sequence[str]) -> str:
    """Say what a label has to be."""
    if are_numbers(labels):
        return f"an integer from 0 to {len(labels) - 1}"
    return f"one of {listing(labels)} (dataset.classes)"


def split_label(line: bytes) -> tuple[bytes, bytes]:
    """Split a line of a CSV into its first cell, without its quotes, and the rest of it.

    The rest begins with the comma; it is empty if there is no other cell.
    """
    if line.startswith(b'"') and (cell := QUOTED.match(line)):
        return cell[1].replace(b'""', b'"'), line[cell.end() :]
    cell, comma, rest = line.partition(b",")
    return cell, comma + rest


def numbers_by_cell(labels: Sequence[str]) -> dict[bytes, bytes]:
    """Return the number of each label, both as the cells of a CSV hold them."""
    return {label.encode(): str(number).encode() for number, label in enumerate(labels)}


def in_numbers(block: bytes, numbers: Mapping[bytes, bytes]) -> bytes:
    """Put the numbers of classes in place of the labels that the lines of a CSV begin with.

    Spaces and tabs around a label, and blank lines, do not matter.

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
