"""Each example of a known data set reads files of that layout, and the README lists them all."""

import re
from pathlib import Path

import example_files
import layouts
import numpy as np
import pytest
import yaml
from image_files import write_images

from digits.config.configuration import complete
from digits.core.class_labels import labels_of
from digits.data.description import Description
from digits.data.image_tables import ImageTable
from digits.data.ingest import ingest
from digits.workflow.given_files import GivenFiles

ROOT = Path(__file__).parents[2]
EXAMPLES = {path.stem: path for path in sorted((ROOT / "config/examples").glob("*.yaml"))}


def config_of(name):
    config = yaml.safe_load(EXAMPLES[name].read_text())
    complete(config)
    return config


def digits_of(shape, classes):
    """Return digits of a size, enlarged or padded, of each class as many, and their labels."""
    images, _ = layouts.digits()
    if shape != (8, 8):
        scale = shape[0] // 8
        images = images.repeat(scale, axis=1).repeat(scale, axis=2)
        margin = (shape[0] - images.shape[1]) // 2
        images = np.pad(images, ((0, 0), (margin, margin), (margin, margin)))
    numbers = np.arange(len(images)) % len(classes)
    return images, numbers.astype(np.uint8)


def image_path(files):
    path = files["images"] if isinstance(files, dict) else files
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    return Path(path)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_reads_what_it_is_for(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = config_of(name)
    dataset = config["dataset"]
    classes = labels_of(dataset["classes"])
    images, numbers = digits_of(tuple(dataset["image_shape"]), classes)
    if dataset["channels"] == 3:
        images = np.stack([images, np.roll(images, 1, axis=0), images // 2], axis=-1)
    labels = np.array(classes, object)[numbers]
    write = example_files.WRITERS[name]
    for files in filter(None, (dataset["test"], dataset["train"])):
        write(image_path(files), images, labels)
    given = GivenFiles(config, ROOT)
    ingest(Description.from_json(given.description("train")), Path("found.parquet"))
    if name == "pictures":  # a folder is read class by class
        order = np.argsort(numbers, kind="stable")
        images, numbers = images[order], numbers[order]
    write_images(Path("expected.parquet"), ImageTable(images, numbers))
    assert Path("found.parquet").read_bytes() == Path("expected.parquet").read_bytes()
    if dataset["test"]:
        description = Description.from_json(given.description("test"))
        found = ingest(description, Path("test.parquet"))
        assert found["rows"] >= 50
        assert ("ids" in found) == (name == "kannada-mnist")


def test_every_example_is_a_row_of_the_readme_and_every_row_an_example():
    rows = re.findall(r"\]\(config/examples/([\w-]+)\.yaml\)", (ROOT / "README.md").read_text())
    assert sorted(rows) == sorted(EXAMPLES)
    assert EXAMPLES.keys() == example_files.WRITERS.keys()


def test_the_keys_of_a_row_are_those_of_its_example():
    pattern = r"^\| \[[^]]+\]\(config/examples/([\w-]+)\.yaml\) \|.*\| (.*?) \|$"
    rows = dict(re.findall(pattern, (ROOT / "README.md").read_text(), re.MULTILINE))
    assert rows.keys() == EXAMPLES.keys()
    for name, text in rows.items():
        given = yaml.safe_load(EXAMPLES[name].read_text())["dataset"]
        shown = {}
        for code in re.findall(r"`([^`]+)`", text):
            shown |= yaml.safe_load("{" + code.replace("…", "null") + "}")
        for key in given.keys() - {"train", "test"}:
            assert key in shown, (name, key)
            assert shown[key] == given[key] or key == "classes", (name, key)
        assert not shown.keys() - given.keys(), name
