"""Files of other kinds than CSV are recognised by their first bytes, and nothing else is."""

import bz2
import gzip
import io
import lzma
import pickle
import sqlite3
import struct
import tarfile
import zipfile

import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import image as pictures

from digits.core.errors import DataError
from digits.data.file_kinds import HEAD_BYTES, kind_of
from digits.data.formats.csv_lines import read_head

TEXT = b"label,pixel0,pixel1\n0,1,2\n"
TABLE = pd.DataFrame({"label": [0, 1], "pixel0": [2, 3]})
PIXELS = np.zeros((2, 2), np.uint8)


def idx(*shape, kind=0x08):
    return struct.pack(f">HBB{len(shape)}I", 0, kind, len(shape), *shape) + bytes(16)


def tar(path):
    with tarfile.open(path, "w") as archive:
        archive.addfile(tarfile.TarInfo("train.csv"), io.BytesIO())


def workbook(path, names):
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "<xml/>")


WRITERS = {
    "gzipped data": lambda path: path.write_bytes(gzip.compress(TEXT)),
    "data compressed with bzip2": lambda path: path.write_bytes(bz2.compress(TEXT)),
    "data compressed with xz": lambda path: path.write_bytes(lzma.compress(TEXT)),
    "data compressed with Zstandard": lambda path: path.write_bytes(
        pa.compress(TEXT, "zstd", asbytes=True)
    ),
    "a 7z archive": lambda path: path.write_bytes(b"7z\xbc\xaf\x27\x1c" + bytes(26)),
    "a tar archive": tar,
    "a Parquet file": TABLE.to_parquet,
    "an Arrow file": lambda path: pyarrow.feather.write_feather(TABLE, path),
    "a NumPy array": lambda path: np.save(path.open("wb"), PIXELS),
    "a NumPy archive of arrays": lambda path: np.savez(path.open("wb"), images=PIXELS),
    "an HDF5 file": lambda path: h5py.File(path, "w").close(),
    "a MATLAB file": lambda path: path.write_bytes(b"MATLAB 5.0 MAT-file, Platform: GLNXA64"),
    "a Python pickle": lambda path: TABLE.to_pickle(path, compression=None),
    "an Excel workbook": lambda path: workbook(path, ["[Content_Types].xml", "xl/workbook.xml"]),
    "a zip": lambda path: workbook(path, ["train.csv", "readme.txt"]),
    "an SQLite database": lambda path: sqlite3.connect(path).execute("create table a (b)"),
    "a PNG image": lambda path: pictures.imsave(path, PIXELS, format="png"),
    "a JPEG image": lambda path: pictures.imsave(path, PIXELS, format="jpeg"),
    "an HTML page": lambda path: path.write_text("\n<!doctype HTML>\n<title>Log in</title>"),
    "an XML document": lambda path: path.write_text("<?xml version='1.0'?><Error/>"),
    "an ARFF file": lambda path: path.write_text("@RELATION mnist\n"),
    "a Git LFS pointer": lambda path: path.write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 76775041\n"
    ),
    "text in UTF-16": lambda path: path.write_bytes(TEXT.decode().encode("utf-16-le")),
    "an IDX file of 60000 x 28 x 28 values": lambda path: path.write_bytes(idx(60000, 28, 28)),
    "an IDX file of 60000 values": lambda path: path.write_bytes(idx(60000)),
    "an IDX file": lambda path: path.write_bytes(idx(60000)[:6]),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_of_another_kind_is_named_with_what_to_do(tmp_path, name):
    path = tmp_path / "train.csv"
    WRITERS[name](path)
    with pytest.raises(DataError) as caught:
        read_head(str(path), 1 << 22)
    kind = kind_of(path.read_bytes())
    assert kind.name == name
    assert str(caught.value) == f"{path}: expected a CSV in UTF-8, found {name}; {kind.remedy}"


def test_an_idx_file_is_recognised_when_it_is_gzipped(tmp_path):
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(idx(60000, 28, 28)))
    with pytest.raises(DataError, match="found an IDX file of 60000 x 28 x 28 values; convert it"):
        read_head(str(path), 1 << 22)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_of_every_binary_protocol_are_recognised(protocol):
    assert kind_of(pickle.dumps({"label": 1}, protocol)).name == "a Python pickle"


def test_a_parquet_file_is_recognised_by_its_beginning_alone(tmp_path):
    pq.write_table(pa.table({"label": range(100_000)}), tmp_path / "a")
    assert kind_of((tmp_path / "a").read_bytes()[:HEAD_BYTES]).name == "a Parquet file"


@pytest.mark.parametrize(
    "head",
    [
        b"",
        TEXT,
        b"\xef\xbb\xbf" + TEXT,
        b"PAR1,PAR2\n",
        b"BM,label\n",
        b"MATLAB,p0\n",
        b"<label>,p0\n",
        b"version,p0\n",
        b"\0\0\0\0",
        b"label,p\0",
        b"\xe4,p0\n",
    ],
)
def test_what_is_not_certain_is_not_named(head):
    assert kind_of(head) is None


@given(st.text(st.characters(codec="utf-8", min_codepoint=32), min_size=1, max_size=50))
def test_a_header_of_plain_names_is_never_taken_for_another_kind(name):
    assert kind_of(f"label,{name}".encode()) is None
