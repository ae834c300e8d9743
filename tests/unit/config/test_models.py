"""Each key of the configuration: its description, default and range, and what it refuses."""

import datetime
import json

import pytest
from configurations import SMALLEST, changed, completed, refusal

from digits.config.json_schema import KINDS, items, kinds, schema
from digits.config.models import FACTOR

REQUIRED = {"experiment", "dataset.train"}
SECTIONS = {path: key for path, key in schema()["properties"].items() if "properties" in key}


def leaves(section=None, prefix=""):
    """Return every key that holds a value, by its path."""
    found = {}
    for name, key in (section or schema())["properties"].items():
        inner = leaves(key, f"{prefix}{name}.") if "properties" in key else {f"{prefix}{name}": key}
        found |= inner
    return found


KEYS = {path: key for path, key in leaves().items() if FACTOR not in key}


def test_every_key_has_a_description_and_but_for_two_a_default_that_is_valid():
    for path, key in KEYS.items():
        assert len(key["description"]) > 10, path
        assert ("default" in key) != (path in REQUIRED), path
    full = completed(SMALLEST)
    assert completed(full) == full


def test_every_number_has_a_range_and_every_text_a_length():
    for path, key in KEYS.items():
        for each in key.get("anyOf", [key]):
            if each.get("type") in {"integer", "number"}:
                assert {"minimum", "exclusiveMinimum"} & each.keys(), path
            elif each.get("type") == "string":
                assert {"maxLength", "enum", "const", "pattern"} & each.keys(), path


def test_an_unknown_key_is_refused_at_every_level():
    assert len(SECTIONS) == 6
    for path in ["copeis", *(f"{section}.copeis" for section in SECTIONS)]:
        assert refusal(changed(path, 3)).startswith(f"config: {path}: no such key; ")


def test_what_has_no_default_is_needed():
    for path in [*SMALLEST, "dataset.train"]:
        config = changed(path, None)
        section, _, key = path.rpartition(".")
        del (config[section] if section else config)[key]
        assert refusal(config) == f"config: {path}: this key is required"


