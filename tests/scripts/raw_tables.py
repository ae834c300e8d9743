"""Raw training CSVs with one thing unusual each, and what is said of it.

A case is a function that returns the file's bytes; ``{source}: `` or ``{source}, `` goes before
what is said. Nothing is said of a file that is read like its clean twin, ``CLEAN``.
"""

import io
from collections.abc import Callable
from functools import partial

import numpy as np

HEADER = "label,pixel0,pixel1,pixel2,pixel3,pixel4,pixel5"
ROWS = ["0,10,20,30,40,50,60", "1,11,21,31,41,51,61", "2,0,7,99,100,254,255", "1,0,0,0,0,0,0"]
TEXT = "\n".join([HEADER, *ROWS]) + "\n"
CLEAN = TEXT.encode()
LIKE_CLEAN = ""
IDS = [b"id", b"1", b"2", b"3", b"4"]
SWAPPED = "; there are pixels only, as in a test set (are dataset.train and dataset.test swapped?)"
RENAMED = "; if it holds the labels, set dataset.label to this name"
REMOVE = "remove it (pandas: to_csv(..., index=False); R: write.csv(..., row.names = FALSE))"
IGNORE = "remove it, or name it in dataset.ignore"
FIRST_PIXEL = "expected the first pixel (such as pixel0 or pixel1)"
NO_MORE = "expected no column after the 6 pixels (dataset.image_shape)"
CASES: dict[str, tuple[Callable[[], bytes], str]] = {}


def case(told: str) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """Register a case with what is said of it."""

    def register(make: Callable[[], bytes]) -> Callable[[], bytes]:
        CASES[make.__name__] = make, told
        return make

    return register


def with_cell(value: str, row: int = 3, column: int = 2) -> bytes:
    """Put a value into a cell; the header is row 1, the label column 0."""
    lines = [line.split(",") for line in TEXT.splitlines()]
    lines[row - 1][column] = value
    return "".join(",".join(line) + "\n" for line in lines).encode()


def with_columns(order: list[int], names: dict[int, str] | None = None) -> bytes:
    """Keep the columns of that order, some of them renamed."""
    lines = [line.split(",") for line in TEXT.splitlines()]
    for place, name in (names or {}).items():
        lines[0][place] = name
    return "".join(",".join(line[i] for i in order) + "\n" for line in lines).encode()


def bad_cell(name: str, value: str, found: str | None = None) -> None:
    """Register a case of a value that is no pixel."""
    told = (
        f", row 3, column pixel1: expected an integer from 0 to 255, found {found or repr(value)}"
    )
    if name in {"a_fraction", "a_quoted_fraction", "minus_one"}:
        told += "; for another range, set dataset.pixel_range"
    CASES[name] = lambda: with_cell(value), told


for name, value in {
    "a_letter": "x",
    "a_fraction": "21.5",
    "a_quoted_fraction": '"21.5"',
    "minus_one": "-1",
    "two_hundred_and_fifty_six": "256",
    "an_exponent": "1e3",
    "not_a_number": "NaN",
    "null": "null",
    "hexadecimal": "0x15",
    "an_underscore": "2_1",
    "a_space_only": " ",
    "arabic_digits": "٢١",
    "a_missing_value_of_a_spreadsheet": "#N/A",
    "a_nul_byte": "2\x001",
    "a_semicolon_for_a_comma": "21;31",
    "a_tab_for_a_comma": "21\t31",
    "an_escape_sequence": "\x1b[31m21",
}.items():
    bad_cell(name, value)
bad_cell("an_empty_cell", "", "nothing")
bad_cell("a_very_long_number", "9" * 1000, f"'{'9' * 24}…'")
bad_cell("a_quoted_thousands_separator", '"1,000"', "'\"1,000\"'")


for name, value in {
    "a_whole_number_with_a_point": "21.0",
    "a_plus_sign": "+21",
    "a_whole_number_in_r_s_notation": "2.1e+01",
    "a_quoted_number": '"21"',
    "a_decimal_point_at_the_end": "21.",
}.items():
    CASES[name] = partial(with_cell, value), LIKE_CLEAN


