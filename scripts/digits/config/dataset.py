"""The section ``dataset``: the files, and how they are read."""

import math
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from digits.config.field_types import Competition, Labels, Number, Place, RefusalError, Text
from digits.config.section import Section, absolute
from digits.config.value_text import shown

FILES = ("train", "test", "test_labels")
DEMO = {"label": "label", "image_shape": [28, 28], "channels": 1, "classes": 10}
DEMO_FILE = re.compile(r"data/demo/[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}\.csv")
COMPRESSED = re.compile(r"\.(gz|bz2|xz)$")
MOST_FILES = 500


class TwoFiles(Section):
    """Images and labels in files of their own."""

    images: Place = Field(description="File of the images.")
    labels: Place = Field(description="File of their labels, in the same order.")


class Submission(Section):
    """The format of submissions, and of the file of test labels."""

    id: Text = Field(
        "ImageId",
        description="Name of the column of ids. If dataset.ignore has it too, the ids are those of"
        " the test file: its column, its array of that name, or the names of pictures.",
    )
    suffix: bool = Field(
        True, description="Whether ids that are names of pictures keep their suffix, as in 1.png."
    )
    label: Text = Field("Label", description="Name of the column of labels.")
    first: int = Field(
        1, ge=0, le=10**9, description="Id of the first image, from which the others count."
    )
    sample: Place | None = Field(
        None,
        description="Sample submission, such as sample_submission.csv: its header and its ids have"
        " to be those of the submissions. Null or left out: none.",
    )


Files = Place | Annotated[list[Place], Field(min_length=1, max_length=MOST_FILES)] | TwoFiles
"""A file or a pattern, several files, or images and labels in two files."""

Column = Text | Annotated[int, Field(ge=1, le=10**6)]
"""The name of a column, or its number from 1."""


