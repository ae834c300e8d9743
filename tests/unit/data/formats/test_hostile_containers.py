# ruff: noqa: E501
"""Containers that are damaged or meant to do harm: one line, and nothing is written."""

import gzip
import io
import os
import pickle
import struct
import sys
import tracemalloc
import zlib

import layouts
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ingesting import described
from PIL import Image

from digits.core.errors import DataError
from digits.data.content_hashes import source_identity
from digits.data.image_tables import read_images
from digits.data.ingest import ingest

IMAGES, LABELS = layouts.digits()


def told(folder, name, content=None, labels=(), **keys):
    """Return why a file is refused, without its folder; nothing is left behind."""
    if content is not None:
        (folder / name).write_bytes(content)
    names = tuple(str(folder / name) for name in labels)
    description = described(folder / name, image_shape=(8, 8), label_files=names, **keys)
    with pytest.raises(DataError) as caught:
        ingest(description, folder / "out.parquet")
    assert not list(folder.glob("*.part")) + list(folder.glob(".*.part"))
    assert not (folder / "out.parquet").exists()
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(f"{folder}/", "")


def picture(image, form, **how):
    file = io.BytesIO()
    Image.fromarray(image).save(file, form, **how)
    return file.getvalue()


def npy(array, **how):
    file = io.BytesIO()
    np.save(file, array, **how)
    return file.getvalue()


def npy_header(text):
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text.encode() + bytes(640)


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def table(**columns):
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def huge_png(side):
    """A PNG that says it is that wide and high, in a few bytes."""

    def chunk(name, data):
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


