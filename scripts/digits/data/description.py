"""The description of a raw data set: what its files are and how they are to be read."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from digits.core.class_labels import labels_of

WHOLE_RANGE = (0, 255)
"""The range of pixel values where the configuration states none."""

DELIMITERS = {"tab": "\t", "space": " "}
"""Delimiters whose names the configuration has, with the characters."""

READING = {
    **dict.fromkeys(("label", "image_shape", "classes")),
    **{"header": "auto", "delimiter": "auto", "order": "rows", "ignore": []},
    **{"channels": 1, "to_gray": False, "pixel_range": None, "invert": None, "resize": False},
}
"""Keys of ``dataset`` that say how files are read, with the values that go without saying."""


@dataclass(frozen=True)
class Description:
    """The files of one part of a data set, and how they are to be read.

    Attributes
    ----------
    files : sources of the images (see :mod:`digits.data.sources`), read one after the other
    label_files : sources of the labels, where they are in files of their own
    part : ``train``, or ``test``, in which labels, or any class, may be absent
    label : name of the label column, ``first``, ``last`` or its number from 1
    image_shape : height and width of an image in pixels
    classes : labels of the classes
    header : whether a CSV has a header; None: it is to be found out
    ignore : names of columns, or numbers from 1, that are neither label nor pixels
    id : name of the column of ids, None if they are not to be read
    suffix : whether ids that are names of files keep their suffix
    delimiter : what separates the cells of a CSV; None: it is to be found out
    channels : values of a pixel in the files: 1, or 3, red, green and blue
    to_gray : whether colours become grey
    order : ``rows``; ``columns`` where images are stored column by column; ``planes`` where all of
        red comes first, then green, then blue
    pixel_range : values of the darkest and of the brightest pixel; None: 0 to 255, unconfirmed
    invert : whether images are dark on light; None: not, unconfirmed
    resize : whether pictures of other sizes are scaled to ``image_shape``
    """

    files: tuple[str, ...]
    label_files: tuple[str, ...] = ()
    part: str = "train"
    label: str | int = "label"
    image_shape: tuple[int, int] = (28, 28)
    classes: tuple[str, ...] = labels_of(10)
    header: bool | None = None
    ignore: tuple[str | int, ...] = ()
    id: str | None = None
    suffix: bool = True
    delimiter: str | None = None
    order: str = "rows"
    channels: int = 1
    to_gray: bool = False
    pixel_range: tuple[float, float] | None = None
    invert: bool | None = None
    resize: bool = False

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the description that :meth:`to_json` wrote; keys may be left out."""
        given = {
            key: tuple(value) if isinstance(value, list) and key != "classes" else value
            for key, value in json.loads(text).items()
        }
        if "classes" in given:
            given["classes"] = labels_of(given["classes"])
        return cls(**given)

    @property
    def is_test(self) -> bool:
        """Whether it is a test set, which may lack labels."""
        return self.part == "test"

    @property
    def may_lack_labels(self) -> bool:
        """Whether the files of images may lack labels."""
        return self.is_test or bool(self.label_files)

    @property
    def pixels(self) -> int:
        """Number of values of an image in the files."""
        return math.prod(self.image_shape) * self.channels

    @property
    def stored_shape(self) -> tuple[int, ...]:
        """Shape of an image in tables: (height, width), or (height, width, 3) in colour."""
        colour = self.channels == 3 and not self.to_gray
        return (*self.image_shape, 3) if colour else self.image_shape

    @property
    def decoded(self) -> Self:
        """The description of pictures once they are decoded, to grey if they have to be."""
        channels = 1 if self.to_gray else self.channels
        return replace(self, pixel_range=None, order="rows", channels=channels, to_gray=False)

    @property
    def range(self) -> tuple[float, float]:
        """The values of the darkest and of the brightest pixel."""
        return self.pixel_range or WHOLE_RANGE

    @property
    def is_plain(self) -> bool:
        """Whether pixels are stored as the integers from 0 to 255, as image tables have them."""
        return tuple(self.range) == WHOLE_RANGE


def describe(dataset: Mapping[str, Any], part: str, files: Mapping[str, list[str]]) -> str:
    """Return the description of a part as JSON, for a command line.

    Parameters
    ----------
    dataset : the section ``dataset`` of the configuration, complete
    part : ``train`` or ``test``
    files : where they are found: ``files`` and, if they are others, ``label_files``

    Returns
    -------
    what concerns this part alone, without what is at its default, so that nothing else that
    changes in the configuration reads the files again
    """
    given = {"part": part, **files}
    given |= {key: dataset[key] for key, usual in READING.items() if dataset[key] != usual}
    identifier = dataset["submission"]["id"]
    if part == "test" and identifier in dataset["ignore"]:
        given["id"] = identifier
        if not dataset["submission"]["suffix"]:
            given["suffix"] = False
    if "delimiter" in given:
        given["delimiter"] = DELIMITERS.get(given["delimiter"], given["delimiter"])
    return json.dumps(given, ensure_ascii=False)
