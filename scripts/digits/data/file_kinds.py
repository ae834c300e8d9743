"""Recognising the kind of a file by its first bytes, where they are unambiguous."""

import re
import struct
from typing import NamedTuple


class Kind(NamedTuple):
    """A kind of file, with its article, and how to get a readable CSV from it."""

    name: str
    remedy: str


CONVERT = "convert it to CSV"
DECOMPRESS = "decompress it, or compress it with gzip instead"
ENCODE = "save it as UTF-8"
FETCH = "download the file itself"

KINDS = {
    b"\x1f\x8b": Kind("gzipped data", "decompress it, or name it .csv.gz outside of any zip"),
    b"\xff\xfe\0\0": Kind("text in UTF-32", ENCODE),
    b"\0\0\xfe\xff": Kind("text in UTF-32", ENCODE),
    b"\xff\xfe": Kind("text in UTF-16", ENCODE),
    b"\xfe\xff": Kind("text in UTF-16", ENCODE),
    b"BZh91AY&SY": Kind("data compressed with bzip2", DECOMPRESS),
    b"\xfd7zXZ\0": Kind("data compressed with xz", DECOMPRESS),
    b"\x28\xb5\x2f\xfd": Kind("data compressed with Zstandard", DECOMPRESS),
    b"\x04\x22\x4d\x18": Kind("data compressed with LZ4", DECOMPRESS),
    b"7z\xbc\xaf\x27\x1c": Kind("a 7z archive", "extract the CSV from it"),
    b"Rar!\x1a\x07": Kind("a RAR archive", "extract the CSV from it"),
    b"PAR1\x15": Kind("a Parquet file", CONVERT),
    b"ARROW1\0\0": Kind("an Arrow file", CONVERT),
    b"\x93NUMPY": Kind("a NumPy array", CONVERT),
    b"\x89HDF\r\n\x1a\n": Kind("an HDF5 file", CONVERT),
    b"MATLAB 5.0 MAT-file": Kind("a MATLAB file", CONVERT),
    b"MATLAB 7.3 MAT-file": Kind("a MATLAB file", CONVERT),
    b"SQLite format 3\0": Kind("an SQLite database", CONVERT),
    b"RDX2\n": Kind("an R data file", CONVERT),
    b"RDX3\n": Kind("an R data file", CONVERT),
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": Kind("an old Microsoft Office file", CONVERT),
    b"\x89PNG\r\n\x1a\n": Kind("a PNG image", CONVERT),
    b"\xff\xd8\xff": Kind("a JPEG image", CONVERT),
    b"GIF87a": Kind("a GIF image", CONVERT),
    b"GIF89a": Kind("a GIF image", CONVERT),
    b"II*\0": Kind("a TIFF image", CONVERT),
    b"MM\0*": Kind("a TIFF image", CONVERT),
    b"%PDF-": Kind("a PDF document", CONVERT),
    b"version https://git-lfs.github.com/spec/v1": Kind(
        "a Git LFS pointer", "fetch the file itself with `git lfs pull`"
    ),
    b"/annex/objects/": Kind("a git-annex pointer", "fetch the file itself with `git annex get`"),
}
"""Kinds by their first bytes; of two that start alike, the longer is first."""

PATTERNS = {
    rb"\x80[\x02-\x05]": Kind("a Python pickle", CONVERT),
    rb".{257}ustar": Kind("a tar archive", "extract the CSV from it"),
    rb"([ -~\t]\0){4}|(\0[ -~\t]){4}": Kind("text in UTF-16", ENCODE),
    rb"(?i)(\xef\xbb\xbf)?\s*<(!doctype html|html)\b": Kind("an HTML page", FETCH),
    rb"(?i)(\xef\xbb\xbf)?\s*<\?xml\b": Kind("an XML document", FETCH),
    rb"(?i)@relation\s": Kind("an ARFF file", CONVERT),
    rb"PK\x03\x04.{26}[^/]{1,99}?\.npy": Kind("a NumPy archive of arrays", CONVERT),
    rb"(?=PK\x03\x04).*?PK\x03\x04.{26}xl/": Kind("an Excel workbook", CONVERT),
    rb"PK\x03\x04": Kind("a zip", "name it .zip, and its member as archive.zip::member.csv"),
}
"""Kinds by regular expression, tried in this order."""

HEAD_BYTES = 1 << 16
"""Number of bytes that are enough to recognise a kind."""

IDX = re.compile(rb"\0\0[\x08\x09\x0b-\x0e]([\x01-\x04])")
"""The first bytes of MNIST's original format: type of the values, number of dimensions."""


def kind_of(head: bytes) -> Kind | None:
    """Return the kind of a file from its first bytes; None if it is not certain.

    Parameters
    ----------
    head : bytes
        The first ``HEAD_BYTES`` bytes of the file, or all if it has fewer.
    """
    head = head[:HEAD_BYTES]
    if idx := IDX.match(head):
        return _idx(head, dimensions=idx[1][0])
    for beginning, kind in KINDS.items():
        if head.startswith(beginning):
            return kind
    for pattern, kind in PATTERNS.items():
        if re.match(pattern, head, re.DOTALL):
            return kind
    return None


def _idx(head: bytes, dimensions: int) -> Kind:
    sizes = head[4 : 4 + 4 * dimensions]
    if len(sizes) < 4 * dimensions:
        return Kind("an IDX file", CONVERT)
    shape = " x ".join(map(str, struct.unpack(f">{dimensions}I", sizes)))
    return Kind(f"an IDX file of {shape} values", CONVERT)
