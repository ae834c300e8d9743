"""Mistakes in a configuration: what was meant, what clashes, what stands twice, what never ends."""

import datetime

import pytest
from test_configuration import SCHEMA, changed

from digits.config.configuration import complete
from digits.config.messages import shown
from digits.config.yaml_files import check_file
from digits.core.errors import ConfigError


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("dataset.label", "\ud800", "dataset.label: expected text without braces and co"),
        ("dataset.label", "a\u2028b", "dataset.label: expected text without braces and co"),
        (
            "dataset.train",
            "a" * 1001,
            "dataset.train: expected at most 1000 characters, found 'aaa",
        ),
        ("dataset.train", "b.csv", "dataset.test: expected another file than for dataset.train"),
        ("epochs", 3, "epochs: no such key; did you mean training.epochs?"),
        ("seed", 3, "seed: no such key; did you mean cross_validation.seed or augmentation.seed?"),
        ("a\nb", 3, r"'a\nb': no such key; known keys are"),
        (
            "training.optimizer",
            "Adam",
            "training.optimizer: expected one of ['sgd', 'adam', 'adamw'",
        ),
        (
            "training.learning_rate",
            "1e-3",
            "training.learning_rate: expected a number, found '1e-3',",
        ),
        (
            "training.learning_rate",
            10**400,
            "training.learning_rate: expected a number of fewer than 300 digits",
        ),
        (
            "training.learning_rate",
            10**5000,
            "training.learning_rate: expected a number of fewer than 300 digits",
        ),
        (
            "training.batch_size",
            10**30,
            "training.batch_size: expected at most 1000000, found 1000",
        ),
        ("training.batch_size", 1e30, "training.batch_size: expected a whole number, found 1e+30"),
        (
            "cross_validation.splits",
            10**12,
            "cross_validation.splits: expected at most 1000, found",
        ),
        (
            "design.seeds",
            [*range(334)],
            "design: expected at most 2,000 trials, found 2,004: 334 d",
        ),
        (
            "design.nodes",
            [20000],
            "design: expected at most 1,000,000,000 weights in a network, fou",
        ),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) and value.isprintable() else "",
)
def test_a_mistake_is_told_with_what_was_meant(path, value, expected):
    with pytest.raises(ConfigError) as raised:
        complete(changed(path, value), SCHEMA)
    assert str(raised.value).startswith(f"config: {expected}")
    assert len(str(raised.value).splitlines()) == 1


PLAIN = {
    "2024": 2024,
    "0123": 83,
    "1_0": 10,
    "12:30": 750,
    "1.10": 1.1,
    ".nan": float("nan"),
    "yes": True,
    "Off": False,
    "2024-01-31": datetime.date(2024, 1, 31),
    "2024-01-31 10:00:00": datetime.datetime(2024, 1, 31, 10),
    "null": None,
    "~": None,
}


@pytest.mark.parametrize("text", PLAIN)
@pytest.mark.parametrize("key", ["experiment", "dataset.label", "dataset.train", "cache"])
def test_a_text_that_yaml_reads_otherwise_is_shown_in_quotes_as_it_was_written(tmp_path, text, key):
    if (key, PLAIN[text]) == ("cache", None):
        return
    path = tmp_path / "own.yaml"
    *section, name = key.split(".")
    path.write_text("".join(f"{each}:\n  " for each in section) + f"{name}: {text}\n")
    with pytest.raises(ConfigError, match=rf"^config: {key}: expected text") as raised:
        complete(changed(key, PLAIN[text]), SCHEMA, check_file(path))
    assert f'; put it in quotes: "{text}". ' in str(raised.value)
    assert str(raised.value).isprintable()


def test_a_label_that_yaml_reads_otherwise_is_shown_in_quotes_with_its_place(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("dataset:\n  classes: [y, n, yes, no]\n")
    with pytest.raises(ConfigError) as raised:
        complete(changed("dataset.classes", ["y", "n", True, False]), SCHEMA, check_file(path))
    assert str(raised.value) == (
        "config: dataset.classes.2: expected a whole number or text, found true; put it in quotes:"
        ' "yes".'
    )


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (2024, '; put it in quotes in a file: "2024"'),
        (datetime.date(2024, 1, 31), '; put it in quotes in a file: "2024-01-31"'),
        (True, "; put it in quotes in a file"),
        (1.5, "; put it in quotes in a file"),
        (None, ""),
        ([2024], ""),
        ({datetime.date(2024, 1, 31): 1}, ""),
    ],
)
def test_a_value_that_is_not_from_the_file_is_not_shown_as_the_file_has_it(value, hint):
    with pytest.raises(ConfigError) as raised:
        complete(changed("experiment", value), SCHEMA, {"experiment": "1999"})
    assert f"found {shown(value)}{hint}. Name" in str(raised.value)


