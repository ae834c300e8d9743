import json
import re
from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digits.core.design import (
    ENSEMBLE,
    REPEATS,
    Design,
    fold_folder,
    read_design,
    spell,
    submission_file,
)
from digits.core.errors import DataError

TWO = Design({"layers": (2, 3, 5), "nodes": (100, 200)})
FOUR = Design(
    {"layers": (2,), "nodes": (16,), "optimizer": ("sgd", "adamw"), "dropout": (0.0, 0.25)},
    folds=(0, 1),
    seeds=(7,),
    exclude=({"optimizer": "sgd", "dropout": 0.25},),
    tensors=("dropout",),
)

LEVELS = st.one_of(
    st.lists(st.integers(0, 10**6), min_size=1, max_size=3, unique=True),
    st.lists(
        st.floats(allow_nan=False, allow_infinity=False).filter(bool),
        min_size=1,
        max_size=3,
        unique=True,
    ),
    # Texts with the characters that join names, as the schedule one_cycle.
    st.lists(
        st.text(f"{ascii_letters}{digits}.-_", min_size=1), min_size=1, max_size=3, unique=True
    ),
)
FACTORS = st.dictionaries(
    st.text(f"{ascii_letters}_", min_size=1).filter(lambda name: name not in REPEATS),
    LEVELS.map(tuple),
    min_size=1,
    max_size=6,
)


@st.composite
def designs(draw):
    """Factors with levels of any type."""
    counts = st.lists(st.integers(0, 10**6), min_size=1, max_size=2, unique=True).map(tuple)
    return Design(draw(FACTORS), draw(counts), draw(counts))


@given(designs())
def test_every_cell_and_every_trial_is_found_again_by_its_folder(design):
    names = [design.cell_folder(cell) for cell in design.cells]
    # Names are ambiguous only if names of factors and levels contain what joins them.
    if len(set(names)) == len(names):
        assert [design.parse_cell_folder(name) for name in names] == design.cells
        trials = list(design.trials)
        folders = map(design.trial_folder, trials)
        assert [design.parse_trial_folder(folder) for folder in folders] == trials


@given(designs())
def test_the_folder_of_a_cell_is_one_folder_and_that_of_a_trial_two(design):
    for trial in design.trials:
        assert "/" not in design.cell_folder(trial[:-2])
        assert design.trial_folder(trial).count("/") == 1


@given(designs())
def test_a_design_is_found_again_in_its_json(design):
    text = design.as_text()
    assert "\n" not in text
    found = read_design(text)
    assert found == design
    assert found.kinds == design.kinds


@given(designs())
def test_a_cell_has_the_same_names_in_its_own_design(design):
    for cell in design.cells:
        own = design.only(cell)
        assert own.cells == [cell]
        assert own.cell_folder(cell) == design.cell_folder(cell)
        assert own.model_name(cell) == design.model_name(cell)
        assert list(own.trials) == [trial for trial in design.trials if trial[:-2] == cell]
        assert list(map(own.log_label, own.trials)) == list(map(design.log_label, own.trials))


def test_paths_of_two_factors_are_those_that_others_rely_on():
    assert TWO.cell_folder((5, 200)) == "layers-5_nodes-200"
    assert TWO.trial_folder((5, 200, 0, 422)) == "layers-5_nodes-200/fold-0_seed-422"
    assert TWO.tensor_folder((5, 200)) == ""
    assert fold_folder(0) == "fold-0"
    assert TWO.model_name((5, 200)) == "5L200N"
    assert submission_file("5L200N") == "Model-5L200N.csv"
    assert submission_file(ENSEMBLE, ".json") == "Model-ensemble.json"


def test_paths_of_more_factors_name_each_level():
    cell = (2, 16, "adamw", 0.0)
    assert FOUR.cell_folder(cell) == "layers-2_nodes-16_optimizer-adamw_dropout-0"
    assert FOUR.model_name(cell) == "2L16N_optimizer-adamw_dropout-0"
    assert FOUR.tensor_folder(cell) == "dropout-0"
    assert FOUR.parse_model("2L16N_optimizer-adamw_dropout-0") == cell