@case(LIKE_CLEAN)
def spaces_after_the_commas() -> bytes:
    return CLEAN.replace(b",", b", ")


@case(LIKE_CLEAN)
def everything_in_quotes() -> bytes:
    return "\n".join('"' + line.replace(",", '","') + '"' for line in TEXT.splitlines()).encode()


@case(LIKE_CLEAN)
def numbers_as_numpy_s_savetxt_writes_them() -> bytes:
    text = io.StringIO()
    rows = np.array([row.split(",") for row in ROWS], float)
    np.savetxt(text, rows, delimiter=",", header=HEADER)
    return text.getvalue().encode()


@case(LIKE_CLEAN)
def numbers_as_numpy_s_savetxt_writes_them_with_blanks() -> bytes:
    text = io.StringIO()
    np.savetxt(text, np.array([row.split(",") for row in ROWS], float))
    return text.getvalue().encode()


@case(LIKE_CLEAN)
def aligned_with_blanks() -> bytes:
    rows = ("  " + "".join(f"{cell:>8}" for cell in row.split(",")) for row in TEXT.splitlines())
    return "\r\n".join(rows).encode()


@case(LIKE_CLEAN)
def decimal_commas() -> bytes:
    rows = (";".join(f"{cell},0" for cell in row.split(",")) for row in ROWS)
    return "\n".join([HEADER.replace(",", ";"), *rows]).encode()


@case(LIKE_CLEAN)
def zeros_before_and_spaces_around() -> bytes:
    return CLEAN.replace(b",21,", b", 0021\t,")


@case(", row 3: expected 7 columns, found 8")
def a_thousands_separator() -> bytes:
    return with_cell("1,000")


@case(", row 3: expected 7 columns, found 8")
def a_decimal_comma() -> bytes:
    return with_cell("0,5")


@case(LIKE_CLEAN)
def semicolons() -> bytes:
    return CLEAN.replace(b",", b";")


@case(LIKE_CLEAN)
def tabs() -> bytes:
    return CLEAN.replace(b",", b"\t")


@case(LIKE_CLEAN)
def spaces() -> bytes:
    return CLEAN.replace(b",", b" ")


@case(", row 2, column label: expected an integer from 0 to 2, found '0,10,20,30,40,50,60'")
def a_header_with_another_separator() -> bytes:
    return CLEAN.replace(HEADER.encode(), b'"' + HEADER.replace(",", '";"').encode() + b'"')


@case(LIKE_CLEAN)
def a_header_as_numpy_comments_it_out() -> bytes:
    return b"# " + CLEAN


@case(": expected a CSV with a header, found an empty file")
def an_empty_file() -> bytes:
    return b""


@case(", row 2: expected at least one image, found none below the header")
def a_header_only() -> bytes:
    return HEADER.encode() + b"\r\n"


@case(LIKE_CLEAN)
def no_header() -> bytes:
    return CLEAN.partition(b"\n")[2]


@case(
    ", row 1: expected a header with the label 'label', found an image; set dataset.label to first,"
    " last or a number of a column (a label is an integer from 0 to 2)"
)
def an_image_that_pandas_took_for_the_header() -> bytes:
    return CLEAN.replace(HEADER.encode(), b"5,0,0.1,0.2,13,0.3,13.1")


@case(f", row 1, column 1: expected the label 'label', found 'pixel0'{SWAPPED}")
def no_label_column() -> bytes:
    return with_columns([1, 2, 3, 4, 5, 6])


@case(", row 1, column 2: expected each name once, found 'label' again")
def the_label_column_twice() -> bytes:
    return with_columns([0, 0, 1, 2, 3, 4, 5, 6])


@case(f", row 1, column 1: expected the label 'label', found 'digit'{RENAMED}")
def the_label_column_renamed() -> bytes:
    return with_columns([0, 1, 2, 3, 4, 5, 6], {0: "digit"})


