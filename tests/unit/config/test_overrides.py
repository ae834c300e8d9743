"""What stands behind --config arrives in the types of the models."""

import json

import pytest
from configurations import SMALLEST, refusal
from hypothesis import given
from hypothesis import strategies as st
from snakemake.cli import parse_config

from digits.config.overrides import convert


def typed(*arguments):
    """What is in force after Snakemake has read the arguments of --config."""
    given_values = parse_config(arguments)
    config = json.loads(json.dumps(given_values))
    convert(config, given_values)
    return config


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("training={epochs: 2}", {"training": {"epochs": 2}}),
        ("training={learning_rate: 1e-3}", {"training": {"learning_rate": 0.001}}),
        (
            "training={dropout: 0, optimizer: adam}",
            {"training": {"dropout": 0, "optimizer": "adam"}},
        ),
        ("design={layers: [1, 2], seeds: [7]}", {"design": {"layers": [1, 2], "seeds": [7]}}),
        ("dataset={classes: 3}", {"dataset": {"classes": 3}}),
        ("dataset={classes: [A, 7]}", {"dataset": {"classes": ["A", 7]}}),
        ("dataset={test_labels: null}", {"dataset": {"test_labels": None}}),
        ("dataset={label: 7, train: 5}", {"dataset": {"label": 7, "train": "5"}}),
        ("published=null", {"published": None}),
        ("published=folder", {"published": "folder"}),
        ("experiment=other", {"experiment": "other"}),
        ("experiment=2024", {"experiment": "2024"}),
        ("experiment=2024-01-31", {"experiment": "2024-01-31"}),
    ],
)
def test_values_are_converted_as_the_models_say(argument, expected):
    assert typed(argument) == expected


@pytest.mark.parametrize("value", ["two", "nan", "inf", "[", "1.5"])
def test_what_is_no_value_of_the_key_is_left_for_the_models_to_refuse(value):
    told = refusal(SMALLEST | typed(f"training={{epochs: '{value}'}}"))
    assert told.startswith("config: training.epochs: expected a whole number")


def test_only_what_stood_on_the_command_line_is_converted():
    config = {"training": {"epochs": "3", "patience": "4"}}
    convert(config, {"training": {"epochs": "3"}})
    assert config == {"training": {"epochs": 3, "patience": "4"}}


def test_an_unknown_key_is_left_for_the_models_to_refuse():
    assert typed("trianing={epochs: 2}") == {"trianing": {"epochs": "2"}}
    assert typed("training=5") == {"training": 5}


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "epochs": st.integers(1, 10**6),
            "learning_rate": st.floats(1e-9, 1e6),
            "dropout": st.floats(0, 0.99),
            "device": st.sampled_from(["auto", "cpu", "gpu"]),
        },
    ),
    st.lists(st.integers(1, 100), min_size=1, unique=True),
)
def test_any_section_arrives_as_it_was_meant(training, layers):
    arguments = [f"training={json.dumps(training)}", f"design={json.dumps({'layers': layers})}"]
    assert typed(*arguments) == {"training": training, "design": {"layers": layers}}
