"""The programs check_data and split_test, on files as ingest_images found them."""

import io
import json

import layouts
import numpy as np
from PIL import Image

import check_data
import ingest_images
import split_test
from digits.data.contact_sheet import contact_sheet, first_of_each
from digits.data.image_tables import ImageTable, read_images


def ingested(folder, name="whole"):
    train = layouts.write_csv(folder, *layouts.digits())
    dataset = json.dumps({"files": [str(folder / train)], "image_shape": [8, 8]})
    outputs = [f"--output={folder}/{name}.parquet", f"--found={folder}/{name}.json"]
    ingest_images.main([f"--dataset={dataset}", *outputs])
    return folder / f"{name}.parquet"


def test_what_is_in_the_files_is_told_and_shown(tmp_path):
    images = ingested(tmp_path, "train")
    pictures, table = tmp_path / "check.png", tmp_path / "check.txt"
    check_data.main([f"--images={images}", f"--found={images.with_suffix('.json')}", "--classes=10",
                     f"--table={table}", f"--pictures={pictures}"])  # fmt: skip
    lines = table.read_text().splitlines()
    assert lines[:3] == [
        "train: 300 images of 8 x 8 pixels",
        f"  {tmp_path}/train.csv: 300 images, format CSV, separator comma, header yes, columns 65",
        "  values in the files: 0 to 255",
    ]
    counts = np.bincount(layouts.digits()[1])
    said = "; ".join(f"{label} {count}" for label, count in enumerate(counts))
    assert f"  images per class: {said}" in lines
    assert lines[-1] == f"images of each class: {pictures}"
    assert pictures.read_bytes().startswith(b"\x89PNG")


def test_the_images_of_a_class_stand_upright_in_its_row():
    images, labels = layouts.digits()
    rows = first_of_each(ImageTable(images, labels), 10)
    assert [len(row) for row in rows] == [16] * 10
    sheet = np.asarray(Image.open(io.BytesIO(contact_sheet(rows, list("0123456789")))))[..., 0]
    assert sheet.shape[0] == 4 + 10 * (48 + 4)
    left = sheet.shape[1] - 16 * (48 + 4)
    expected = images[labels == 3][1]
    top = 4 + 3 * 52
    assert (sheet[top : top + 48, left + 52 : left + 100][::6, ::6] == expected).all()


def test_a_share_of_the_images_of_each_class_is_held_out(tmp_path):
    images = ingested(tmp_path)
    outputs = [f"--{part}={tmp_path}/{part}.parquet" for part in ("train", "test")]
    outputs += [f"--{part}-found={tmp_path}/{part}.json" for part in ("train", "test")]
    split_test.main([f"--images={images}", f"--found={tmp_path}/whole.json", "--classes=10",
                     "--share=0.2", "--seed=1", *outputs])  # fmt: skip
    whole, train, test = (
        read_images(tmp_path / f"{name}.parquet") for name in ("whole", "train", "test")
    )
    assert (len(train), len(test)) == (240, 60)
    every = {image.tobytes() for image in (*train.images, *test.images)}
    assert every == {image.tobytes() for image in whole.images}
    shares = np.bincount(test.labels) / np.bincount(whole.labels)
    assert (abs(shares - 0.2) < 0.03).all()
    found = json.loads((tmp_path / "test.json").read_text())
    assert found["rows"] == 60
    assert found["files"][0]["rows"] == 300