WRONG = {
    "boolean": [None, "true", 0, 1, 1.5, ["a"], {"a": 1}],
    "integer": [None, "1", 1.5, 2.0, True, False, {"a": 1}, datetime.date(2024, 1, 31)],
    "number": [None, "0.1", True, float("nan"), float("inf"), -float("inf"), 10**400, [0.1], {}],
    "string": [5, True, 1.5, {"a": "b"}, datetime.date(2024, 1, 31), b"a"],
    "array": [None, "1", True, 1.0, {"a": 1}, (1, 2), {1, 2}],
    "object": [None, 5, True, "a", [], ["a"], {"unknown": 1}, {1: 2}, {None: 1}],
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_value_of_another_type_is_refused_in_one_line_with_the_key(kind):
    paths = [path for path, key in (KEYS | SECTIONS).items() if kind in kinds(key)]
    assert paths
    for path in paths:
        allowed = kinds((KEYS | SECTIONS)[path])
        for value in (each for each in WRONG[kind] if KINDS.get(type(each)) not in allowed):
            assert refusal(changed(path, value)).startswith(f"config: {path}"), (path, value)


def test_an_item_of_another_type_is_refused_with_its_place():
    lists = {path: items(key) for path, key in KEYS.items() if kinds(key) == ["array"]}
    paths = [path for path, item in lists.items() if item.get("type") == "integer"]
    assert len(paths) == 5
    for path in paths:
        for value in [None, "1", 1.5, 2.0, True, [1], {"a": 1}]:
            expected = f"config: {path}.1: expected a whole number, found "
            assert refusal(changed(path, [28, value])).startswith(expected), (path, value)


RANGES = {
    "dataset.image_shape": ([[1, 1], [256, 256]], [[], [28], [28, 28, 1], [0, 28], [28, 257]]),
    "dataset.classes": (
        [2, 256, [0, 1], list(range(256)), ["A", "b" * 60]],
        [1, 0, -1, 257, [], ["A"], list(range(257)), ["A", "b" * 61], ["A", ""], ["A", "all"]],
    ),
    "dataset.train": (
        [["a.csv"], ["a.csv", "c.csv"], {"images": "a", "labels": "c"}],
        [[], ["a.csv", 5], [""], ["a.csv"] * 501, {"images": "a"}, {"a": "b"}, {}],
    ),
    "dataset.test": ([["c.csv"], {"images": "c", "labels": "d"}], [[], [["a"]], ["c"] * 501]),
    "dataset.label": ([1, 10**6], [0, -1, 10**6 + 1]),
    "dataset.test_share": ([0, 0.0], [-0.1, 0.91, 1]),
    "dataset.channels": ([1], [0, 2, 4]),
    "dataset.submission.first": ([0, 10**9], [-1, 10**9 + 1]),
    "dataset.ignore": ([[], ["id"], [1, "id"]], [[0], [""], [None], [1.5]]),
    "dataset.pixel_range": ([[0, 16], [-1, 1], [0.0, 1]], [[0], [1, 0], [1, 1], [0, 1, 2], ["0"]]),
    "cross_validation.splits": ([2, 1000], [1, 0, 1001, 10**12]),
    "cross_validation.folds": ([[0], [0, 1, 2, 3, 4]], [[], [-1], [0, 0], [5]]),
    "cross_validation.seed": ([0, 2**32 - 1], [-1, 2**32]),
    "augmentation.copies": ([0, 100], [-1, 101]),
    "augmentation.translation": ([0, 0.0, 1], [-0.1, 1.1, 10**290]),
    "augmentation.rotation": ([0, 0.0, 1], [-0.1, 1.1]),
    "augmentation.zoom": ([0, 0.99], [-0.1, 1]),
    "augmentation.shear": ([0, 1], [-0.1, 1.1]),
    "augmentation.elastic_alpha": ([0, 10_000], [-1, 10_001]),
    "augmentation.elastic_sigma": ([0.1, 1000], [0, 0.09, 1001]),
    "augmentation.seed": ([0, 2**32 - 1], [-1, 2**32]),
    "design.layers": ([[1], [100]], [[], [0], [101], [2, 2]]),
    "design.nodes": ([[1], [15000]], [[], [0], [65537], [2, 2]]),
    "design.recipe": ([], [[], ["a", "a"], ["_"], ["a_b"], ["a" * 33]]),
    "design.exclude": ([[{"layers": 5}]], [[{"layers": 5}] * 501, [{"layers": [5]}], ["layers"]]),
    "design.seeds": ([[0], [2**32 - 1]], [[], [-1], [2**32], [2, 2]]),
    "training.epochs": ([1, 1_000_000], [0, -1, 1_000_001]),
    "training.batch_size": ([1, 1_000_000], [0, 1_000_001, 10**30]),
    "training.learning_rate": ([1e-300, 1e300], [0, -0.1]),
    "training.momentum": ([0, 0.99], [-0.1, 1]),
    "training.weight_decay": ([0, 1], [-0.1, 1.1]),
    "training.warm_up": ([0, 0.99], [-0.1, 1]),
    "training.final_factor": ([0, 1], [-0.1, 1.1]),
    "training.label_smoothing": ([0, 0.99], [-0.1, 1]),
    "training.ema_momentum": ([0, 0.99], [-0.1, 1]),
    "training.averaged_epochs": ([1, 1000], [0, 1001]),
    "training.dropout": ([0, 0.99], [-0.1, 1]),
    "training.stack": ([1, 1000, "auto"], [0, 1001, "all"]),
    "training.patience": ([1, 1_000_000], [0, 1_000_001]),
    "analysis.margin": ([1e-9, 0.99], [0, -0.1, 1]),
    "cache_size": ([1, 10**9], [0, -1]),
}


def test_a_level_of_a_factor_is_refused_where_the_key_itself_would_be():
    factors = {path for path, key in leaves().items() if FACTOR in key}
    assert "design.dropout" in factors
    assert not {"design.seed", "design.device", "design.stack"} & factors
    for path, (taken, refused) in RANGES.items():
        section, _, key = path.partition(".")
        if section in {"training", "augmentation"} and key not in {"seed", "stack"}:
            assert f"design.{key}" in factors
            completed(changed(f"design.{key}", taken[:1]))
            for level in refused:
                told = refusal(changed(f"design.{key}", [level]))
                assert told.startswith(f"config: design.{key}.0: expected "), told


def test_the_ranges_are_those_of_all_numbers_and_lists():
    numbers = {"integer", "number", "array"}
    assert RANGES.keys() == {path for path, key in KEYS.items() if numbers & {*kinds(key)}}


@pytest.mark.parametrize("path", RANGES)
def test_the_last_value_within_a_range_is_taken_as_it_is_and_the_next_refused(path):
    taken, refused = RANGES[path]
    for value in taken:
        full = completed(changed(path, value))
        for part in path.split("."):
            full = full[part]
        assert repr(full) == repr(value)  # 0 is not 0.0
    for value in refused:
        assert refusal(changed(path, value)).startswith(f"config: {path}"), value


CONTROL = ["\n", "a\n", "\0", "\x1b[31m", "\x7f", "\x85", "\u2028", "\ud800"]
TEXTS = ["dataset.train", "dataset.test", "dataset.test_labels", "published", "cache"]


def test_empty_and_long_texts_braces_and_control_characters_are_refused():
    for path in [*TEXTS, "dataset.label", "experiment"]:
        for value in ["", "a" * 1001, "{", "}", "a{b}", *CONTROL]:
            assert refusal(changed(path, value)).startswith(f"config: {path}: expected "), value


def test_the_longest_texts_are_taken():
    for path in [*TEXTS, "dataset.label"]:
        completed(changed(path, "a" * 1000))
    for value in ["a", "a" * 64, "0_.-"]:
        completed(changed("experiment", value))


def test_variables_of_snakemake_in_a_path_are_refused():
    expected = "expected a path without <…>, which Snakemake takes for a variable"
    for path in TEXTS:
        for value in ["<results>", "a<b>c", "<>"]:
            assert refusal(changed(path, value)).startswith(f"config: {path}: {expected}"), value
        for value in ["a < b", "a > b <"]:
            completed(changed(path, value))


def test_a_name_of_an_experiment_is_a_plain_name_of_a_folder():
    others = ["a" * 65, "a/b", "..", ".a", "-a", "a b", "ä", "benchmarks", "README.md"]
    for value in others:
        assert refusal(changed("experiment", value)).startswith(
            "config: experiment: expected a name of at most 64 letters, digits, _, . and -, a"
        )


def test_a_choice_is_one_of_those_named():
    choices = {path: key["enum"] for path, key in KEYS.items() if "enum" in key}
    assert choices.keys() == {
        "dataset.source", "dataset.header", "dataset.delimiter", "dataset.order",
        "augmentation.mode", "training.optimizer", "training.schedule",
        "training.averaging", "training.activation", "training.input_scaling", "training.device",
        "training.precision",
    }  # fmt: skip
    for path, known in choices.items():
        shown = [each if isinstance(each, str) else json.dumps(each) for each in known]
        other = f"{known[-1]}x"
        for value in [None, 5, 1.5, ["a"], "", other, "\ud800"]:
            expected = f"config: {path}: expected one of {shown}, found "
            assert refusal(changed(path, value)).startswith(expected), value


@pytest.mark.parametrize(
    ("section", "values", "told"),
    [
        ("training", {"optimizer": "adam", "momentum": 0.9},
         "training.momentum: expected 0, as training.optimizer is adam, found 0.9"),
        ("training", {"optimizer": "rmsprop", "momentum": 0.5, "nesterov": True},
         "training.nesterov: expected false, as training.optimizer is rmsprop, found true"),
    ],
)  # fmt: skip
def test_what_cannot_be_built_is_refused(section, values, told):
    assert refusal(changed(section, values)) == f"config: {told}"


@pytest.mark.parametrize(
    "values",
    [
        {"momentum": 0.9, "nesterov": True},
        {"nesterov": True},
        {"optimizer": "rmsprop", "momentum": 0.5},
        {"warm_up": 0.3, "final_factor": 0.1},
        {"weight_decay": None},
    ],
)
def test_what_a_crossed_design_may_contain_is_taken(values):
    completed(changed("training", values))


def test_folds_are_below_the_number_of_splits():
    assert refusal(changed("cross_validation", {"splits": 3, "folds": [0, 3]})) == (
        "config: cross_validation.folds: expected 0 to 2, as cross_validation.splits is 3, found 3"
    )
    assert refusal(changed("cross_validation", {"splits": 1, "folds": [9]})).startswith(
        "config: cross_validation.splits: expected at least 2"
    )


def test_a_design_of_too_many_trials_is_refused_with_their_product():
    assert refusal(changed("design.seeds", [*range(334)])) == (
        "config: design: expected at most 2,000 trials, found 2,004: 3 design.layers x 2"
        " design.nodes x 334 design.seeds"
    )
    completed(changed("design.seeds", [*range(333)]))


def test_a_network_of_too_many_weights_is_refused():
    assert refusal(changed("design.nodes", [20, 20000])) == (
        "config: design: expected at most 1,000,000,000 weights in a network, found"
        " 1,615,680,000: 5 layers of 20000 nodes"
    )


DEMO = {
    "source": "demo",
    "train": "data/demo/a.csv",
    "test": "data/demo/b.csv",
    "test_labels": "data/demo/c.csv",
}
WRITTEN = "expected a .csv in data/demo/, which the demo writes, found "


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("train", "data/demo/../a.csv", WRITTEN),
        ("train", "data/demo/a.csv.gz", WRITTEN),
        ("train", "data/demo/b.csv/a.csv", WRITTEN),
        ("test_labels", None, f"{WRITTEN}null"),
        ("test_labels", "data/demo/a.csv", "expected another file than for dataset.train, found"),
        ("channels", 3, "expected 1, as dataset.source is demo, found 3"),
        ("competition", "some", "expected null, as dataset.source is demo, found some"),
        ("classes", 5, "expected 10, as dataset.source is demo, found 5"),
        ("image_shape", [8, 8], "expected [28, 28], as dataset.source is demo, found [8, 8]"),
        ("label", "digit", "expected label, as dataset.source is demo, found digit"),
    ],
)
def test_what_does_not_fit_the_demo_is_refused(key, value, expected):
    demo = changed("dataset", DEMO)
    completed(demo)
    told = refusal(changed(f"dataset.{key}", value, demo))
    assert told.startswith(f"config: dataset.{key}: {expected}")
