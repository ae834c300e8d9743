"""The columns of a CSV: which one is the label, which ones are the pixels, found from its start."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from digits.core.class_labels import expected
from digits.core.errors import DataError
from digits.data.description import Description
from digits.data.formats import csv_lines
from digits.data.formats.csv_header_errors import (
    SEPARATORS,
    UNNAMED,
    Layout,
    count_fault,
    label_fault,
    names_fault,
    shown,
)
from digits.data.formats.pixels import NUMBER, fits, whole

POSITIONS = {"first": 0, "last": -1}
DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+([eE][+-]?[0-9]{1,3})?")


@dataclass(frozen=True)
class Columns:
    """The columns of a CSV.

    Attributes
    ----------
    names : their names or, without a header, their numbers from 1, for messages
    label : index of the label, or None
    pixels : indices of the pixels, in order
    delimiter : what separates cells; a blank stands for any number of blanks
    decimal : the decimal point
    header_bytes : size of what comes before the first row, in bytes
    first_row : an image that was in place of the header, as a line; else empty
    header : whether there is a header
    notes : what was understood without being stated
    id : index of the ids, or None
    """

    names: tuple[str, ...]
    label: int | None
    pixels: tuple[int, ...]
    delimiter: str = ","
    decimal: str = "."
    header_bytes: int = 0
    first_row: bytes = b""
    header: bool = True
    notes: tuple[str, ...] = ()
    id: int | None = None

    @property
    def is_usual(self) -> bool:
        """Whether these are Kaggle's: commas, the label first, then nothing but pixels."""
        wanted = ((self.label,) if self.label is not None else ()) + self.pixels
        return self.delimiter == "," and wanted == tuple(range(len(self.names)))


def read_columns(source: str, description: Description) -> Columns:
    """Read the start of a CSV and find its columns.

    Raises
    ------
    DataError
        If they are not as described: names the first invalid column.
    """
    limit = csv_lines.longest_row(description.pixels)
    head = csv_lines.read_head(source, limit)
    mark = len(csv_lines.BYTE_ORDER_MARK) * head.startswith(csv_lines.BYTE_ORDER_MARK)
    first = csv_lines.LINE.match(head, mark)[0]
    line = csv_lines.decoded(source, first.rstrip(b"\r\n"))
    below = csv_lines.lines_of(head[mark + len(first) :], whole=len(head) < limit)
    try:
        return _Finder(description, line, below).columns(mark, len(first))
    except _FaultError as fault:
        raise DataError(f"{source}, row 1{fault}") from None


def columns_of(
    source: str, names: Sequence[str], description: Description
) -> tuple[int | None, tuple[int, ...], Sequence[str]]:
    """Find the label and the pixels among the named columns of a table that is no CSV.

    Returns
    -------
    the index of the label, or None; those of the pixels, in order; notes

    Raises
    ------
    DataError
        If they are not as described.
    """
    if not names:
        raise DataError(f"{source}: expected columns, found none")
    finder = _Finder(description, "", ())
    try:
        label, pixels = finder.places(names, header=True)
    except _FaultError as fault:
        raise DataError(f"{source}, header{fault}") from None
    return label, tuple(pixels), finder.notes


class _FaultError(Exception):
    """What is wrong with the columns, as it goes after ``row 1``."""


