"""A configuration as a whole: completed in place, or refused in one line that names the key."""

import re
from pathlib import Path

import pytest
import yaml
from configurations import SMALLEST, changed, completed, refusal
from hypothesis import given, settings
from hypothesis import strategies as st

from digits.config.configuration import check, check_resolved, complete
from digits.config.json_schema import schema
from digits.core.errors import ConfigError, DataError
from digits.core.intermediate_files import ADVICE

ROOT = Path(__file__).parents[3]


def test_defaults_are_filled_in_at_every_level_and_what_is_given_is_kept():
    config = completed(changed("training.epochs", 3))
    assert config["training"]["epochs"] == 3
    assert config["training"]["dropout"] == 0.2
    design = {"layers": [2, 3, 5], "nodes": [100, 200], "seeds": [422], "exclude": []}
    assert config["design"] == design
    assert config["dataset"]["test_labels"] is None
    assert (config["published"], config["cache"], config["cache_size"]) == (None, ".cache", 2000)
    config["design"]["layers"].append(7)
    assert completed(SMALLEST)["design"]["layers"] == [2, 3, 5]


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
    for section, part in schema()["properties"].items()
    for key in part.get("properties", {})
] + list(schema()["properties"])


@given(st.sampled_from(PATHS), VALUES)
@settings(max_examples=250, deadline=None)
def test_any_value_is_accepted_or_refused_with_the_key(path, value):
    try:
        complete(changed(path, value))
    except ConfigError as error:
        assert re.match(rf"config: {re.escape(path.split('.')[0])}", str(error))
        assert len(str(error).splitlines()) == 1


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("dataset.train", "https://someone:canary@host/train.csv"),
        ("cache", "https://host/cache?token=canary"),
        ("training", "ftp://canary"),
        ("design.layers", ["x://canary"]),
        ("unknown", {"inner": "x://canary"}),
        ("dataset.train", "someone:canary@host:train.csv"),
        ("dataset.test_labels", "someone:can/ary canary@host/answers.csv"),
    ],
)
def test_an_address_is_refused_without_showing_what_it_holds(path, value):
    told = refusal(changed(path, value))
    assert re.match(rf"config: {path}\S*: expected no address", told)
    assert "canary" not in told


@pytest.mark.parametrize("path", ["raw/a.zip::b@c.csv", "a.zip::b@c.csv", "a@b.csv", "a:b.csv"])
def test_a_path_that_looks_a_little_like_an_address_is_taken(path):
    completed(changed("dataset.train", path))


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
def test_what_is_endless_deep_or_wide_is_refused(value):
    for key in ["experiment", "training", "training.epochs", "design.layers", "x"]:
        assert refusal(changed(key, value)) == (
            f"config: {key.split('.')[0]}: expected at most 10,000 values, 8 levels deep, found"
            " more"
        )


def test_a_number_too_large_to_be_shown_is_refused():
    for value in [10**400, 10**5000, [-(10**400)]]:
        assert re.fullmatch(
            r"config: training.learning_rate(.0)?: expected a number of fewer than 300 digits",
            refusal(changed("training.learning_rate", value)),
        )


def test_a_run_is_checked_with_its_files_and_its_command_line(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("experiment: 0123\n")
    config = SMALLEST | {"training": {"epochs": "3"}}
    check(config, [path], {"training": {"epochs": "3"}})
    assert config["training"]["epochs"] == 3
    with pytest.raises(ConfigError, match='put it in quotes: "0123"'):
        check(SMALLEST | {"experiment": 83}, [path], {})
    path.write_text("experiment: a\nexperiment: b\n")
    with pytest.raises(ConfigError, match=r"own\.yaml, line 2: experiment: this key appears twice"):
        check(dict(SMALLEST), [path], {})


def test_a_resolved_configuration_is_complete_and_valid():
    full = completed(SMALLEST)
    check_resolved(Path("config.yaml"), full)
    assert full == completed(SMALLEST)
    end = ADVICE
    lacking = {key: value for key, value in full.items() if key != "cache_size"}
    with pytest.raises(DataError, match=f"^config.yaml: lacks the key cache_size{end}$"):
        check_resolved(Path("config.yaml"), lacking)
    del full["training"]["epochs"]
    with pytest.raises(DataError, match=f"^config.yaml: lacks the key training.epochs{end}$"):
        check_resolved(Path("config.yaml"), full)
    full["training"]["epochs"] = 0
    expected = f"^config.yaml: training.epochs: expected at least 1, found 0.*{end}$"
    with pytest.raises(DataError, match=expected):
        check_resolved(Path("config.yaml"), full)


RECIPES = sorted((ROOT / "config/recipes").glob("*.yaml"))


def merged(config, changes):
    """Add the keys of a second file, section by section, as Snakemake does."""
    both = config | changes
    for section in config.keys() & changes.keys():
        if isinstance(config[section], dict):
            both[section] = config[section] | changes[section]
    return both


@pytest.mark.parametrize("name", ["config.yaml", "kaggle.yaml"])
def test_shipped_files_are_valid_and_what_they_leave_out_has_its_default(name):
    config = yaml.safe_load((ROOT / "config" / name).read_text())
    full, defaults = completed(config), completed(SMALLEST)
    for section, values in full.items():
        stated = config.get(section, {})
        if isinstance(values, dict):
            assert values == defaults[section] | stated
        else:
            assert values == config.get(section, defaults[section])


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_states_what_differs_from_the_reference_experiment_and_nothing_else(path):
    reference = yaml.safe_load((ROOT / "config/kaggle.yaml").read_text())
    recipe = yaml.safe_load(path.read_text())
    full = completed(merged(reference, recipe))
    for section in ("training", "augmentation"):
        before = completed(reference)[section]
        for key, value in recipe.get(section, {}).items():
            assert full[section][key] == value != before[key]
    for key in ("dataset", "cross_validation", "published"):
        assert full[key] == completed(reference)[key]


def test_the_fast_and_the_best_recipe_are_for_the_networks_of_the_reference_experiment():
    fast, best = (
        yaml.safe_load((ROOT / f"config/recipes/{name}.yaml").read_text())
        for name in ("fast", "best")
    )
    assert fast.keys() == best.keys() == {"experiment", "augmentation", "training"}


def test_the_defaults_are_those_of_the_reference_experiment():
    reference = yaml.safe_load((ROOT / "config" / "kaggle.yaml").read_text())
    assert (ROOT / reference["published"] / "results.csv").is_file()
    assert (ROOT / reference["published"] / "history.csv").is_file()
    own = completed(
        {key: reference[key] for key in ("experiment", "published")}
        | {"dataset": {key: reference["dataset"][key] for key in ("train", "test")}}
    )
    # Where the files are to be had is for the reference experiment only.
    reference["dataset"] |= {"source": "files", "competition": None}
    assert own == completed(reference)
