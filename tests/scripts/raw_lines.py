"""Raw training CSVs with unusual lines, encodings or labels, and the message for each."""

import struct

from raw_tables import CASES, CLEAN, HEADER, LIKE_CLEAN, ROWS, TEXT, case, with_cell

__all__ = ["CASES"]
NO_CSV = ": expected a CSV in UTF-8, found"
LABELS = "expected images of each class from 0 to 2 (dataset.classes), found none of"


@case(", row 3: expected 7 columns, found 6")
def a_short_row() -> bytes:
    return CLEAN.replace(b",51,61", b",51")


@case(", row 3: expected 7 columns, found 8")
def a_long_row() -> bytes:
    return CLEAN.replace(b",51,61", b",51,61,71")


@case(LIKE_CLEAN)
def a_blank_line_amid() -> bytes:
    return CLEAN.replace(b"\n1,11", b"\n\n1,11")


@case(", row 5, column pixel1: expected an integer from 0 to 255, found 'x'")
def a_fault_below_blank_lines() -> bytes:
    return with_cell("x").replace(b"\n1,11", b"\n\n\r\n1,11")


@case(LIKE_CLEAN)
def blank_lines_at_the_end() -> bytes:
    return CLEAN + b"\n\r\n\n"


@case(LIKE_CLEAN)
def no_line_end_at_the_end() -> bytes:
    return CLEAN.rstrip(b"\n")


@case(", row 3, column label: expected an integer from 0 to 2, found '   '")
def a_line_of_spaces() -> bytes:
    return CLEAN.replace(b"\n1,11", b"\n   \n1,11")


@case(", row 1: expected a header, found an empty line")
def a_blank_line_first() -> bytes:
    return b"\n" + CLEAN


@case(", row 5: expected 7 columns, found 4")
def a_last_line_cut_short() -> bytes:
    return CLEAN[:-7]


@case(", row 5, column pixel5: expected an integer from 0 to 255, found nothing")
def a_last_line_cut_after_a_comma() -> bytes:
    return CLEAN[:-2]


@case(", row 3, column label: expected an integer from 0 to 2, found 'label'")
def two_files_one_after_the_other() -> bytes:
    return (HEADER + "\n" + ROWS[0] + "\n").encode() + CLEAN


@case(", row 2, column label: expected an integer from 0 to 2, found '# digits'")
def a_comment() -> bytes:
    return CLEAN.replace(b"\n", b"\n# digits\n", 1)


@case(f"{NO_CSV} text in UTF-16; save it as UTF-8")
def utf_16() -> bytes:
    return TEXT.encode("utf-16")


@case(f"{NO_CSV} text in UTF-16; save it as UTF-8")
def utf_16_without_its_mark() -> bytes:
    return TEXT.encode("utf-16-le")


@case(LIKE_CLEAN)
def a_byte_order_mark() -> bytes:
    return b"\xef\xbb\xbf" + CLEAN


@case(r", row 3, column label: expected an integer from 0 to 2, found '\ufeff1'")
def a_byte_order_mark_amid() -> bytes:
    return CLEAN.replace(b"\n1,11", b"\n\xef\xbb\xbf1,11")


@case(", row 1: expected text in UTF-8, found the byte 0xf6 at byte 3; save the file as UTF-8")
def a_header_in_latin_1() -> bytes:
    return "Größe,".encode("latin-1") + CLEAN


@case(", row 3, column pixel1: expected an integer from 0 to 255, found '�'")
def a_byte_that_is_no_text() -> bytes:
    return CLEAN.replace(b",21,", b",\xff,")


@case(LIKE_CLEAN)
def windows_line_ends() -> bytes:
    return CLEAN.replace(b"\n", b"\r\n")


@case(LIKE_CLEAN)
def cr_line_ends() -> bytes:
    return CLEAN.replace(b"\n", b"\r")


@case(", row 3, column pixel1: expected an integer from 0 to 255, found 'x'")
def a_fault_among_windows_line_ends() -> bytes:
    return with_cell("x").replace(b"\n", b"\r\n")


@case(", row 3, column pixel1: expected an integer from 0 to 255, found 'x'")
def a_fault_among_cr_line_ends() -> bytes:
    return with_cell("x").replace(b"\n", b"\r")


@case(LIKE_CLEAN)
def quoted_names() -> bytes:
    return CLEAN.replace(HEADER.encode(), b'"' + HEADER.replace(",", '","').encode() + b'"')


@case(", row 1: expected a header, found unexpected end of data")
def an_open_quote_in_the_header() -> bytes:
    return CLEAN.replace(b"pixel5", b'"pixel5')


@case(f"{NO_CSV} an HTML page; download the file itself")
def a_web_page() -> bytes:
    return b"<!DOCTYPE html>\n<html><body>Log in</body></html>\n"


@case(": expected images of 2 x 3 (dataset.image_shape), found an array of 60000 x 28 x 28")
def an_idx_file() -> bytes:
    return b"\0\0\x08\3" + struct.pack(">3I", 60000, 28, 28) + bytes(784)


@case(f"{NO_CSV} a Git LFS pointer; fetch the file itself with `git lfs pull`")
def a_git_lfs_pointer() -> bytes:
    return b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 76775041\n"


@case(f"{NO_CSV} gzipped data; decompress it, or name it .csv.gz outside of any zip")
def a_gzip_named_csv() -> bytes:
    return b"\x1f\x8b\x08\x00" + bytes(100)


@case(f"{NO_CSV} a zip; name it .zip, and its member as archive.zip::member.csv")
def a_zip_named_csv() -> bytes:
    return b"PK\x03\x04" + bytes(100)


@case(", row 4, column label: expected an integer from 0 to 2, found '3'")
def a_label_outside_the_classes() -> bytes:
    return with_cell("3", row=4, column=0)


@case(", row 4, column label: expected an integer from 0 to 2, found '-1'")
def a_negative_label() -> bytes:
    return with_cell("-1", row=4, column=0)


@case(", row 4, column label: expected an integer from 0 to 2, found 'two'")
def a_label_as_text() -> bytes:
    return with_cell("two", row=4, column=0)


@case(", row 4, column label: expected an integer from 0 to 2, found nothing")
def a_label_missing() -> bytes:
    return with_cell("", row=4, column=0)


@case(f": {LABELS} 0, 2")
def one_class_only() -> bytes:
    return "\n".join([HEADER, ROWS[1], ROWS[3]]).encode()


@case(f": {LABELS} 2")
def a_class_absent() -> bytes:
    return "\n".join([HEADER, ROWS[0], ROWS[1]]).encode()
