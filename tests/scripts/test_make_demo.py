"""The program make_demo."""

import csv

import numpy as np
import pytest
from sklearn import datasets

import make_demo
from digits.data.description import Description
from digits.data.image_tables import read_images
from digits.data.ingest import ingest

NAMES = ("train", "test", "test_labels")


def make(folder):
    paths = {name: folder / f"{name}.csv" for name in NAMES}
    make_demo.main([f"--{name.replace('_', '-')}={path}" for name, path in paths.items()])
    return paths


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    return make(tmp_path_factory.mktemp("demo"))


def test_the_files_pass_the_checks_of_ingest(paths, tmp_path):
    output = tmp_path / "a.parquet"
    assert ingest(Description((str(paths["train"]),)), output)["rows"] == 1437
    assert np.bincount(read_images(output).labels).min() >= 139
    assert ingest(Description((str(paths["test"]),), part="test"), output)["rows"] == 360


def test_the_test_labels_are_those_of_the_bundled_images(paths):
    """Each test image, shrunk again, is one of the bundled ones, and its label is that one's."""
    bundle = datasets.load_digits()
    pixels = np.loadtxt(paths["test"], delimiter=",", skiprows=1).reshape(-1, 28, 28)
    # Five new pixels lie on two old ones; the means of such blocks are compared, on both sides.
    shrunk = pixels[:, 4:24, 4:24].reshape(-1, 4, 5, 4, 5).mean(axis=(2, 4)).reshape(-1, 16)
    blocks = bundle.images.reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)).reshape(-1, 16) * 255 / 16
    distances = ((shrunk[:, None] - blocks) ** 2).sum(axis=2)
    with paths["test_labels"].open() as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["ImageId", "Label"]
    assert [int(row[0]) for row in rows[1:]] == list(range(1, 361))
    labels = np.array([int(row[1]) for row in rows[1:]])
    assert (labels == bundle.target[distances.argmin(axis=1)]).mean() > 0.98


def test_the_same_bytes_are_written_each_time(paths, tmp_path):
    for name, path in make(tmp_path).items():
        assert path.read_bytes() == paths[name].read_bytes()


def test_it_reports_images_in_both_parts(tmp_path, capsys):
    make(tmp_path)
    assert capsys.readouterr().out == "1,437 training and 360 test images, 0 of these in both\n"