LABELS_AS_TEXT = pa.array(list("0123456789")).dictionary_encode()
SMALL = [picture(np.arange(4, dtype=np.uint8).reshape(2, 2) * 80, "PNG")] * 10
PARQUET = {
    "pixels": table(label=LABELS_AS_TEXT, **{f"p{n}": [0, 255] * 5 for n in range(4)}),
    "pictures": table(label=LABELS_AS_TEXT, image=[{"bytes": each, "path": ""} for each in SMALL]),
}
FAR_TOO_MANY = "{'descr': '|u1', 'fortran_order': True, 'shape': (1099511627776, 8, 8), }"
PROMISED = struct.pack(">HBB3I", 0, 8, 3, 2**31, 8, 8)


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("a.idx3-ubyte", PROMISED + bytes(640), ": expected 2147483648 images, as it states, found 10"),
        ("a.idx3-ubyte.gz", gzip.compress(layouts.idx(IMAGES))[:-500], ".gz: the file is corrupt or"),
        ("a.idx3-ubyte", layouts.idx(IMAGES) + b"\0", ": expected 300 images, as it states, found more"),
        ("a.idx3-ubyte", layouts.idx(IMAGES)[:10], ": the file is incomplete; download it again"),
        ("a.idx3-ubyte", layouts.idx(IMAGES[:, :4]), ": expected images of 8 x 8 (dataset.image_shape),"
         " found an array of 300 x 4 x 8"),
        ("a.idx3-ubyte", layouts.idx(IMAGES), ": expected images with labels, found none"),
        ("a.idx3-ubyte", layouts.idx(IMAGES[:0]), ": expected at least one image, found none"),
        ("a.npy", npy(np.array([{}, {}], object), allow_pickle=True), ": expected an array of numbers,"
         " found Python objects, which are not read"),
        ("a.npy", npy(np.asfortranarray(IMAGES)), ": expected images with labels, found none"),
        ("a.npy", npy(np.asfortranarray(IMAGES))[:-1], ": the file is incomplete; download it again"),
        ("a.npy.gz", gzip.compress(npy(np.asfortranarray(IMAGES))[:-1]), ": expected 19200 values, as it"
         " states, found 19199"),
        ("a.npy", npy_header(FAR_TOO_MANY),
         ": the file is incomplete; download it again"),
        ("a.npy.gz", gzip.compress(npy_header(FAR_TOO_MANY)), ": expected an array in C order, or of at most 536,870,912 bytes"),
        ("a.npy", npy_header("(" * 5000), ": expected a NumPy array, found a damaged one"),
        ("a.npy", npy_header("-" * 9000), ": expected a NumPy array, found a damaged one"),
        ("a.npy", npy_header("{{1}: 2}"), ": expected a NumPy array, found a damaged one"),
        ("a.npy", npy_header("{'descr': [('a', ('b',))], 'fortran_order': False, 'shape': (1, 8, 8)}"),
         ": expected a NumPy array, found a damaged one"),
        ("a.npy", npy(np.full((20, 8, 8), "7")), ": expected an array of numbers, found the type <U1"),
        ("a.npy", npy(np.full((20, 8, 8), b"7")), ": expected an array of numbers, found the type |S1"),
        ("a.npz", npz(), ": expected a NumPy archive of arrays, found none in it"),
        ("a.npz", b"<!doctype html>", ": expected a NumPy archive, as its name says, found an HTML page"),
        ("a.npy", npy(IMAGES)[:20], ": expected a NumPy array, found a damaged one"),
        ("a.npy", npy(IMAGES)[:-1], ": expected 300 images, as it states, found 299"),
        ("a.npy", npy(np.zeros(300)), ": expected images of 8 x 8 (dataset.image_shape), found"),
        ("a.npy", npy(IMAGES.astype(float) / 7), ", image 1, pixel 3: expected an"
         " integer from 0 to 255, found "),
        ("a.npy", npy(np.where(IMAGES > 254, np.nan, IMAGES)), ", image "),
        ("a.npy", npy(np.zeros(300, [("a", "u1", (8, 8))])), ": expected an array of numbers, found the"),
        ("a.npz", npz(first=IMAGES, second=IMAGES), ": expected the array of the images under a usual"
         " name, found first, second; name it in the configuration, as {images: a.npz::NAME"),
        ("a.npz", npz(x_train=IMAGES, y_train=LABELS[:10]), ": expected as many labels as images, 300,"
         " found 10"),
        ("a.npz", npz(x_train=IMAGES, y_train=LABELS + 1), "::y_train.npy, label "),
        ("a.npz", npz(x_train=np.array([{}], object)), "::x_train.npy: expected an array of numbers, found"
         " Python objects"),
        ("a.npz", npz(x_train=IMAGES)[:-40], ": the file is corrupt or incomplete"),
        ("a.parquet", table(label=[1, 1], image=[[1] * 64, [1, 2, 3]]), ", row 2, expected 64 values in"
         " lists of one length, found 3"),
        ("a.parquet", table(label=[1, 1], image=[[[1] * 8] * 8, [[1] * 9] * 7 + [[1]]]), ", row 2, expected"
         " 64 values in lists of one length, found lists of several lengths"),
        ("a.parquet", table(label=[1, 1], image=[[1] * 64, None]), ", row 2, expected 64 values in lists of"
         " one length, found none"),
        ("a.parquet", table(label=[1], image=[[None, *range(63)]]), ", row 1, expected 64 values in lists of"
         " one length, found a missing one"),
        ("a.parquet", table(label=[1], image=[["1"] * 64]), ", header, column 2: expected the first"),
        ("a.parquet", table(label=[1], image=[[999] * 64]), ", row 1, pixel 1: expected an integer from 0"),
        ("a.parquet", table(label=[1, 2], image=[b"x", b"y"]), ", row 1: expected a PNG or JPEG picture,"
         " found another file"),
        ("a.parquet", table(label=[1, 2], image=[{"bytes": None, "path": "/etc/passwd"}, {"bytes": b""}]),
         ", row 1: expected the bytes of a picture, found none"),
        ("a.parquet", table(label=[1], image=[huge_png(30_000)]), ", row 1: expected a picture of a usual"
         " size, found far too many pixels"),
        ("a.parquet", table(label=[1], image=[huge_png(30)]), ", row 1: expected a picture of 8 x 8, found"
         " 30 x 30; to scale it, set dataset.resize to true"),
        ("a.parquet", table(image=[layouts.png(IMAGES[0])]), ": expected the label 'label' among the"),
        ("a.parquet", table(label=[None, 1], image=[layouts.png(IMAGES[0])] * 2), ", row 1, column 'label':"
         " expected a value, found none"),
        ("a.parquet", table(label=[1])[:-4] + b"PAR2", ": the file is corrupt or incomplete"),
        ("a.parquet", table(), ": expected columns, found none"),
        ("a.parquet", table(label=[b"1"], image=[layouts.png(IMAGES[0])]), ", column 'label': expected"
         " numbers or text, found the type binary"),
        ("a.csv", pickle.dumps(IMAGES), ": expected a CSV in UTF-8, found a Python pickle"),
    ],
)  # fmt: skip
def test_a_damaged_or_hostile_container_is_told_in_one_line(tmp_path, name, content, fault):
    part = "test" if name.startswith(("a.idx", "a.npy")) and "labels" not in fault else "train"
    said = told(tmp_path, name, content, part=part)
    assert said.startswith((f"{name}{fault}", f"a.idx3-ubyte{fault}"))


