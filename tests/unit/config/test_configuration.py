"""Mistakes in a configuration, each told in one line that names the key."""

import copy
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from digits.config.configuration import complete
from digits.core.errors import ConfigError

SCHEMA = yaml.safe_load(
    (Path(__file__).parents[3] / "workflow/schemas/config.schema.yaml").read_text()
)
SMALLEST = {"experiment": "own", "dataset": {"train": "a.csv", "test": "b.csv"}}


def changed(path: str, value) -> dict:
    config = copy.deepcopy(SMALLEST)
    *sections, key = path.split(".")
    place = config
    for section in sections:
        place = place.setdefault(section, {})
    place[key] = value
    return config


def test_defaults_are_filled_in_at_every_level():
    config, schema = copy.deepcopy(SMALLEST), copy.deepcopy(SCHEMA)
    complete(config, schema)
    assert config["design"] == {"layers": [2, 3, 5], "nodes": [100, 200], "seeds": [422]}
    assert config["training"]["epochs"] == 10
    assert config["dataset"]["test_labels"] is None
    assert config["published"] is None
    assert schema == SCHEMA


def test_what_is_given_is_kept():
    config = changed("training.epochs", 3)
    complete(config, SCHEMA)
    assert config["training"]["epochs"] == 3
    assert config["training"]["dropout"] == 0.2


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("augmentation.copeis", 3, "augmentation.copeis: no such key; did you mean copies?"),
        ("desing", {}, "desing: no such key; did you mean design?"),
        ("training.xyz", 1, "training.xyz: no such key; known keys are epochs, batch_size"),
        ("training.epochs", "3", "training.epochs: expected a whole number, found '3'"),
        ("training.epochs", 0, "training.epochs: expected at least 1, found 0"),
        ("training.optimizer", "sdg", "training.optimizer: expected one of ['sgd', 'adam'"),
        ("training.dropout", 1, "training.dropout: expected less than 1, found 1"),
        ("training", 5, "training: expected a section of keys, found 5"),
        ("training", None, "training: expected a section of keys, found null"),
        ("design.layers", [2, 2], "design.layers: expected each value once, found [2, 2]"),
        ("design.layers", [], "design.layers: expected at least 1 value(s), found []"),
        ("design.layers", [2, 0], "design.layers.1: expected at least 1, found 0"),
        ("design.nodes", 100, "design.nodes: expected a list, found 100"),
        ("dataset.image_shape", [28], "dataset.image_shape: expected at least 2 value(s)"),
        ("dataset.train", "", "dataset.train: expected some text, found ''"),
        ("dataset.test_labels", 3, "dataset.test_labels: expected"),
        ("experiment", "../x", "experiment: expected a name of at most 64 letters"),
        ("experiment", "benchmarks", "experiment: expected a name of at most 64 letters"),
        ("experiment", "README.md", "experiment: expected a name of at most 64 letters"),
        ("cross_validation.folds", [0, 5], "cross_validation.folds: expected 0 to 4"),
        (
            "dataset.source",
            "demo",
            "dataset.train: expected a .csv in data/demo/, which the demo writes",
        ),
        ("dataset.classes", 1, "dataset.classes: expected at least 2, found 1"),
        ("dataset.classes", 257, "dataset.classes: expected at most 256, found 257"),
        ("dataset.classes", "ten", "dataset.classes: expected a whole number or a list, found"),
        ("dataset.classes", ["A"], "dataset.classes: expected at least 2 value(s), found ['A']"),
        ("dataset.classes", ["A", "A"], "dataset.classes: expected each value once, found"),
        ("dataset.classes", ["A", 1, "1"], "dataset.classes.2: expected each label once, foun"),
        ("dataset.classes", [1, 2.0], "dataset.classes.1: expected a whole number or text, found"),
        ("dataset.classes", ["A", True], "dataset.classes.1: expected a whole number or text"),
        ("dataset.classes", ["A", ""], "dataset.classes.1: expected some text, found ''"),
        ("dataset.classes", ["A", "a\nb"], "dataset.classes.1: expected text without braces and"),
        ("dataset.classes", ["A", "b" * 61], "dataset.classes.1: expected at most 60 characters"),
        ("dataset.classes", ["A", "all"], "dataset.classes.1: expected anything but all, found"),
        ("training.epochs", 3.0, "training.epochs: expected a whole number, found 3.0"),
        ("training.epochs", True, "training.epochs: expected a whole number, found true"),
        ("augmentation.rotation", float("nan"), "augmentation.rotation: expected a number"),
        ("augmentation.rotation", float("inf"), "augmentation.rotation: expected a number"),
        ("experiment", "a\n", "experiment: expected a name of at most 64 letters"),
        ("dataset.train", "a{b}.csv", "dataset.train: expected text without braces and control"),
        ("dataset.train", "a\nb.csv", "dataset.train: expected text without braces and control"),
        ("dataset.train", "a<results>.csv", "dataset.train: expected a path without <…>, which"),
        ("published", "<x>", "published: expected a path without <…>, which Snakemake takes for a"),
        ("dataset.label", "{x}", "dataset.label: expected text without braces and control"),
    ],
)
def test_a_mistake_is_one_line_with_the_keys_path(path, value, expected):
    with pytest.raises(ConfigError) as raised:
        complete(changed(path, value), SCHEMA)
    assert str(raised.value).startswith(f"config: {expected}")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "classes", [2, 256, [1, 26], ["T-shirt/top", "a, b", "$x^2$", '"q"', "-1", -1_000]]
)
def test_classes_are_a_number_or_labels(classes):
    config = changed("dataset.classes", classes)
    complete(config, SCHEMA)
    assert config["dataset"]["classes"] == classes