class Dataset(Section):
    """The images and what they are like."""

    source: Literal["demo", "files", "kaggle"] = Field(
        "files",
        description="Where the raw files come from. demo: written from scikit-learn's bundled"
        " handwritten digits; files: they exist already (csv is an old name of it); kaggle: those"
        " of dataset.competition, which are downloaded where they are missing; without it, those of"
        " Digit Recognizer, with instructions where they are missing.",
    )
    competition: Competition | None = Field(
        None,
        description="Competition of Kaggle, by the name in its address, such as digit-recognizer:"
        " where source is kaggle, what is missing of train and test is downloaded from it, and the"
        " target submit sends submissions to it. Null or left out: neither.",
    )
    train: Files = Field(
        description="Raw training images: a file, a member of a zip as archive.zip::member.csv, a"
        " folder or zip of images by class, a list of files or a pattern with *, of one layout, or"
        " {images: FILE, labels: FILE}. If a file is missing, its .gz, .bz2, .xz and the zips"
        " beside it are searched.",
    )
    test: Files | None = Field(
        None,
        description="Raw test images, files as for train. With labels, submissions are scored"
        " against them. Null or left out: no test set, so no submissions, unless test_share is"
        " set.",
    )
    test_labels: Place | None = Field(
        None,
        description="True labels of the test images, a CSV as dataset.submission says, by default"
        " with the columns ImageId,Label: submissions are scored"
        " against them. Null or left out: not known, or in the test file.",
    )
    test_share: Number = Field(
        0,
        ge=0,
        le=0.9,
        description="Share of the training images that is held out as a test set, stratified by"
        " class, and scored; above 0 only without test. The seed is that of cross_validation.",
    )
    label: Column = Field(
        "label",
        description="Label column: its name, first, last or its number from 1; the test images may"
        " have it too.",
    )
    image_shape: list[Annotated[int, Field(ge=1, le=256)]] = Field(
        [28, 28],
        min_length=2,
        max_length=2,
        description="Height and width of an image in pixels; files hold it row by row.",
    )
    classes: Annotated[int, Field(ge=2, le=256)] | Labels = Field(
        10,
        description="Number of classes, whose labels are the integers from 0 to one below it; or"
        " the labels, integers or texts, in the order in which they are shown.",
    )
    header: Literal["auto", True, False] = Field(
        "auto",
        description="Whether a CSV has a header. auto: unless its first row is an image.",
    )
    ignore: Annotated[list[Column], Field(max_length=1000)] = Field(
        [],
        description="Columns that are neither label nor pixels, by name or number from 1, such as"
        " [id]; not every file needs to have them.",
    )
    delimiter: Literal["auto", ",", ";", "|", "tab", "space"] = Field(
        "auto",
        description="What separates the cells of a CSV. space: any blanks; auto: what gives the"
        " expected number of columns.",
    )
    order: Literal["rows", "columns", "planes"] = Field(
        "rows",
        description="How images are stored: row by row; column by column (EMNIST, AHCD); or, with"
        " channels: 3, as three planes, all of red, then green, then blue (CIFAR-10), each row by"
        " row.",
    )
    channels: int = Field(
        1,
        ge=1,
        le=3,
        description="Values of a pixel: 1 (grey), or 3: red, green and blue, which the networks"
        " see. Pictures (PNG, JPEG) become grey with 1.",
    )
    to_gray: bool = Field(
        False,
        description="Whether the colours of files with channels: 3 become grey (ITU-R 601).",
    )
    pixel_range: Annotated[list[Number], Field(min_length=2, max_length=2)] | None = Field(
        None,
        description="Values of the darkest and of the brightest pixel, such as [0, 16], scaled to"
        " 0 to 255. Null: 0 to 255, and images that do not get bright are refused.",
    )
    invert: bool | None = Field(
        None,
        description="Whether the images are dark on light, to be inverted. Null: they are not, and"
        " images with a bright border are refused.",
    )

    resize: bool = Field(
        False,
        description="Whether pictures (PNG, JPEG) of other sizes are scaled to image_shape.",
    )

    submission: Submission = Field(default_factory=Submission)

    @field_validator("source", mode="before")
    @classmethod
    def _old_name(cls, source: Any) -> Any:
        return "files" if source == "csv" else source

    @field_validator("pixel_range")
    @classmethod
    def _ascending(cls, pixel_range: list[float] | None) -> list[float] | None:
        if pixel_range and not pixel_range[0] < pixel_range[1]:
            expected = "the darkest value and then the brightest, which is higher"
            raise RefusalError(expected, f"{pixel_range}")
        return pixel_range

    @model_validator(mode="after")
    def _different_files(self) -> Self:
        """Refuse one file for two keys, however written; a.csv may be there as a.csv.gz."""
        known: dict[str, str] = {}
        for key in FILES:
            for path in paths_of(getattr(self, key)):
                other = known.setdefault(COMPRESSED.sub("", absolute(path)), key)
                if other != key and not path.endswith(".npz"):  # which holds both
                    expected = f"another file than for dataset.{other}"
                    raise RefusalError(expected, f"{shown(path)} for both", key)
        return self

    @model_validator(mode="after")
    def _colours(self) -> Self:
        if self.channels == 2:
            raise RefusalError("1 or 3", "2", "channels")
        if self.channels == 1 and self.to_gray:
            raise RefusalError("false, as dataset.channels is 1", "true", "to_gray")
        if self.channels == 1 and self.order == "planes":
            expected = "rows or columns, as dataset.channels is 1"
            raise RefusalError(expected, self.order, "order")
        return self

    @model_validator(mode="after")
    def _one_test_set(self) -> Self:
        if self.test is not None and self.test_share:
            raise RefusalError("0, as there is a dataset.test", f"{self.test_share}", "test_share")
        return self

    @model_validator(mode="after")
    def _labels_of_a_test_set(self) -> Self:
        if self.test is None and self.test_labels is not None:
            expected = "null, as there is no dataset.test"
            raise RefusalError(expected, shown(self.test_labels), "test_labels")
        return self

    @model_validator(mode="after")
    def _as_the_demo_is(self) -> Self:
        """Refuse what does not fit the demo's data."""
        if self.source != "demo":
            return self
        if self.competition is not None:
            expected = "null, as dataset.source is demo"
            raise RefusalError(expected, self.competition, "competition")
        for key in FILES:
            path = getattr(self, key)
            # The demo writes these files, so they must not be anybody's own.
            if not isinstance(path, str) or not DEMO_FILE.fullmatch(path):
                found = shown(path)
                raise RefusalError("a .csv in data/demo/, which the demo writes", found, key)
        for key, value in DEMO.items():
            if getattr(self, key) != value:
                expected = f"{value}, as dataset.source is demo"
                raise RefusalError(expected, f"{getattr(self, key)}", key)
        return self


def values_of(dataset: Mapping[str, Any]) -> int:
    """Return the number of values of an image, which are a network's inputs.

    Parameters
    ----------
    dataset : the section, complete
    """
    channels = 1 if dataset["to_gray"] else dataset["channels"]
    return math.prod(dataset["image_shape"]) * channels


def paths_of(files: str | list[str] | TwoFiles | None) -> list[str]:
    """Return all paths of a value of ``train``, ``test`` or ``test_labels``."""
    if isinstance(files, TwoFiles):
        return [files.images, files.labels]
    return [files] if isinstance(files, str) else files or []