def test_a_missing_value_and_nested_types_among_pixels_are_told(tmp_path):
    columns = {"label": list(range(10)) * 2} | {f"p{n}": [n] * 20 for n in range(64)}
    assert "row 1, column 'p5': expected a value, found none" in told(
        tmp_path, "a.parquet", table(**columns | {"p5": [None, *range(19)]})
    )
    assert "column 'p5': expected numbers, found the type list<" in told(
        tmp_path, "a.parquet", table(**columns | {"p5": [[1]] * 20})
    )
    assert ", row 8, pixel 6: expected an integer from 0 to 255, found 999" in told(
        tmp_path, "a.parquet", table(**columns | {"p5": [*range(7), 999, *range(12)]})
    )
    assert "column 'p5': expected numbers, found the type string" in told(
        tmp_path, "a.parquet", table(**columns | {"p5": ["1"] * 20})
    )
    assert "column 'label', row 3: expected an integer from 0 to 9, found '10'" in told(
        tmp_path, "a.parquet", table(**columns | {"label": [0, 1, 10, *range(17)]})
    )


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"1\n2\n", "labels.csv: expected as many labels as images, 300, found 2"),
        (b"label\n1\nx\n", "labels.csv, row 3: expected an integer from 0 to 9, found 'x'"),
        (
            b"a,b\n1,2\n",
            "labels.csv, row 1: expected labels alone, or the column 'label', found a,b",
        ),
        (b"", "labels.csv: expected a CSV with a header, found an empty file"),
        (b"\xef\xbb\xbf", "labels.csv: expected labels, found none"),
        (b"id;label\n0;1\n1;x\n", "labels.csv, row 3: expected an integer from 0 to 9, found 'x'"),
        (b"\xff\xfe1\0", "labels.csv: expected a CSV in UTF-8, found text in UTF-16"),
    ],
)
def test_a_file_of_labels_is_checked(tmp_path, content, fault):
    (tmp_path / "a.npy").write_bytes(npy(IMAGES))
    (tmp_path / "labels.csv").write_bytes(content)
    assert told(tmp_path, "a.npy", labels=["labels.csv"]).startswith(fault)


def frames(form):
    return picture(IMAGES[0], form, save_all=True, append_images=[Image.fromarray(IMAGES[1])])


def pictures(folder, **files):
    for path, content in files.items():
        place = folder / "mine" / path.replace("__", "/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return folder


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        (
            {"0__a.png": b"no picture"},
            "mine/0/a.png: expected a PNG or JPEG picture, found another",
        ),
        ({"0__a.png": layouts.png(IMAGES[0])[:60]}, "mine/0/a.png: the picture is corrupt or"),
        (
            {"0__a.png": huge_png(30_000)},
            "mine/0/a.png: expected a picture of a usual size, found far",
        ),
        (
            {"cat__a.png": b""},
            "mine: expected a subfolder to be an integer from 0 to 9, found 'cat'",
        ),
        (
            {"0__a.png": b"", "b.png": b""},
            "mine/b.png: expected subfolders only, found a file beside",
        ),
        (
            {"0__b__c.png": b""},
            "mine/0/b: expected a picture, found a folder",
        ),
        ({"0__.hidden": b""}, "mine: expected pictures, found none"),
        ({"0__a.gif": frames("GIF")}, "mine/0/a.gif: expected one picture, found 2 in a file"),
        ({"0__a.tif": frames("TIFF")}, "mine/0/a.tif: expected one picture, found 2 in a file"),
        ({"0__a.webp": frames("WEBP")}, "mine/0/a.webp: expected one picture, found 2 in a file"),
        ({"0__a.png": frames("PNG")}, "mine/0/a.png: expected one picture, found 2 in a file"),
        (
            {"0__a.tif": picture(np.zeros((8, 8), np.float32), "TIFF")},
            "mine/0/a.tif: expected 8 or 16",
        ),
        (
            {"0__a.tif": picture(np.zeros((8, 8), np.int32), "TIFF")},
            "mine/0/a.tif: expected 8 or 16",
        ),
        (
            {"a.png": layouts.png(IMAGES[0])},
            "mine: expected a subfolder per class, found files only",
        ),
        (
            {"x__0__a.png": b"", "y__0__a.png": b""},
            "mine: expected a subfolder to be an integer from 0 to"
            " 9, found 'x'; name the folder that has them, such as mine/x",
        ),
    ],
)
def test_a_folder_is_checked(tmp_path, files, fault):
    pictures(tmp_path, **files)
    assert told(tmp_path, "mine").startswith(fault)


