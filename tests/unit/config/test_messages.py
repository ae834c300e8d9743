"""Mistakes in a configuration: one line says what was expected, found and, if likely, meant."""

import datetime

import pytest
from configurations import changed, refusal

from digits.config.value_text import shown
from digits.config.yaml_files import check_file


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("augmentation.copeis", 3, "no such key; did you mean copies?"),
        ("desing", {}, "no such key; did you mean design?"),
        ("epochs", 3, "no such key; did you mean training.epochs?"),
        ("seed", 3, "no such key; did you mean cross_validation.seed or augmentation.seed?"),
        ("training.xyz", 1, "no such key; known keys are epochs, batch_size, optimizer, learn"),
        ("training.epochs", "3", "expected a whole number, found '3', which is text; write"),
        ("training.epochs", 0, "expected at least 1, found 0. Largest number of epochs."),
        ("training.batch_size", 1e30, "expected a whole number, found 1e+30. Images per step"),
        ("training.batch_size", 10**30, "expected at most 1000000, found 1000"),
        ("training.optimizer", "sdg", "expected one of ['sgd', 'adam', 'adamw', 'rmsprop'"),
        ("training.dropout", 1, "expected less than 1, found 1. Share of"),
        ("training.learning_rate", 0, "expected more than 0, found 0. Learning"),
        ("training.learning_rate", float("nan"), "expected a number, found nan. Learning"),
        ("training", None, "expected a section of keys, found null. How each network is trained."),
        ("design.layers", [2, 2], "expected each value once, found [2, 2]. Numbers of"),
        ("design.layers", [], "expected at least 1 value(s), found []. Numbers of"),
        ("dataset.image_shape", [1, 2, 3], "expected at most 2 value(s), found [1, 2, 3]. Hei"),
        ("design.nodes", 100, "expected a list, found 100. Numbers of nodes in each hidden"),
        ("dataset.train", "", "expected some text, found ''. Raw training images"),
        ("dataset.label", "a" * 1001, "expected at most 1000 characters, found 'aaa"),
        ("dataset.label", "\ud800", r"expected text without braces and control characters, fou"),
        (
            "dataset.test_labels",
            3,
            'expected text or null, found 3; put it in quotes in a file: "3"',
        ),
        ("dataset.classes", "ten", "expected a whole number or a list, found 'ten'. Number of"),
        ("dataset.classes", 1, "expected at least 2, found 1. Number of classes"),
        ("dataset.classes", ["A", "A"], "expected each value once, found ['A', 'A']. Number"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) and value.isprintable() else "",
)
def test_a_mistake_is_one_line_with_the_key_and_what_was_meant(path, value, expected):
    assert refusal(changed(path, value)).startswith(f"config: {path}: {expected}")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([2, 0], "design.layers.1: expected at least 1, found 0."),
        ([2, "3"], "design.layers.1: expected a whole number, found '3', which is text; write the"),
    ],
)
def test_an_item_of_a_list_is_named_by_its_place(value, expected):
    assert refusal(changed("design.layers", value)).startswith(f"config: {expected}")


def test_keys_that_are_no_texts_or_cannot_be_printed_are_shown_as_values():
    assert refusal(changed("a\nb", 3)).startswith(r"config: 'a\nb': no such key; known keys are")
    assert refusal(changed("training", {2: 3})).startswith("config: training.2: no such key; known")
    assert refusal(changed("training", {None: 3})).startswith("config: training.null: no such key;")


def test_of_several_mistakes_the_outer_one_is_named_and_an_unknown_key_first():
    config = {"experiment": 1, "dataset": {"train": "a", "tets": 1}, "training": {"epochs": 0}}
    assert refusal(config).startswith("config: dataset.tets: no such key; did you mean test?")
    del config["dataset"]["tets"]
    del config["dataset"]["train"]
    assert refusal(config) == "config: dataset.train: this key is required"
    config["dataset"]["train"] = "b"
    assert refusal(config).startswith("config: experiment: expected text, found 1")
    config["experiment"] = "own"
    assert refusal(config).startswith("config: training.epochs: expected at least 1, found 0")


PLAIN = {
    "0123": 83,
    "1_0": 10,
    "12:30": 750,
    "1.10": 1.1,
    ".nan": float("nan"),
    "yes": True,
    "2024-01-31": datetime.date(2024, 1, 31),
    "2024-01-31 10:00:00": datetime.datetime(2024, 1, 31, 10),
    "~": None,
}


def test_a_text_that_yaml_reads_otherwise_is_shown_in_quotes_as_it_was_written(tmp_path):
    path = tmp_path / "own.yaml"
    for text, value in PLAIN.items():
        path.write_text(f"experiment: {text}\ndataset:\n  test_labels: {text}\n")
        written = check_file(path)
        for key in ["experiment", "dataset.test_labels"]:
            if value is None and key != "experiment":
                continue
            told = refusal(changed(key, value), written)
            assert told.startswith(f"config: {key}: expected text"), told
            assert f'; put it in quotes: "{text}". ' in told


def test_a_label_that_yaml_reads_otherwise_is_shown_in_quotes_with_its_place(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("dataset:\n  classes: [y, n, yes, no]\n")
    assert refusal(changed("dataset.classes", ["y", "n", True, False]), check_file(path)) == (
        "config: dataset.classes.2: expected a whole number or text, found true; put it in quotes:"
        ' "yes".'
    )


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (2024, '; put it in quotes in a file: "2024"'),
        (datetime.date(2024, 1, 31), '; put it in quotes in a file: "2024-01-31"'),
        (True, "; put it in quotes in a file"),
        (None, ""),
        ([2024], ""),
        ({datetime.date(2024, 1, 31): 1}, ""),
    ],
)
def test_a_value_that_is_not_from_the_file_is_not_shown_as_the_file_has_it(value, hint):
    told = refusal(changed("experiment", value), {"experiment": "1999"})
    assert f"found {shown(value)}{hint}. Name" in told


def test_quotes_are_blamed_only_where_the_number_in_them_would_do():
    hint = ", which is text; write the number without quotes, 1e-3 as 0.001. "
    for key, value in [("training.epochs", "3"), ("training.dropout", "1e-3")]:
        assert hint in refusal(changed(key, value))
    others = {"training.epochs": ["3.5"], "training.dropout": ["nan", "1e999"]}
    for key, values in (others | {"training": ["3"], "design.layers": ["3"]}).items():
        for value in values:
            assert "quotes" not in refusal(changed(key, value)), (key, value)


def test_values_are_shown_as_yaml_writes_them_and_shortened():
    values = [None, True, {"a": False}, datetime.date(2024, 1, 31), "no"]
    assert shown(values) == "[null, true, {'a': false}, 2024-01-31, 'no']"
    assert shown(10**5000) == "a number of thousands of digits"
    assert len(shown(["a" * 70] * 9)) == 80
