"""The program write_design."""

import json

import pytest
from made_trials import MIXED

import write_design
from digits.core.design import Design, read_design
from digits.core.errors import DataError

TEXTS = Design({"kind": ("none", "007", "gr\xfc\xdfe, 'so'", "true")}, folds=(2, 0), seeds=(7, 1))


def written(folder, design):
    write_design.main([f"--design={design}", f"--output={folder}/out/design.json"])
    return folder / "out/design.json"


@pytest.mark.parametrize("design", [MIXED, TEXTS], ids=["excluded cell", "texts"])
def test_the_design_is_read_from_the_file_as_it_was_given(tmp_path, design):
    found = read_design(written(tmp_path, design.as_text()))
    assert found == design
    assert (found.kinds, found.cells) == (design.kinds, design.cells)


def test_the_file_says_what_a_reader_needs_to_know(tmp_path):
    assert json.loads(written(tmp_path, MIXED.as_text()).read_text()) == {
        "factors": {
            "layers": [2], "nodes": [8], "optimizer": ["sgd", "adamw"], "dropout": [0.0, 0.25],
        },
        "folds": [0, 1], "seeds": [5],
        "exclude": [{"optimizer": "sgd", "dropout": 0.25}], "tensors": [],
    }  # fmt: skip


def test_a_design_from_a_file_is_written_as_the_same_bytes(tmp_path):
    first = written(tmp_path / "a", MIXED.as_text())
    assert written(tmp_path / "b", first).read_bytes() == first.read_bytes()


def test_a_file_without_a_design_is_refused_and_nothing_is_written(tmp_path):
    (tmp_path / "design.json").write_text('{"factors": {"layers": []}}')
    with pytest.raises(DataError, match=r"design\.json"):
        written(tmp_path, tmp_path / "design.json")
    assert not (tmp_path / "out").exists()