@case(LIKE_CLEAN)
def the_label_column_in_capitals() -> bytes:
    return with_columns([0, 1, 2, 3, 4, 5, 6], {0: "LABEL"})


@case(LIKE_CLEAN)
def the_label_column_amid() -> bytes:
    return with_columns([1, 2, 3, 0, 4, 5, 6])


@case(LIKE_CLEAN)
def the_label_column_last() -> bytes:
    return with_columns([1, 2, 3, 4, 5, 6, 0])


@case(
    f", row 1, column 1: {FIRST_PIXEL}, found 'id', which is neither label nor pixel; remove this"
    " column, or name it in dataset.ignore"
)
def a_column_of_ids_first() -> bytes:
    return b"".join(b"%s,%s\n" % pair for pair in zip(IDS, CLEAN.splitlines(), strict=True))


@case(LIKE_CLEAN)
def an_index_of_pandas() -> bytes:
    numbers = ["", 0, 1, 2, 3]
    lines = (f"{n},{line}" for n, line in zip(numbers, TEXT.splitlines(), strict=True))
    return "\n".join(lines).encode()


@case(
    ", row 2: expected 7 columns, as in the header, found 8; the first, '\"a\"', has no name there:"
    " remove it from all rows (R: write.table(..., row.names = FALSE))"
)
def names_of_rows_that_are_texts() -> bytes:
    rows = (f'"{name}",{row}' for name, row in zip("abcd", ROWS, strict=True))
    return "\n".join([HEADER, *rows]).encode()


@case(LIKE_CLEAN)
def row_names_without_a_name() -> bytes:
    rows = (f'"{number}",{row}' for number, row in enumerate(ROWS, start=1))
    return "\n".join([HEADER, *rows]).encode()


@case(f", row 1, column 1: {FIRST_PIXEL}, found a column without a name; {REMOVE}")
def an_empty_column_first() -> bytes:
    return b"".join(b",%s\n" % line for line in CLEAN.splitlines())


@case(", row 1: expected 6 pixel columns for images of 2 x 3 (dataset.image_shape), found 5")
def a_pixel_column_missing_at_the_end() -> bytes:
    return with_columns([0, 1, 2, 3, 4, 5])


@case(", row 1, column 5: expected 'pixel3', found 'pixel4'")
def a_pixel_column_missing_amid() -> bytes:
    return with_columns([0, 1, 2, 3, 5, 6])


@case(f", row 1, column 8: {NO_MORE}, found 'pixel0x'; {IGNORE}")
def a_column_more() -> bytes:
    return CLEAN.replace(b"\n", b",0\n").replace(b"pixel5,0", b"pixel5,pixel0x")


@case(f", row 1, column 8: {NO_MORE}, found a column without a name; {IGNORE}")
def a_comma_at_the_end_of_each_row() -> bytes:
    return CLEAN.replace(b"\n", b",\n")


@case(", row 1, column 4: expected each name once, found 'pixel1' again")
def a_pixel_column_twice() -> bytes:
    return with_columns([0, 1, 2, 2, 3, 4, 5])


@case(", row 1, column 3: expected 'pixel1', found 'pixel2'")
def pixel_columns_out_of_order() -> bytes:
    return with_columns([0, 1, 3, 2, 4, 5, 6])


@case(", row 1: expected 6 pixel columns for images of 2 x 3 (dataset.image_shape), found 12")
def images_of_another_size() -> bytes:
    return b"\n".join(
        [b",".join([b"label", *(b"pixel%d" % i for i in range(12))]), b"0" + b",1" * 12]
    )


@case(
    ", row 1: expected 6 pixel columns for images of 2 x 3 (dataset.image_shape), found 18; for"
    " colours, set dataset.channels to 3"
)
def red_green_and_blue_of_each_pixel() -> bytes:
    rows = [["label", *(f"pixel{number}" for number in range(18))], *(["1"] * 19 for _ in range(3))]
    return "".join(",".join(row) + "\n" for row in rows).encode()
