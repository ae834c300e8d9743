"""What differs between two experiments, and what does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from results_folder import finish

from digits.core.errors import DataError
from digits.monitor.comparison import differing
from digits.monitor.experiments import flatten, read_experiment

TEXTS = st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=4)


def test_nested_settings_are_written_by_dotted_path_and_null_is_left_out():
    settings = {"a": {"b": [1, 2], "c": None, "d": {"e": "x\ny"}}, "f": False, "g": {}}
    assert flatten(settings) == {"a.b": "1, 2", "a.d.e": "x y", "f": "False"}


@given(TEXTS, TEXTS)
def test_what_differs_is_all_that_has_to_be_changed_to_get_from_one_to_the_other(first, second):
    changed = dict(first)
    for key, (old, new) in differing(first, second).items():
        assert first.get(key) == old != new
        if new is None:
            del changed[key]
        else:
            changed[key] = new
    assert changed == second


def test_an_experiment_is_read_with_the_means_of_its_cells(tmp_path):
    trials = {
        (2, 16, 0, 5): {"val_accuracy": 0.9, "score": 0.5, "processor": "EPYC"},
        (2, 16, 0, 6): {"val_accuracy": 0.8, "score": 0.5, "versions": {"keras": "3.14"}},
        (3, 16, 0, 5): {"val_accuracy": None, "failed": "epoch 1: the loss is nan"},
    }
    read = read_experiment(finish(tmp_path / "small", trials))
    assert read.name == "small"
    assert read.results["val_accuracy"][0] == pytest.approx(0.85)
    assert read.results["score"][0] == 0.5
    assert [(each["layers"], each["nodes"]) for each in read.settings] == [(2, 16), (3, 16)]
    assert read.results["val_accuracy"].isna().tolist() == [False, True]
    assert read.config["augmentation.rotation"] == "0.05"
    assert "experiment" not in read.config
    assert read.data["train.sha256"] == "a1" * 32
    assert "train.labels.0" not in read.data
    assert read.versions == {
        "keras": "3.14, 3.15.1",
        "python": "3.11.7",
        "device": "CPU",
        "processor": "EPYC",
    }


@pytest.mark.parametrize("name", ["config.yaml", "data/facts.json", "tables/results.csv"])
def test_an_unfinished_experiment_is_reported_in_a_line(tmp_path, name):
    folder = finish(tmp_path / "small", {(2, 16, 0, 5): {}})
    (folder / name).unlink()
    with pytest.raises(DataError) as raised:
        read_experiment(folder)
    assert str(raised.value) == (
        f"{folder / name}: does not exist yet; run the experiment to its end first"
    )


def test_a_missing_experiment_is_reported_with_those_that_exist(tmp_path):
    with pytest.raises(DataError, match="nope: no such experiment; there are none yet"):
        read_experiment(tmp_path / "nope")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "README.md").write_text("")
    with pytest.raises(DataError, match=r"nope: no such experiment; found one, two$"):
        read_experiment(tmp_path / "nope")