def test_levels_are_crossed_completely_but_for_what_is_excluded():
    assert FOUR.cells == [(2, 16, "sgd", 0.0), (2, 16, "adamw", 0.0), (2, 16, "adamw", 0.25)]
    assert len(list(FOUR.trials)) == 6


@pytest.mark.parametrize(
    "folder",
    ["layers-5", "layers-x_nodes-200", "nodes-200_layers-5", "layers-5_nodes-200_", "fold-0", ""],
)
def test_a_folder_of_another_name_is_of_no_cell_and_no_trial(folder):
    assert TWO.parse_cell_folder(folder) is None
    assert TWO.parse_trial_folder(folder) is None
    assert TWO.parse_trial_folder(f"{folder}/fold-0_seed-422") is None


@pytest.mark.parametrize("model", ["ensemble", "5L", "200N5L", "5L200N ", "4L200N", ""])
def test_a_name_that_is_not_that_of_a_cell_is_refused(model):
    with pytest.raises(ValueError, match=f"{re.escape(repr(model))} is not the name of a cell"):
        TWO.parse_model(model)


def test_cells_and_trials_are_labelled_by_the_levels_that_vary():
    times = "\N{MULTIPLICATION SIGN}"
    assert TWO.cell_label((5, 200)) == f"5 {times} 200"
    assert " " not in TWO.cell_label((5, 200), unbroken=True)
    assert TWO.trial_label((5, 200, 0, 422)).endswith(" 200, fold 0, seed 422")
    assert TWO.log_label((5, 200, 0, 422)) == "5 x 200, fold 0, seed 422"
    assert FOUR.cell_label((2, 16, "adamw", 0.25)) == "adamw, dropout 0.25"
    assert (
        FOUR.log_label((2, 16, "adamw", 0.25, 0, 1))
        == "2 x 16, adamw, dropout 0.25, fold 0, seed 1"
    )
    one = FOUR.only((2, 16, "adamw", 0.25))
    assert one.cell_label(one.cells[0]) == f"2 {times} 16, adamw, dropout 0.25"
    wide = Design({"layers": (2,), "nodes": (16, 32), "nesterov": ("false", "true")})
    assert wide.cell_label((2, 32, "true")) == f"2 {times} 32, nesterov true"


def test_models_are_labelled_by_their_cell_or_as_the_ensemble():
    assert TWO.model_label("5L200N") == TWO.cell_label((5, 200))
    assert TWO.model_label("ensemble") == "ensemble"


def test_numbers_are_spelled_in_their_shortest_form():
    assert [*map(spell, (1.0, 0.25, 1e-05, 7, "1.0"))] == ["1", "0.25", "1e-05", "7", "1.0"]


def test_a_record_says_which_cell_and_which_trial_it_is_about():
    record = {"seed": 422, "accuracy": 0.5, "nodes": 200.0, "layers": 5, "fold": 0}
    assert TWO.cell_of(record) == (5, 200)
    assert TWO.trial_of(record) == (5, 200, 0, 422)


def test_the_identity_of_a_cell_has_its_levels_and_its_anchor():
    identity = TWO.cell_identity((5, 200))
    assert identity["layers"] == 5
    assert identity["nodes"] == 200
    assert identity["anchor"] == "layers-5_nodes-200"


@pytest.mark.parametrize(
    ("key", "value", "place"),
    [
        ("factors", {"layers": []}, "key factors.layers"),
        ("factors", {"layers": [2, "x"]}, "key factors.layers"),
        ("factors", {"layers": [None]}, "key factors.layers"),
        ("folds", 3, "folds"),
        ("seeds", None, "seeds"),
    ],
)
def test_a_file_that_contains_no_design_is_refused(tmp_path, key, value, place):
    path = tmp_path / "design.json"
    path.write_text(json.dumps(TWO.as_data() | {key: value}))
    with pytest.raises(DataError, match=f"design.json.*{place}"):
        read_design(path)