@pytest.mark.parametrize(
    ("target", "fault"),
    [
        ("..", ": expected pictures, found a link to a folder that it is in"),
        ("link", ": cannot be read (Too many levels of symbolic links)"),
        ("gone", ": a link to gone, which does not exist"),
    ],
)
def test_a_link_that_leads_nowhere_is_told(tmp_path, target, fault):
    pictures(tmp_path, **{"0__a.png": layouts.png(IMAGES[0])})
    (tmp_path / "mine/0/link").symlink_to(target)
    assert told(tmp_path, "mine") == f"mine/0/link{fault}"
    with pytest.raises(DataError):
        source_identity(f"{tmp_path}/mine", tmp_path / "hashes.json")


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has no such names")
def test_a_name_that_is_no_text_is_read_as_another(tmp_path):
    path = pictures(tmp_path, **{"0__a.png": layouts.png(IMAGES[0])}) / "mine/0/a.png"
    path.rename(path.with_name(os.fsdecode(b"\xe4.png")))
    assert source_identity(f"{tmp_path}/mine", tmp_path / "hashes.json")
    assert "found none of 1, 2" in told(tmp_path, "mine")


@pytest.mark.parametrize("order", ["C", "F"])
def test_labels_that_are_one_hot_are_the_places_of_the_ones(tmp_path, order):
    one_hot = np.asarray(np.eye(10)[LABELS], order=order)
    np.savez(tmp_path / "a.npz", x_train=IMAGES, y_train=one_hot)
    ingest(described(tmp_path / "a.npz", image_shape=(8, 8)), tmp_path / "out")
    assert read_images(tmp_path / "out").labels.tolist() == LABELS.tolist()


@given(seed=st.integers(0, 2**32 - 1), kind=st.sampled_from(["pixels", "pictures"]))
@settings(max_examples=100, deadline=None)
def test_any_damage_to_parquet_is_told_in_one_line_or_does_no_harm(tmp_path_factory, seed, kind):
    folder, chance = tmp_path_factory.getbasetemp(), np.random.default_rng(seed)
    content = np.frombuffer(PARQUET[kind], np.uint8).copy()
    places = chance.integers(0, len(content), 2)
    content[places] = chance.integers(0, 256, 2)
    (folder / "damaged.parquet").write_bytes(content.tobytes())
    try:
        ingest(described(folder / "damaged.parquet", image_shape=(2, 2)), folder / "out")
    except DataError as error:
        assert "damaged.parquet" in str(error)
        assert "\n" not in str(error)


def test_a_header_of_gigabytes_takes_little_memory(tmp_path):
    start = b"\x93NUMPY\2\0" + struct.pack("<I", 2**32 - 1)
    (tmp_path / "a.npy.gz").write_bytes(gzip.compress(start + bytes(1 << 27), 1))
    tracemalloc.start()
    assert "found a damaged one (EOF: reading array header" in told(tmp_path, "a.npy.gz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 23


def test_a_huge_picture_is_not_scaled_either(tmp_path):
    pictures(tmp_path, **{"0__a.png": huge_png(6_000)})
    assert told(tmp_path, "mine", resize=True).startswith(
        "mine/0/a.png: expected a picture of at most 33,554,432 pixels, found 6000 x 6000"
    )


def test_transparent_pixels_are_white_and_16_bits_are_scaled(tmp_path):
    from digits.data.formats.pictures import decode

    description = described("x", image_shape=(8, 8))
    clear = np.zeros((8, 8, 4), np.uint8)
    clear[0, 0] = [0, 0, 0, 255]
    found = decode(layouts.png(clear), description)
    assert (found[0, 0], found[1, 1]) == (0, 255)
    file = io.BytesIO()
    Image.fromarray(np.full((8, 8), 65535 // 2, np.uint16)).save(file, "PNG")
    assert decode(file.getvalue(), description).tolist() == [[127] * 8] * 8
