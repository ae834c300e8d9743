"""Colours in every container give one image table, of shape (height, width, 3)."""

import struct

import layouts
import numpy as np
import pandas as pd
import pytest
from colours import coloured
from ingesting import described

from digits.core.errors import DataError
from digits.data.image_tables import ImageFile, read_images
from digits.data.ingest import ingest

IMAGES, LABELS = coloured()
FLAT = {
    "rows": IMAGES,
    "columns": IMAGES.transpose(0, 2, 1, 3),
    "planes": IMAGES.transpose(0, 3, 1, 2),
}
"""Images in the orders in which files may have their values."""


def read(folder, files, **keys):
    found = ingest(
        described(str(folder / files), **{"image_shape": (8, 8), "channels": 3} | keys),
        folder / "out",
    )
    return read_images(folder / "out"), found


def refused(folder, files, **keys) -> str:
    with pytest.raises(DataError) as caught:
        read(folder, files, **keys)
    assert not (folder / "out").exists()
    return str(caught.value)


def write_csv(folder, images, name="rgb.csv"):
    names = [f"pixel{number:04d}" for number in range(images[0].size)]
    frame = pd.DataFrame(images.reshape(len(images), -1), columns=names)
    frame.assign(label=LABELS).to_csv(folder / name, index=False)
    return name


def write_npz(folder, images):
    return layouts.write_npz(folder, images, LABELS)


@pytest.mark.parametrize("order", FLAT)
@pytest.mark.parametrize("write", [write_csv, write_npz])
def test_colours_are_read_in_each_order(tmp_path, write, order):
    table, found = read(tmp_path, write(tmp_path, FLAT[order]), order=order)
    np.testing.assert_array_equal(table.images, IMAGES)
    np.testing.assert_array_equal(table.labels, LABELS)
    assert (table.image_shape, found["rows"]) == ((8, 8, 3), 300)


def test_chunks_in_colour_hold_as_many_values_as_grey_ones(tmp_path, monkeypatch):
    monkeypatch.setattr("digits.data.image_tables.CHUNK", 200)
    monkeypatch.setattr("digits.data.formats.arrays.BLOCK_IMAGES", 90)
    table, _ = read(tmp_path, write_npz(tmp_path, IMAGES))
    np.testing.assert_array_equal(table.images, IMAGES)
    parts = ImageFile(tmp_path / "out").chunks()
    assert [len(part) for part in parts] == [66, 66, 66, 66, 36]
    assert [len(part) for part in table.chunks()] == [66, 66, 66, 66, 36]


def test_flat_arrays_and_idx_hold_colours_too(tmp_path):
    (tmp_path / "a-images-idx4-ubyte").write_bytes(
        struct.pack(">HBB4I", 0, 8, 4, *IMAGES.shape) + IMAGES.tobytes()
    )
    np.save(tmp_path / "y.npy", LABELS)
    labels = (str(tmp_path / "y.npy"),)
    table, _ = read(tmp_path, "a-images-idx4-ubyte", label_files=labels)
    np.testing.assert_array_equal(table.images, IMAGES)
    table, _ = read(tmp_path, write_npz(tmp_path, IMAGES.reshape(300, -1)))
    np.testing.assert_array_equal(table.images, IMAGES)


def test_other_ranges_and_dark_on_light_are_those_of_each_channel(tmp_path):
    train = write_npz(tmp_path, 1 - FLAT["planes"] / 255)
    keys = {"order": "planes", "pixel_range": (0, 1), "invert": True}
    np.testing.assert_array_equal(read(tmp_path, train, **keys)[0].images, IMAGES)


@pytest.mark.parametrize("write", [layouts.write_pictures_in_parquet, layouts.write_folder])
def test_pictures_keep_their_colours(tmp_path, write):
    train = write(tmp_path, IMAGES, LABELS)
    order = np.argsort(LABELS, kind="stable") if write is layouts.write_folder else slice(None)
    table, _ = read(tmp_path, train)
    np.testing.assert_array_equal(table.images, IMAGES[order])
    grey = read(tmp_path, train, channels=1)[0]
    same = read(tmp_path, train, to_gray=True)[0]
    assert grey.image_shape == (8, 8)
    np.testing.assert_array_equal(grey.images, same.images)


def test_grey_pictures_have_three_equal_channels_among_colours(tmp_path):
    images, labels = layouts.digits()
    table, _ = read(tmp_path, layouts.write_folder(tmp_path, images, labels))
    assert (table.images == table.images[..., :1]).all()
    large = layouts.write_folder(tmp_path / "x", IMAGES.repeat(2, 1).repeat(2, 2), labels)
    assert read(tmp_path, f"x/{large}", resize=True)[0].image_shape == (8, 8, 3)


@pytest.mark.parametrize(
    ("images", "keys", "hint"),
    [
        (IMAGES, {"channels": 1}, "set dataset.channels to 3"),
        (FLAT["planes"], {"channels": 1}, "set dataset.channels to 3 and dataset.order to planes"),
        (FLAT["planes"], {}, "set dataset.order to planes"),
        (IMAGES, {"order": "planes"}, "set dataset.order to rows"),
    ],
)
def test_an_array_in_another_order_is_refused_with_the_keys_to_set(tmp_path, images, keys, hint):
    told = refused(tmp_path, write_npz(tmp_path, images), **keys)
    shape = " x ".join(map(str, images.shape))
    assert told.endswith(f", found an array of {shape}; for colours, {hint}")


def test_arrays_with_transparency_are_refused(tmp_path):
    told = refused(tmp_path, write_npz(tmp_path, np.zeros((300, 8, 8, 4), np.uint8)))
    assert told.endswith("8 x 8 (dataset.image_shape) x 3 (dataset.channels), found an array of"
                         " 300 x 8 x 8 x 4")  # fmt: skip


def test_columns_of_colours_are_refused_as_grey_with_the_key_to_set(tmp_path):
    told = refused(tmp_path, write_csv(tmp_path, IMAGES), channels=1)
    assert told.endswith("(dataset.image_shape), found 192; for colours, set dataset.channels to 3")
    rows = np.column_stack([LABELS, IMAGES.reshape(300, -1)])
    np.savetxt(tmp_path / "bare.csv", rows, delimiter=",", fmt="%d")
    told = refused(tmp_path, "bare.csv", channels=1, label="first")
    assert told.endswith("found 192; for colours, set dataset.channels to 3")


@pytest.mark.parametrize(("stored", "other"), [("rows", "planes"), ("planes", "rows")])
def test_colours_in_another_order_than_stated_are_noted(tmp_path, stored, other):
    smooth = np.add.outer(9 * np.arange(8), 5 * np.arange(8))[..., None] + [0, 60, 120]
    images = (smooth + np.arange(10)[:, None, None, None]).astype(np.uint8)
    by = {"rows": images, "planes": images.transpose(0, 3, 1, 2).reshape(images.shape)}
    np.savez(tmp_path / "a.npz", x=by[stored].reshape(10, -1), y=np.arange(10))
    keys = {"invert": False, "pixel_range": (0, 255)}
    note = f"if so, set dataset.order to {stored}."
    assert any(
        each.endswith(note) for each in read(tmp_path, "a.npz", order=other, **keys)[1]["notes"]
    )
    assert not any(
        "colours" in n for n in read(tmp_path, "a.npz", order=stored, **keys)[1]["notes"]
    )
