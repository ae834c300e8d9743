import re
from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digits.core import design

TEXTS = st.text(ascii_letters + digits + ".-", min_size=1)
LEVELS = {
    int: st.integers(min_value=0),
    float: st.floats(allow_nan=False, allow_infinity=False),
    str: TEXTS,
}
FACTORS = st.dictionaries(
    st.text(ascii_letters, min_size=1).filter(lambda name: name not in design.REPEATS),
    st.sampled_from(list(LEVELS)),
    min_size=1,
    max_size=6,
)
COUNTS = st.integers(min_value=0, max_value=999_999)


@st.composite
def cells(draw):
    """Factors of any type, and a cell of them."""
    factors = draw(FACTORS)
    return factors, tuple(draw(LEVELS[kind]) for kind in factors.values())


@given(cells())
def test_a_cell_is_found_again_by_its_folder(drawn):
    factors, cell = drawn
    folder = design.cell_folder(cell, factors)
    found = design.parse_cell_folder(folder, factors)
    assert found == cell
    assert list(map(type, found)) == list(factors.values())


@given(cells(), COUNTS, COUNTS)
def test_a_trial_is_found_again_by_its_folder_and_by_its_log(drawn, fold, seed):
    factors, cell = drawn
    trial = (*cell, fold, seed)
    assert design.parse_trial_folder(design.trial_folder(trial, factors), factors) == trial
    assert design.parse_trial_stem(design.trial_stem(trial, factors), factors) == trial


@given(cells())
def test_the_folder_of_a_cell_is_one_folder(drawn):
    factors, cell = drawn
    assert "/" not in design.cell_folder(cell, factors)


@given(COUNTS, COUNTS)
def test_a_cell_is_found_again_by_the_name_of_its_model(layers, nodes):
    assert design.parse_model(design.model_name((layers, nodes))) == (layers, nodes)


@given(COUNTS)
def test_a_fold_is_found_again_by_its_folder(fold):
    assert design.parse_fold_folder(design.fold_folder(fold)) == fold


def test_paths_of_two_factors_are_those_that_others_rely_on():
    assert design.cell_folder((5, 200)) == "layers-5_nodes-200"
    assert design.trial_folder((5, 200, 0, 422)) == "layers-5_nodes-200/fold-0_seed-422"
    assert design.trial_stem((5, 200, 0, 422)) == "layers-5_nodes-200_fold-0_seed-422"
    assert design.fold_folder(0) == "fold-0"
    assert design.submission_file(design.model_name((5, 200))) == "Model-5L200N.csv"
    assert design.submission_file(design.ENSEMBLE, ".json") == "Model-ensemble.json"


@pytest.mark.parametrize(
    "folder",
    ["layers-5", "layers-x_nodes-200", "nodes-200_layers-5", "layers-5_nodes-200_", "fold-0", ""],
)
def test_a_folder_of_another_name_is_of_no_cell_and_no_trial(folder):
    assert design.parse_cell_folder(folder) is None
    assert design.parse_trial_folder(folder) is None
    assert design.parse_trial_folder(f"{folder}/fold-0_seed-5") is None
    assert design.parse_trial_stem(folder) is None


def test_a_cell_without_its_trial_is_of_no_trial():
    assert design.parse_trial_folder("layers-5_nodes-200/check.json") is None
    assert design.parse_fold_folder("folds") is None


@pytest.mark.parametrize("model", ["ensemble", "5L", "200N5L", "5L200N ", "5L2000000N", ""])
def test_a_name_that_is_not_that_of_a_cell_is_refused(model):
    with pytest.raises(ValueError, match=f"{re.escape(repr(model))} is not the name of a cell"):
        design.parse_model(model)


def test_cells_and_trials_are_labelled_by_their_levels():
    assert design.cell_label((5, 200)) == "5 \N{MULTIPLICATION SIGN} 200"
    assert design.cell_label((5, "adam")) == "5 \N{MULTIPLICATION SIGN} adam"
    assert " " not in design.cell_label((5, 200), unbroken=True)
    assert design.trial_label((5, 200, 0, 422)).endswith(" 200, fold 0, seed 422")
    assert design.ascii_label((5, 200, 0, 422)) == "5 x 200, fold 0, seed 422"


def test_models_are_labelled_by_their_cell_or_as_the_ensemble():
    assert design.model_label("5L200N") == design.cell_label((5, 200))
    assert design.model_label("ensemble") == "ensemble"


def test_a_record_says_which_cell_and_which_trial_it_is_about():
    record = {"seed": 422, "accuracy": 0.5, "nodes": 200, "layers": 5, "fold": 0}
    assert design.cell_of(record) == (5, 200)
    assert design.trial_of(record) == (5, 200, 0, 422)


def test_the_identity_of_a_cell_has_its_levels_and_its_anchor():
    identity = design.cell_identity((5.0, 200.0))
    assert identity["layers"] == 5
    assert identity["nodes"] == 200
    assert identity["anchor"] == "layers-5_nodes-200"