@pytest.mark.parametrize(
    ("key", "value", "hinted"),
    [
        ("training.epochs", "3", True),
        ("training.dropout", "1e-3", True),
        ("training.epochs", "3.5", False),
        ("training.dropout", "nan", False),
        ("training.dropout", "1e999", False),
        ("training", "3", False),
        ("design.layers", "3", False),
    ],
)
def test_quotes_are_blamed_only_where_the_number_in_them_would_do(key, value, hinted):
    with pytest.raises(ConfigError) as raised:
        complete(changed(key, value), SCHEMA)
    assert ("; write the number without quotes" in str(raised.value)) is hinted


def test_values_are_shown_as_yaml_writes_them():
    values = [None, True, {"a": False}, datetime.date(2024, 1, 31), "no"]
    assert shown(values) == "[null, true, {'a': false}, 2024-01-31, 'no']"


def test_values_that_are_not_in_quotes_are_given_as_they_are_written(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("a: yes\nb: {c: [0123, 'x', [1_0]]}\nd: '2024'\ne:\nf: &f on\ng: *f\n")
    assert check_file(path) == {
        "a": "yes", "b.c.0": "0123", "b.c.2.0": "1_0", "e": "", "f": "on", "g": "on"
    }  # fmt: skip


DEMO = {
    "source": "demo",
    "train": "data/demo/a.csv",
    "test": "data/demo/b.csv",
    "test_labels": "data/demo/c.csv",
}


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        (
            "train",
            "data/demo/../a.csv",
            "expected a .csv in data/demo/, which the demo writes, found",
        ),
        (
            "train",
            "data/demo/a.csv.gz",
            "expected a .csv in data/demo/, which the demo writes, found",
        ),
        ("train", "data/demo/b.csv/a.csv", "expected a .csv in data/demo/, which the demo writes"),
        ("test_labels", None, "expected a .csv in data/demo/, which the demo writes, found null"),
        ("test_labels", "data/demo/a.csv", "expected another file than for dataset.train, found"),
        ("classes", 5, "expected 10, as dataset.source is demo, found 5"),
        ("image_shape", [8, 8], "expected [28, 28], as dataset.source is demo, found [8, 8]"),
        ("label", "digit", "expected label, as dataset.source is demo, found digit"),
    ],
)
def test_what_does_not_fit_the_demo_is_told(key, value, expected):
    complete({"experiment": "a", "dataset": dict(DEMO)}, SCHEMA)
    with pytest.raises(ConfigError) as raised:
        complete({"experiment": "a", "dataset": DEMO | {key: value}}, SCHEMA)
    assert str(raised.value).startswith(f"config: dataset.{key}: {expected}")


def deep(levels, width):
    value = []
    for _ in range(levels):
        value = [value] * width
    return value


def endless():
    value = {}
    value["a"] = value
    return value


@pytest.mark.parametrize("value", [deep(100_000, 1), deep(7, 9), endless(), [1] * 10_001])
@pytest.mark.parametrize("key", ["experiment", "training", "training.epochs", "design.layers", "x"])
def test_what_is_endless_deep_or_wide_is_refused(key, value):
    with pytest.raises(ConfigError) as raised:
        complete(changed(key, value), SCHEMA)
    assert str(raised.value) == (
        f"config: {key.split('.')[0]}: expected at most 10,000 values, 8 levels deep, found more"
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("experiment: a\nexperiment: b\n", "line 2: experiment"),
        ("a:\n  b: 1\n  c: 2\nd:\n  b: 1\n  b: 1\n", "line 6: d.b"),
        ('{"a": {"b": 1,\n "b": 2}}', "line 2: a.b"),
        ("x: {1: 2, 1: 3}", "line 1: x.1"),
    ],
)
def test_a_key_that_stands_twice_in_a_file_is_told_with_its_line(tmp_path, text, fault):
    path = tmp_path / "own.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as raised:
        check_file(path)
    assert str(raised.value) == f"{path}, {fault}: this key appears twice; remove one of them"


def test_a_key_that_stands_twice_in_json_that_is_no_yaml_is_told(tmp_path):
    path = tmp_path / "own.json"
    path.write_text('{\t"a": {"b": 1,\t"b": 2}}')
    with pytest.raises(ConfigError) as raised:
        check_file(path)
    assert str(raised.value) == f"{path}: b: this key appears in a section twice"


@pytest.mark.parametrize("text", ["a: 1\n__use_yte__: true\n", '{"a": 1,\n"__use_yte__": false}'])
def test_a_key_that_lets_the_file_run_code_is_refused(tmp_path, text):
    path = tmp_path / "own.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as raised:
        check_file(path)
    expected = "expected no key that lets the file run code; remove it"
    assert str(raised.value) == f"{path}, line 2: __use_yte__: {expected}"


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        "\t" + "[" * 100_000,
        "a: {b: 1}\nc: {b: 1}\n",
        "a: &x {b: 1}\nc: {<<: *x, b: 2}\n",
        "a: &x {b: *x}\n",
        "",
        "- a\n- a\n",
        "a: [",
        '{\t"a": 1}',
        "ä",
    ],
)
def test_any_other_file_is_left_to_snakemake(tmp_path, text):
    path = tmp_path / "own.yaml"
    path.write_bytes(text.encode("latin-1"))
    check_file(path)
    check_file(tmp_path / "none.yaml")