def test_a_missing_key_is_named():
    with pytest.raises(ConfigError, match=r"^config: experiment: this key is required$"):
        complete({"dataset": {"train": "a", "test": "b"}}, SCHEMA)
    with pytest.raises(ConfigError, match=r"^config: dataset.test: this key is required$"):
        complete({"experiment": "a", "dataset": {"train": "a"}}, SCHEMA)


HUGE = st.integers(10, 5000).map(lambda digits: 10**digits) | st.sampled_from([1e30, 1e308])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | HUGE | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
PATHS = [
    f"{section}.{key}"
    for section, part in SCHEMA["properties"].items()
    for key in part.get("properties", {})
] + list(SCHEMA["properties"])


@given(st.sampled_from(PATHS), VALUES)
@settings(max_examples=250, deadline=None)
def test_anything_else_is_accepted_or_refused_with_the_key(path, value):
    try:
        complete(changed(path, value), SCHEMA)
    except ConfigError as error:
        assert re.match(rf"config: {re.escape(path.split('.')[0])}", str(error))
        assert len(str(error).splitlines()) == 1


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("dataset.train", "https://someone:canary@host/train.csv"),
        ("published", "s3://canary@bucket"),
        ("cache", "https://host/cache?token=canary"),
        ("training", "ftp://canary"),
        ("design.layers", ["x://canary"]),
        ("unknown", {"inner": "x://canary"}),
        ("dataset.train", "someone:canary@host:train.csv"),
        ("dataset.test_labels", "someone:can/ary canary@host/answers.csv"),
    ],
)
def test_an_address_is_refused_without_showing_what_it_holds(path, value):
    with pytest.raises(ConfigError, match=rf"^config: {path}\S*: expected no address") as caught:
        complete(changed(path, value), SCHEMA)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("path", ["raw/a.zip::b@c.csv", "a.zip::b@c.csv", "a@b.csv", "a:b.csv"])
def test_a_path_that_looks_a_little_like_an_address_is_taken(path):
    complete(changed("dataset.train", path), SCHEMA)
