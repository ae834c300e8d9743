"""The same digits in every container give the same image table, byte for byte."""

import gzip
from pathlib import Path

import layouts
import numpy as np
import pandas as pd
import pytest
from ingesting import described
from PIL import Image

from digits.core.errors import DataError
from digits.data.formats import arrays
from digits.data.ingest import ingest
from digits.data.sources import labels_beside


def located(folder: Path, train) -> dict[str, tuple[str, ...]]:
    """Return the files of a value of dataset.train, as the rules find them."""
    if isinstance(train, dict):
        files, labels = [train["images"]], [train["labels"]]
    else:
        files = train if isinstance(train, list) else [train]
        labels = list(filter(None, map(labels_beside, files)))
    return {
        "files": [str(folder / f) for f in files],
        "label_files": [str(folder / f) for f in labels],
    }


def table_of(folder: Path, train, **keys) -> bytes:
    files = located(folder, train)
    labels = tuple(files["label_files"])
    ingest(
        described(files["files"], image_shape=(8, 8), label_files=labels, **keys), folder / "out"
    )
    return (folder / "out").read_bytes()


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """The table of the digits as Kaggle's CSV."""
    folder = tmp_path_factory.mktemp("reference")
    return table_of(folder, layouts.write_csv(folder, *layouts.digits()))


@pytest.mark.parametrize(
    "write",
    [
        layouts.write_idx,
        layouts.write_npz,
        layouts.write_two_npz,
        layouts.write_npy,
        layouts.write_parquet,
        layouts.write_lists_in_parquet,
        layouts.write_pictures_in_parquet,
        layouts.write_two_csvs,
    ],
    ids=lambda write: write.__name__.removeprefix("write_"),
)
def test_a_container_holds_what_the_csv_holds(tmp_path, reference, write):
    train = write(tmp_path, *layouts.digits())
    assert table_of(tmp_path, train) == reference


@pytest.mark.parametrize("name", ["x.npy", "x.npy.gz", "x.npz"])
def test_an_array_in_fortran_order_holds_the_same(tmp_path, monkeypatch, reference, name):
    monkeypatch.setattr(arrays, "BLOCK_IMAGES", 70)
    images, labels = layouts.digits()
    train = layouts.write_npy(tmp_path, images, labels) | {"images": name}
    turned = np.asfortranarray(images)
    np.save(tmp_path / "x.npy", turned)
    np.savez(tmp_path / "x.npz", turned)
    (tmp_path / "x.npy.gz").write_bytes(gzip.compress((tmp_path / "x.npy").read_bytes()))
    assert table_of(tmp_path, train) == reference


def test_a_folder_of_pictures_by_class_is_the_csv_sorted_by_class(tmp_path):
    images, labels = layouts.digits()
    train = layouts.write_folder(tmp_path, images, labels)
    order = np.argsort(labels, kind="stable")
    expected = table_of(tmp_path, layouts.write_csv(tmp_path, images[order], labels[order]))
    assert table_of(tmp_path, train) == expected


def test_several_files_are_read_one_after_the_other(tmp_path, reference):
    images, labels = layouts.digits()
    names = []
    for number, rows in enumerate((slice(0, 100), slice(100, None))):
        (tmp_path / str(number)).mkdir()
        name = layouts.write_csv(tmp_path / str(number), images[rows], labels[rows])
        names.append(f"{number}/{name}")
    assert table_of(tmp_path, names) == reference


VALUES = {
    "0 to 16": (lambda images: np.round(images / 255 * 16).astype(int), {"pixel_range": (0, 16)}),
    "0 to 1": (lambda images: images / 255, {"pixel_range": (0, 1)}),
    "-1 to 1": (lambda images: images / 127.5 - 1, {"pixel_range": (-1, 1)}),
    "dark on light": (lambda images: 255 - images, {"invert": True}),
    "by columns": (lambda images: images.transpose(0, 2, 1), {"order": "columns"}),
}


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("write", [layouts.write_csv, layouts.write_npz, layouts.write_parquet])
def test_values_of_another_range_or_order_become_the_usual_ones(tmp_path, reference, kind, write):
    change, keys = VALUES[kind]
    images, labels = layouts.digits()
    train = write(tmp_path, np.ascontiguousarray(change(images)), labels)
    assert table_of(tmp_path, train, **keys) == reference


def test_pictures_in_colour_and_of_other_sizes_become_grey_and_as_large_as_expected(tmp_path):
    images, labels = layouts.digits()
    (tmp_path / "plain").mkdir()
    plain = table_of(
        tmp_path, layouts.write_folder(tmp_path / "plain", images, labels) and "plain/pictures"
    )
    colour = np.repeat(np.repeat(images, 3, axis=1), 3, axis=2)[..., None].repeat(3, axis=3)
    train = layouts.write_folder(tmp_path, colour, labels)
    assert table_of(tmp_path, train, resize=True) != b""
    same = layouts.write_folder(tmp_path / "x", images[..., None].repeat(3, axis=3), labels)
    assert table_of(tmp_path, f"x/{same}") == plain


@pytest.mark.parametrize("write", [layouts.write_npz, "CSV", "CSV by columns", "flat"])
def test_colours_become_grey_as_pillow_has_it(tmp_path, write):
    images, labels = layouts.digits()
    colours = np.stack([images, images.transpose(0, 2, 1), 255 - images], axis=-1)
    grey = np.array([np.asarray(Image.fromarray(each).convert("L")) for each in colours])
    expected = table_of(tmp_path, layouts.write_csv(tmp_path, grey, labels), invert=False)
    keys = {"channels": 3, "to_gray": True, "invert": False}
    if callable(write):
        train = write(tmp_path, colours, labels)
    elif write == "flat":
        train = layouts.write_npz(tmp_path, colours.reshape(len(colours), -1), labels)
    else:
        stored = colours.transpose(0, 2, 1, 3) if "columns" in write else colours
        keys |= {"order": "columns"} if "columns" in write else {}
        names = [f"pixel{number:04d}" for number in range(192)]
        frame = pd.DataFrame(stored.reshape(len(stored), -1), columns=names)
        frame.assign(label=labels).to_csv(tmp_path / "rgb.csv", index=False)
        train = "rgb.csv"
    assert table_of(tmp_path, train, **keys) == expected


def test_a_file_in_grey_is_not_taken_for_one_in_colour(tmp_path):
    train = layouts.write_csv(tmp_path, *layouts.digits())
    told = r"expected 192 pixel columns for images of 8 x 8 x 3 .*dataset.channels\), found 64"
    with pytest.raises(DataError, match=told):
        table_of(tmp_path, train, channels=3)
    train = layouts.write_npz(tmp_path, *layouts.digits())
    with pytest.raises(DataError, match=r"x 3 \(dataset.channels\), found an array of 300 x 8 x 8"):
        table_of(tmp_path, train, channels=3)
