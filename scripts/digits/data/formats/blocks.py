"""What every format yields: blocks of images and labels, and what was found in the file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np


class RefusedError(ValueError):
    """A value that cannot be read; the text says which, without the file.

    Attributes
    ----------
    place : the index of its image, from 0, among those that were read with it
    """

    def __init__(self, text: str, place: int = 0) -> None:
        super().__init__(text)
        self.place = place


@dataclass(frozen=True)
class Block:
    """Some images of a file.

    Attributes
    ----------
    images : uint8 array of shape (n, height, width), 0 = background, or (n, height, width, 3) of
        colours
    labels : uint8 array of shape (n,), numbers of classes, or None
    low, high : the smallest and the largest value as they are in the file
    ids : ids of the images as texts, where the file has any
    """

    images: np.ndarray
    labels: np.ndarray | None
    low: float = 0
    high: float = 0
    ids: list[str] | None = None

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True)
class Opened:
    """A file whose beginning was read.

    Attributes
    ----------
    blocks : its images, read as they are asked for
    labelled : whether the blocks have labels
    found : what the file is like, such as its ``format`` and the number of its ``columns``
    notes : what was understood without being stated, a sentence each
    names : names of the files of the images, where each has one and no label
    """

    blocks: Iterator[Block]
    labelled: bool
    found: dict[str, Any]
    notes: Sequence[str] = field(default_factory=list)
    names: Sequence[str] = field(default_factory=list)
