"""Files that stand for two keys, and paths among the results, are refused."""

import os

import pytest
from test_configuration import SCHEMA, changed

from digits.config.configuration import complete
from digits.core.errors import ConfigError


def refusal(config):
    with pytest.raises(ConfigError) as raised:
        complete(config, SCHEMA)
    assert str(raised.value).isprintable()
    return str(raised.value)


@pytest.mark.parametrize("path", ["./b.csv", "x/../b.csv", ".//b.csv", "b.csv.gz", "{here}/b.csv"])
@pytest.mark.parametrize("key", ["train", "test_labels"])
def test_a_file_that_stands_for_two_keys_is_told_however_it_is_written(key, path):
    path = path.replace("{here}", os.getcwd())  # noqa: PTH109 - as a user would type it
    told = refusal(changed(f"dataset.{key}", path))
    key, other = {"train": ("test", "train")}.get(key, (key, "test"))
    assert told.startswith(f"config: dataset.{key}: expected another file than for dataset.{other}")


@pytest.mark.parametrize("key", ["train", "test", "test_labels"])
@pytest.mark.parametrize(
    "path", ["results/own/data/train.parquet", "./results//own", "x/../results/own/a.zip::b.csv"]
)
def test_raw_files_among_the_results_are_refused(key, path):
    told = refusal(changed(f"dataset.{key}", path))
    assert told.startswith(f"config: dataset.{key}: expected a path outside results/own/, which")


@pytest.mark.parametrize("key", ["published", "cache"])
def test_folders_among_the_results_are_refused(key):
    told = refusal(changed(key, "results/own/tables"))
    assert told.startswith(f"config: {key}: expected a path outside results/own/, which the")


@pytest.mark.parametrize("path", ["results/other/a.csv", "results/own.csv", "results/owner/a.csv"])
def test_other_paths_below_results_are_taken(path):
    complete(changed("dataset.train", path), SCHEMA)


@pytest.mark.parametrize("key", ["dataset.train", "dataset.test_labels", "published", "cache"])
def test_a_path_may_begin_with_the_home_folder(key, monkeypatch):
    monkeypatch.setenv("HOME", "/users/ann")
    config = changed(key, "~/mine/a.zip::~b.csv")
    complete(config, SCHEMA)
    section, _, name = key.rpartition(".")
    assert (config[section] if section else config)[name] == "/users/ann/mine/a.zip::~b.csv"


def test_a_home_folder_that_nobody_has_is_refused():
    assert refusal(changed("dataset.train", "~no-such-user/a.csv")) == (
        "config: dataset.train: expected a home folder that is known, found"
        " '~no-such-user/a.csv'; write the whole path"
    )


def test_two_names_of_one_file_in_the_home_folder_are_refused(monkeypatch):
    monkeypatch.setenv("HOME", "/users/ann")
    config = changed("dataset.train", "~/a.csv")
    config["dataset"]["test"] = "/users/ann/a.csv"
    assert refusal(config).startswith("config: dataset.test: expected another file than for")
