"""Paths: none stands for two keys or lies among the results; a home folder is put in place."""

import os

import pytest
import yaml
from configurations import changed, completed, refusal

PATHS = ["dataset.train", "dataset.test", "dataset.test_labels", "published", "cache"]


@pytest.mark.parametrize("path", ["./b.csv", "x/../b.csv", ".//b.csv", "b.csv.gz", "{here}/b.csv"])
def test_a_file_for_two_keys_is_refused_however_it_is_written(path):
    path = path.replace("{here}", os.getcwd())  # noqa: PTH109 - as a user would type it
    for key, at_fault, other in [
        ("train", "test", "train"),
        ("test_labels", "test_labels", "test"),
    ]:
        assert refusal(changed(f"dataset.{key}", path)).startswith(
            f"config: dataset.{at_fault}: expected another file than for dataset.{other}, found "
        )


@pytest.mark.parametrize("key", PATHS)
def test_paths_among_the_results_are_refused(key):
    for path in ["results/own/tables", "./results//own", "x/../results/own/a.zip::b.csv"]:
        expected = f"config: {key}: expected a path outside results/own/, which the workflow writes"
        assert refusal(changed(key, path)).startswith(expected)
    for path in ["results/other/a.csv", "results/own.csv", "results/owner/a.csv"]:
        completed(changed(key, path))


@pytest.mark.parametrize("key", PATHS)
def test_a_path_may_begin_with_the_home_folder(key, monkeypatch):
    monkeypatch.setenv("HOME", "/users/ann")
    config = completed(changed(key, "~/mine/a.zip::~b.csv"))
    section, _, name = key.rpartition(".")
    assert (config[section] if section else config)[name] == "/users/ann/mine/a.zip::~b.csv"


def test_a_home_folder_that_nobody_has_is_refused():
    assert refusal(changed("dataset.train", "~no-such-user/a.csv")) == (
        "config: dataset.train: expected a home folder that is known, found"
        " '~no-such-user/a.csv'; write the whole path"
    )


def test_two_names_of_one_file_in_the_home_folder_are_refused(monkeypatch):
    monkeypatch.setenv("HOME", "/users/ann")
    config = changed("dataset.test", "/users/ann/a.csv", changed("dataset.train", "~/a.csv"))
    assert refusal(config).startswith("config: dataset.test: expected another file than for")


def test_the_files_of_a_list_and_of_images_with_labels_are_files_too():
    for train in (["c.csv", "b.csv"], {"images": "c.csv", "labels": "b.csv"}):
        told = refusal(changed("dataset.train", train))
        assert told.startswith("config: dataset.test: expected another file than for dataset.train")
        inside = str(train).replace("c.csv", "results/own/c.csv").replace("b.csv", "d.csv")
        told = refusal(changed("dataset.train", yaml.safe_load(inside)))
        assert told.startswith("config: dataset.train: expected a path outside results/own/")


def test_an_archive_of_arrays_may_hold_both_parts():
    config = changed("dataset.test", "mnist.npz", changed("dataset.train", "mnist.npz"))
    assert completed(config)["dataset"]["test"] == "mnist.npz"


def test_labels_without_a_test_set_are_refused():
    config = changed("dataset.test_labels", "c.csv", changed("dataset.test", None))
    assert refusal(config) == (
        "config: dataset.test_labels: expected null, as there is no dataset.test, found 'c.csv'"
    )


def test_csv_is_an_old_name_of_files():
    assert completed(changed("dataset.source", "csv"))["dataset"]["source"] == "files"


def test_a_share_is_held_out_only_where_there_is_no_test_set():
    config = changed("dataset.test_share", 0.2)
    told = "config: dataset.test_share: expected 0, as there is a dataset.test, found 0.2"
    assert refusal(config) == told
    assert completed(changed("dataset.test", None, config))["dataset"]["test_share"] == 0.2


def test_what_concerns_colours_is_refused_of_grey_images():
    told = refusal(changed("dataset.to_gray", True))
    assert told == "config: dataset.to_gray: expected false, as dataset.channels is 1, found true"
    told = refusal(changed("dataset.order", "planes"))
    expected = "config: dataset.order: expected rows or columns, as dataset.channels is 1, found "
    assert told == f"{expected}planes"
    assert refusal(changed("dataset.channels", 2)).endswith("channels: expected 1 or 3, found 2")
    assert "channels: expected at most 3, found 4" in refusal(changed("dataset.channels", 4))
    for key, value in (("channels", 3), ("to_gray", True), ("order", "planes")):
        completed(changed(f"dataset.{key}", value, changed("dataset.channels", 3)))


def test_the_size_of_a_network_counts_each_value_of_a_pixel():
    large = changed("dataset.image_shape", [256, 256], changed("design.nodes", [8000]))
    completed(large)
    told = refusal(changed("dataset.channels", 3, large))
    assert told.startswith("config: design: expected at most")
    completed(changed("dataset.to_gray", True, changed("dataset.channels", 3, large)))
