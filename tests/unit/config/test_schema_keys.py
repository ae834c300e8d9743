"""Every key of the schema with values of another type and out of its range: all refused."""

import pytest
from test_configuration import SCHEMA, SMALLEST, changed

from digits.config.configuration import complete
from digits.core.errors import ConfigError

NO_TEXT = [None, 5, True, 1.5, ["a"], {"a": "b"}]
NO_SECTION = [None, 5, True, "a", [], ["a"], {"unknown": 1}]
NO_WHOLE_NUMBER = [None, "1", 1.5, 2.0, True, False, [1], {"a": 1}]
NO_NUMBER = [None, "0.1", True, False, float("nan"), float("inf"), 10**400, [0.1], {"a": 0.1}]
NO_LIST = [None, 1, "1", True, {"a": 1}]
UNSHOWN = ["", "{", "}", "a{b}", "\n", "a\n", "\0", "\x1b[31m", "\x7f", "\x85", "\u2028", "\ud800"]
TOO_LONG = "a" * 1001
NO_PATH = [*UNSHOWN, TOO_LONG, "<results>", "a<b>c", "https://a/b", "me:secret@host:a.csv"]
NO_SEED = [*NO_WHOLE_NUMBER, -1, 2**32]


def no_numbers(low, high):
    """Values that are no list of different whole numbers from ``low`` to ``high``."""
    lists = [[], [low, low], [low, low - 1], [high + 1], *([low, each] for each in NO_WHOLE_NUMBER)]
    return [*NO_LIST, *lists]


BAD = {
    "experiment": [
        *NO_TEXT, *UNSHOWN, "benchmarks", "README.md", "a" * 65,
        "a/b", "..", ".a", "-a", "a b", "ä",
    ],
    "dataset": [
        *NO_SECTION, {"train": "a.csv"}, {"test": "b.csv"},
        {"train": "a.csv", "test": "b.csv", "unknown": 1},
    ],
    "dataset.source": [*NO_TEXT, "", "kaggle", "CSV"],
    "dataset.train": [*NO_TEXT, *NO_PATH],
    "dataset.test": [*NO_TEXT, *NO_PATH],
    "dataset.test_labels": [*NO_TEXT[1:], *NO_PATH],
    "dataset.label": [*NO_TEXT, *UNSHOWN, TOO_LONG],
    "dataset.image_shape": [
        *NO_LIST, [], [28], [28, 28, 1], [0, 28], [28, 257],
        *([28, each] for each in NO_WHOLE_NUMBER),
    ],
    "dataset.classes": [
        None, "ten", True, 2.0, {"a": 1}, 1, 0, -1, 257,
        [], ["A"], list(range(257)), ["A", "A"], [1, "1"],
        *(["A", each] for each in (*UNSHOWN, "b" * 61, 10**60, "all", " b")),
        *(["A", each] for each in (None, True, 1.5, [1], {})),
    ],
    "cross_validation": NO_SECTION,
    "cross_validation.splits": [*NO_WHOLE_NUMBER, 1, 0, 1001],
    "cross_validation.folds": no_numbers(0, 4),
    "cross_validation.seed": NO_SEED,
    "augmentation": NO_SECTION,
    "augmentation.copies": [*NO_WHOLE_NUMBER, -1, 101],
    "augmentation.translation": [*NO_NUMBER, -0.1, 1.1],
    "augmentation.rotation": [*NO_NUMBER, -0.1, 1.1],
    "augmentation.zoom": [*NO_NUMBER, -0.1, 1],
    "augmentation.seed": NO_SEED,
    "design": NO_SECTION,
    "design.layers": no_numbers(1, 100),
    "design.nodes": no_numbers(1, 65536),
    "design.seeds": no_numbers(0, 2**32 - 1),
    "training": NO_SECTION,
    "training.epochs": [*NO_WHOLE_NUMBER, 0, 1_000_001],
    "training.batch_size": [*NO_WHOLE_NUMBER, 0, 1_000_001],
    "training.optimizer": [*NO_TEXT, "", "SGD"],
    "training.learning_rate": [*NO_NUMBER, 0, -0.1],
    "training.dropout": [*NO_NUMBER, -0.1, 1],
    "training.patience": [*NO_WHOLE_NUMBER, 0, 1_000_001],
    "training.device": [*NO_TEXT, "", "tpu"],
    "published": [*NO_TEXT[1:], *NO_PATH],
    "cache": [*NO_TEXT[1:], *NO_PATH],
}  # fmt: skip

EDGES = {
    "experiment": ["a", "a" * 64, "0_.-"],
    "dataset.train": ["a", "a" * 1000, "a < b", "a > b"],
    "dataset.label": ["a", "a" * 1000, "<label>"],
    "dataset.image_shape": [[1, 1], [256, 256]],
    "dataset.classes": [2, 256, [0, 1], list(range(256)), ["A", "b" * 60]],
    "cross_validation.splits": [2, 1000],
    "cross_validation.folds": [[0], [0, 1, 2, 3, 4]],
    "cross_validation.seed": [0, 2**32 - 1],
    "augmentation.copies": [0, 100],
    "augmentation.translation": [0, 1],
    "augmentation.rotation": [0, 1],
    "augmentation.zoom": [0, 0.99],
    "design.layers": [[1], [100]],
    "design.nodes": [[1], [15000]],
    "training.epochs": [1, 1_000_000],
    "training.batch_size": [1, 1_000_000],
    "training.learning_rate": [1e-300, 1e300],
    "training.dropout": [0, 0.99],
    "training.patience": [1, 1_000_000],
}


def keys(schema, prefix=""):
    """Every key of the schema by its path, those of sections too."""
    for key, inner in schema.get("properties", {}).items():
        yield f"{prefix}{key}"
        yield from keys(inner, f"{prefix}{key}.")


def test_every_key_of_the_schema_has_values_that_are_refused():
    assert BAD.keys() == set(keys(SCHEMA))


@pytest.mark.parametrize(
    ("key", "value"),
    [(key, value) for key, values in BAD.items() for value in values],
    ids=lambda value: ascii(value)[:40],
)
def test_a_value_that_cannot_be_is_refused_in_one_line_with_the_key(key, value):
    with pytest.raises(ConfigError) as raised:
        complete(changed(key, value), SCHEMA)
    assert str(raised.value).startswith((f"config: {key}: ", f"config: {key}."))
    assert str(raised.value).isprintable()


@pytest.mark.parametrize(
    ("key", "value"), [(key, value) for key, values in EDGES.items() for value in values]
)
def test_the_last_value_within_a_range_is_taken(key, value):
    complete(changed(key, value), SCHEMA)


@pytest.mark.parametrize("key", SMALLEST)
def test_what_has_no_default_is_needed(key):
    with pytest.raises(ConfigError, match=f"^config: {key}: this key is required$"):
        complete({name: value for name, value in SMALLEST.items() if name != key}, SCHEMA)


def test_a_key_that_is_in_no_section_is_refused():
    with pytest.raises(ConfigError, match=r"^config: unknown: no such key"):
        complete(changed("unknown", 1), SCHEMA)
