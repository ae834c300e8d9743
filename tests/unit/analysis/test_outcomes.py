import numpy as np
import pytest
from experiments import MIXED, SIZES, experiment, trial

from digits.analysis.outcomes import Outcomes, outcomes_of
from digits.core.errors import DataError

pytestmark = pytest.mark.filterwarnings("error")


def test_outcomes_say_of_each_image_and_model_whether_it_is_right():
    right = {(2, 100): [1, 0, 1, 0], (2, 200): [1, 1, 1, 0], (3, 100): [1, 1, 0, 0]}
    found = outcomes_of((trial(cell, 0, 1, r) for cell, r in right.items()), SIZES)
    assert found.models == ["2L100N", "2L200N", "3L100N", "ensemble"]
    assert found.cells == ["2L100N", "2L200N", "3L100N"]
    assert found.table["2L100N"].tolist() == [1, 0, 1, 0]
    assert found.table["ensemble"].tolist() == [1, 1, 1, 0]  # two of three have it right


def test_models_of_any_factors_are_in_the_order_of_the_design():
    found = outcomes_of(experiment(dict.fromkeys(reversed(MIXED.cells), 0.9)), MIXED)
    assert found.models == [*MIXED.models, "ensemble"]
    assert found.models[3] == "2L100N_optimizer-adamw_dropout-0"


def test_seeds_are_averaged_before_folds_are_compared():
    right = {(0, 1): [1, 1], (0, 2): [0, 1], (1, 1): [0, 0], (1, 2): [0, 1]}
    trials = (trial((2, 100), *name, values) for name, values in right.items())
    found = outcomes_of(trials, SIZES)
    assert found.blocks["2L100N"].to_dict() == {0: 0.75, 1: 0.25}
    assert found.images["2L100N"].tolist() == [0.5, 1, 0, 0.5]
    assert Outcomes(found.table.loc[[0]]).blocks["2L100N"].to_dict() == {1: 1.0, 2: 0.5}
    assert "ensemble" not in found.models  # of a single cell


def test_a_model_without_a_result_on_a_fold_has_none_for_its_images():
    trials = experiment({(2, 100): 0.9, (2, 200): 0.9}, folds=(0, 1), images=5)
    found = outcomes_of(trials[:3], SIZES)
    assert found.table["2L200N"].isna().tolist() == [False] * 5 + [True] * 5
    assert found.table["ensemble"].isna().tolist() == [False] * 5 + [True] * 5
    assert len(outcomes_of([], SIZES).table) == 0


def test_trials_of_other_images_are_refused():
    trials = [trial((2, 100), 0, 1, [1, 0]), trial((3, 100), 0, 1, [1, 0], rows=np.array([7, 8]))]
    with pytest.raises(DataError, match=r"fold 0, seed 1: 2L100N and 3L100N .* different images"):
        outcomes_of(trials, SIZES)
