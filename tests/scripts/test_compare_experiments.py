"""The program compare_experiments."""

import re
import shutil

import pytest
from results_folder import finish, write

import compare_experiments
from digits.core.errors import DataError

ONE = {
    (2, 16, 0, 5): {"accuracy": 0.7, "val_accuracy": 0.9, "cpu_seconds": 15.0, "score": 0.875},
    (3, 16, 0, 5): {"val_accuracy": 0.91},
    (3, 32, 0, 5): {},
}
OTHER = {
    (2, 16, 0, 5): {"accuracy": 0.7, "val_accuracy": 0.9125, "cpu_seconds": 10.5, "score": None},
    (3, 16, 0, 5): {"val_accuracy": None, "failed": "epoch 1: the loss is nan"},
    (4, 16, 0, 5): {},
    (5, 16, 0, 5): {},
}


@pytest.fixture
def results(tmp_path):
    finish(tmp_path / "one", ONE)
    finish(tmp_path / "other", OTHER, training={"epochs": 20}, design={"layers": [2, 3, 4, 5]})
    return tmp_path


def printed(capsys, results, *names, width=80) -> str:
    compare_experiments.main([*names, "--results", str(results)])
    text = capsys.readouterr().out
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text), "control codes"
    assert all(len(line) <= width for line in text.splitlines())
    return text.replace("\N{EN DASH}", "-").replace("\N{MINUS SIGN}", "-")


def fields(text: str) -> list[list[str]]:
    return [re.split(r" {2,}", line.strip()) for line in text.splitlines()]


def test_only_settings_that_differ_are_listed_old_and_new(results, capsys):
    text = printed(capsys, results, "one", "other")
    configuration = fields(text.split("\n\n")[0])
    assert configuration[0] == ["Configuration", "one", "other"]
    assert configuration[2:] == [
        ["design.layers", "2, 3", "2, 3, 4, 5"],
        ["training.epochs", "10", "20"],
    ]
    assert "Data: no differences" in text
    assert "Versions: no differences" in text


@pytest.mark.parametrize("width", [80, 160])
def test_results_stand_side_by_side_with_their_difference(results, capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    rows = fields(printed(capsys, results, "one", "other", width=width))
    found = [row for row in rows if row[:2] in (["2", "16"], ["3", "16"])]
    if width == 160:  # two tables side by side
        found = [row[:8] for row in found[:2]] + [row[8:] for row in found[:2]] + found[2:]
    assert found == [
        ["2", "16", "0.7000", "0.7000", "±0.0000", "0.9000", "0.9125", "+0.0125"],
        ["3", "16", "0.8000", "0.8000", "±0.0000", "0.9100", "-", "-"],
        ["2", "16", "0.9100", "0.9100", "±0.0000", "15.0", "10.5", "-4.5"],
        ["3", "16", "0.9100", "-", "-", "15.0", "15.0", "±0.0"],
        ["2", "16", "0.8750", "-", "-"],
        ["3", "16", "-", "-", "-"],
    ]


def test_wall_time_is_compared_where_either_ran_on_a_gpu(results, capsys):
    for name, gpu in (("first", {"device": "Tesla T4"}), ("second", {})):
        finish(results / name, {(2, 16, 0, 5): {"training_seconds": 171.0} | gpu})
    text = printed(capsys, results, "first", "second")
    assert "processor" not in text
    finish(results / "slow", {(2, 16, 0, 5): {"training_seconds": 180.0, "device": "Tesla T4"}})
    (row,) = [row for row in fields(printed(capsys, results, "first", "slow")) if "171.0" in row]
    assert row[-3:] == ["171.0", "180.0", "+9.0"]


def test_cells_of_one_only_are_named(results, capsys):
    text = printed(capsys, results, "one", "other").replace("\N{MULTIPLICATION SIGN}", "x")
    assert "Only in one: 3 x 32\n" in text
    assert "Only in other: 4 x 16 and 5 x 16\n" in text


def test_data_and_versions_that_differ_are_listed(results, capsys):
    facts = results / "other/data/facts.json"
    write(facts, facts.read_text().replace("a1a1", "c3c3").replace('"rows": 70', '"rows": 71'))
    for path in (results / "other").glob("cells/*/*/metrics.json"):
        write(path, path.read_text().replace("3.15.1", "3.16.0"))
    rows = fields(printed(capsys, results, "one", "other"))
    assert ["train.rows", "70", "71"] in rows
    assert ["train.sha256", "a1" * 8 + "…", "c3" * 8 + "…"] in rows
    assert ["keras", "3.15.1", "3.16.0"] in rows
    assert not any(row[0].startswith("test.") for row in rows)


def test_an_experiment_and_itself_or_a_copy_have_no_differences(results, capsys):
    assert printed(capsys, results, "one", "one") == "one and one: no differences\n"
    shutil.copytree(results / "one", results / "copy")
    assert printed(capsys, results, "one", "copy") == "one and copy: no differences\n"


def test_results_that_are_the_same_are_not_listed(results, capsys):
    finish(results / "longer", ONE, training={"epochs": 20})
    text = printed(capsys, results, "one", "longer")
    assert text.endswith("\nResults: no differences\n")


def test_what_a_file_says_is_no_markup_of_the_terminal(results, capsys):
    finish(results / "odd", ONE, dataset={"train": "[red]a[/] \x1b[31m.csv"})
    assert ["dataset.train", "a.csv", "[red]a[/] [31m.csv"] in fields(
        printed(capsys, results, "one", "odd")
    )


def test_an_unknown_name_is_reported(results):
    with pytest.raises(DataError, match="nope: no such experiment; found one, other"):
        compare_experiments.main(["one", "nope", "--results", str(results)])