@dataclass
class _Finder:
    """Finds the columns from the first line and a sample of those below it."""

    description: Description
    line: str
    below: Sequence[bytes]
    notes: list[str] = field(default_factory=list)
    mangled: bool = False
    delimiter: str = ","
    first: Sequence[str] | None = None

    @cached_property
    def rows(self) -> list[list[str]]:
        """The cells of the sampled rows; without a header, the first line is one of them."""
        below = csv_lines.split_rows(self.below, self.delimiter)
        return below if self.first is None else [list(self.first), *below]

    def columns(self, mark: int, size: int) -> Columns:
        """Return the columns of a file that starts with ``mark`` bytes and a line of ``size``."""
        delimiter = self.delimiter = self._delimiter()
        names = self._split(delimiter)
        decimal = self._decimal(names)
        values = self._values_in(names, decimal)
        header = self.description.header
        if header is None:
            header = values is None
        first_row = b""
        if not header:
            if values and values != names:
                first_row, names = delimiter.join(values).encode() + b"\n", values
                self.mangled = True
                self.notes.append("The header is an image that pandas took for one; it counts.")
            else:
                size = 0
                self.notes.append("The file has no header.")
            self.first, names = names, [str(number + 1) for number in range(len(names))]
        elif self._has_row_names(len(names)):
            names = ["", *names]
        label, pixels = self.places(names, header=header)
        return Columns(
            names=tuple(names),
            label=label,
            pixels=tuple(pixels),
            delimiter=delimiter,
            decimal=decimal,
            header_bytes=mark + size,
            first_row=first_row,
            header=header,
            notes=tuple(self.notes),
            id=names.index(self.description.id) if self.description.id in names else None,
        )

    def _delimiter(self) -> str:
        """Return what separates the cells: as stated, or as gives a possible number of columns."""
        if self.description.delimiter is not None:
            return self.description.delimiter
        counts = {}
        for delimiter in (",", *SEPARATORS):
            try:
                counts[delimiter] = len(csv_lines.split(self.line, delimiter))
            except csv.Error:
                continue
        pixels = self.description.pixels
        possible = range(pixels, pixels + 2 + max(1, len(self.description.ignore)))
        fitting = [delimiter for delimiter, count in counts.items() if count in possible]
        if counts.get(",", 0) > 1 and fitting != [";"]:
            return ","
        several = [delimiter for delimiter, count in counts.items() if count > 1]
        found = next(iter(fitting or several), ",")
        if found != ",":
            self.notes.append(f"The separators are {SEPARATORS[found]}.")
        return found

    def _split(self, delimiter: str) -> list[str]:
        try:
            names = csv_lines.split(self.line, delimiter)
        except csv.Error as error:
            raise _FaultError(f": expected a header, found {error}") from error
        if not names:
            raise _FaultError(": expected a header, found an empty line")
        # NumPy's savetxt puts the mark of a comment before the header.
        marked = names[0].startswith("#") and names[0] != self.description.label
        if marked and len(names) >= self.description.pixels:
            names[0] = names[0].lstrip("# ")
        return names

    def _has_row_names(self, columns: int) -> bool:
        """Return whether rows have one cell more than the header, in front, which counts them."""
        first = csv_lines.split_rows(self.below[:1], self.delimiter)
        return bool(first) and len(first[0]) == columns + 1 and _is_index(self.rows, 0)

    def _decimal(self, names: Sequence[str]) -> str:
        """Return the decimal point; a comma is one only where semicolons separate the cells."""
        if self.delimiter != ";":
            return "."
        rows = [names, *csv_lines.split_rows(self.below[:50], self.delimiter)]
        found = any(DECIMAL_COMMA.fullmatch(cell) for row in rows for cell in row)
        if found:
            self.notes.append("Decimal commas are read as decimal points.")
        return "," if found else "."

    def _values_in(self, names: Sequence[str], decimal: str) -> list[str] | None:
        """Return the cells of the first line as values, if it is an image rather than a header."""
        cells = [name.replace(",", ".") if decimal == "," else name for name in names]
        indexed = bool(UNNAMED.fullmatch(cells[0]))
        if len(cells) < self.description.pixels or not _numbers(cells[indexed:]):
            return self._labelled_values(cells)
        labelled = len(cells) > self.description.pixels
        if _is_count(cells[indexed:]) or (labelled and _is_count(cells[indexed + 1 :])):
            return None
        if _renamed(cells[indexed:]):
            return [name.partition(".")[0] for name in cells]
        if indexed or not self._are_pixels(cells):
            return None
        return list(names)

    def _labelled_values(self, cells: Sequence[str]) -> list[str] | None:
        """Return cells that are one label, which is text, and pixels."""
        texts = [cell for cell in cells if not NUMBER.fullmatch(cell)]
        is_label = len(texts) == 1 and texts[0] in self.description.classes
        if not is_label or len(cells) <= self.description.pixels:
            return None
        numbers = [cell for cell in cells if cell != texts[0]]
        return list(cells) if self._are_pixels(numbers) and not _is_count(numbers) else None

    def _are_pixels(self, cells: Sequence[str]) -> bool:
        """Return whether numbers can be a label and pixels: all but two fit at least."""
        spare = 1 + len(self.description.ignore)
        good = fits(np.array(cells, np.float64), self.description)
        return bool(good.sum() >= len(cells) - spare)

    def places(self, names: Sequence[str], *, header: bool) -> tuple[int | None, list[int]]:
        """Return the index of the label, or None, and those of the pixels."""
        ignored = self._ignored(names)
        if 0 not in ignored and self._is_row_number(names, ignored):
            self.notes.append("Column 1 counts the rows; it is left out.")
            ignored.add(0)
        label = self._label(names, ignored, header=header)
        rest = [place for place in range(len(names)) if place not in ignored and place != label]
        layout = self._layout()
        if header and (fault := names_fault(names, label, rest, layout)):
            raise _FaultError(fault)
        if fault := count_fault(len(rest), layout):
            raise _FaultError(fault)
        return label, rest

    def _layout(self) -> Layout:
        given = self.description
        return Layout(
            str(given.label),
            given.image_shape,
            given.may_lack_labels,
            by_columns=given.order == "columns",
            channels=given.channels,
        )

    def _ignored(self, names: Sequence[str]) -> set[int]:
        """Return the indices of the columns to ignore, by name or number; not all need be there."""
        found = set()
        for column in self.description.ignore:
            if isinstance(column, int):
                found.add(column - 1)
            else:
                found |= {place for place, name in enumerate(names) if name == column}
        return found

    def _is_row_number(self, names: Sequence[str], ignored: set[int]) -> bool:
        """Return whether the first column, which has no name, counts the rows."""
        unnamed = UNNAMED.fullmatch(self.rows[0][0] if self.mangled else names[0])
        more = len(names) - len(ignored) > self.description.pixels
        # The row that pandas took for the header has no number, as the header has none.
        return bool(unnamed) and more and _is_index(self.rows[self.mangled :], 0)

    def _label(
        self,
        names: Sequence[str],
        ignored: set[int],
        *,
        header: bool,
    ) -> int | None:
        """Return the index of the label, None where there is none.

        In a test set, a position counts only if there is one column more than pixels.
        """
        label, pixels = self.description.label, self.description.pixels
        if header and label in names:
            return names.index(label)
        kept = [place for place in range(len(names)) if place not in ignored]
        if self.description.may_lack_labels and len(kept) <= pixels:
            return None
        if isinstance(label, int):
            if label > len(names):
                found = f"a row of {len(names)} columns"
                raise _FaultError(f": expected the label as column {label}, found {found}")
            return label - 1
        if label in POSITIONS:
            return kept[POSITIONS[label]]
        if header:
            return self._alike(names, kept)
        return self._either_end(kept)

    def _alike(self, names: Sequence[str], kept: Sequence[int]) -> int | None:
        """Return the one column whose name differs from the label's by upper and lower case."""
        label = str(self.description.label)
        alike = [place for place in kept if names[place].casefold() == label.casefold()]
        if len(alike) == 1:
            self.notes.append(f"The label is the column {shown(names[alike[0]])}.")
            return alike[0]
        layout = self._layout()
        if fault := label_fault(names, kept, layout):
            raise _FaultError(fault)
        return None

    def _either_end(self, kept: Sequence[int]) -> int | None:
        """Return the first or the last column, if it alone can be the label."""
        classes = self.description.classes
        possible = []
        for name in POSITIONS:
            place = kept[POSITIONS[name]]
            values = {whole(row[place]) for row in self.rows if len(row) > place}
            if values <= set(classes) and len(values) > 1:
                possible.append((name, place))
        if len(possible) == 1:
            self.notes.append(f"The label is the {possible[0][0]} column.")
            return possible[0][1]
        raise _FaultError(
            f": expected a header with the label {shown(str(self.description.label))}, found an"
            f" image; set dataset.label to first, last or a number of a column (a label is"
            f" {expected(classes)})"
        )


def _numbers(cells: Sequence[str]) -> bool:
    return bool(cells) and all(map(NUMBER.fullmatch, cells))


def _is_count(cells: Sequence[str]) -> bool:
    """Return whether numbers are consecutive, as names of pixels are."""
    if len(cells) < 3 or not all(re.fullmatch(r"[0-9]{1,18}", cell) for cell in cells):
        return False
    return all(int(cell) == int(cells[0]) + place for place, cell in enumerate(cells))


def _renamed(numbers: Sequence[str]) -> bool:
    """Return whether names are repeated numbers as pandas renames them, as in 0, 0.1, 0.2."""
    counts: Counter[str] = Counter()
    for name in numbers:
        number = name.partition(".")[0]
        if name != (f"{number}.{counts[number]}" if counts[number] else number):
            return False
        counts[number] += 1
    return max(counts.values()) > 1


def _is_index(rows: Sequence[Sequence[str]], place: int) -> bool:
    return csv_lines.is_index([row[place] for row in rows if len(row) > place])
