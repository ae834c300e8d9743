import numpy as np
import pandas as pd
import pytest
from experiments import MIXED, SHARE, SIZES, analyse, experiment

from digits.analysis import effects as effects_module
from digits.analysis.effects import effect_table
from digits.analysis.outcomes import outcomes_of
from digits.core.design import Design

pytestmark = pytest.mark.filterwarnings("error")
ALIKE = {(2, 100): 0.95, (2, 200): 0.95, (3, 100): 0.95, (3, 200): 0.95}
UNLIKE = {(2, 100): 0.85, (2, 200): 0.95, (3, 100): 0.84, (3, 200): 0.951}


def test_one_training_a_cell_gives_no_p_values_for_factors():
    _, effects, _ = analyse(experiment(UNLIKE))
    factors = effects[~effects["kind"].isin(["cochran"])]
    assert factors[["p", "statistic", "df", "effect_size"]].isna().all(axis=None)
    assert effects[effects["kind"] == "interaction"][["low", "high"]].isna().all(axis=None)
    nodes = effects[(effects["kind"] == "main effect") & (effects["term"] == "nodes")].iloc[0]
    assert nodes["low"] > 0
    assert "anova" not in set(effects["kind"])


def test_intervals_of_means_stay_between_nothing_and_everything():
    _, effects, _ = analyse(experiment(UNLIKE, folds=(0, 1), images=50, spread=0.5))
    means = effects[effects["kind"].isin(["mean", "marginal"])]
    assert means["low"].min() >= 0
    assert means["high"].max() == 1
    assert means["p"].isna().all()


def test_several_folds_are_tested_over_trainings():
    _, effects, _ = analyse(experiment(UNLIKE, folds=range(5), images=300))
    anova = effects[effects["kind"] == "anova"].set_index("term")
    assert anova.loc["nodes", "p"] < 0.001
    assert anova.loc["nodes", "effect_size"] > 0.5
    assert effects[effects["kind"] == "interaction"]["p"].notna().all()


def test_analysis_of_variance_is_corrected_over_folds_and_not_over_seeds():
    for name, ratio in (("folds", 1 + 3 * SHARE), ("seeds", 1.0)):
        outcomes = outcomes_of(experiment(UNLIKE, images=300, **{name: (1, 2, 3)}), SIZES)
        tables = [effect_table(outcomes, SIZES, share) for share in (0.0, SHARE)]
        plain, found = (table[table["kind"] == "anova"].set_index("term") for table in tables)
        assert plain.loc["nodes", "statistic"] / found.loc["nodes", "statistic"] == (
            pytest.approx(ratio)
        )


@pytest.mark.parametrize("folds", [(0,), range(3)])
def test_effect_sizes_are_those_of_the_f_that_is_printed(folds):
    _, effects, _ = analyse(experiment(UNLIKE, folds, images=300))
    rows = effects[effects["kind"] == "anova"]
    part = rows["statistic"] * rows["df"]
    np.testing.assert_allclose(
        rows["effect_size"], (part / (part + rows["df_error"])).astype(float)
    )
    assert len(effects[effects["kind"] == "cochran"]) == 1


@pytest.mark.parametrize("folds", [(0,), range(3)])
def test_three_factors_have_all_their_kinds_of_effects(folds):
    accuracies = {cell: 0.95 if cell[2] == "adamw" else 0.85 for cell in MIXED.cells}
    _, effects, _ = analyse(experiment(accuracies, folds, images=200), design=MIXED)
    terms = {kind: list(rows["term"].unique()) for kind, rows in effects.groupby("kind")}
    factors, pairs = ["nodes", "optimizer", "dropout"], ["nodes:optimizer", "nodes:dropout"]
    pairs += ["optimizer:dropout"]
    expected = {"mean": ["nodes:optimizer:dropout"], "marginal": factors, "main effect": factors}
    expected |= {"interaction": pairs, "contrast": ["dropout"], "cochran": ["cells"]}
    if len(folds) > 1:
        expected["anova"] = ["block", *factors, *pairs]
    assert terms == expected
    means = effects[effects["kind"] == "mean"]
    assert means["level"].iloc[1] == "100, sgd, 0.1"
    gain = effects[(effects["kind"] == "main effect") & (effects["term"] == "optimizer")].iloc[0]
    assert gain["level"] == "adamw - sgd"
    assert gain["low"] > 0.05


def test_one_factor_has_no_interaction_and_needs_no_other():
    design = Design({"layers": (2,), "nodes": (100,), "recipe": ("plain", "fast", "long")})
    accuracies = dict.fromkeys(design.cells, 0.9)
    _, effects, comparisons = analyse(experiment(accuracies, range(3), images=90), design=design)
    kinds = effects.groupby("kind").size().to_dict()
    assert kinds == {"anova": 2, "cochran": 1, "main effect": 3, "marginal": 3, "mean": 3}
    assert effects["level"].iloc[:3].tolist() == ["plain", "fast", "long"]
    assert comparisons["second"].iloc[0] == "2L100N_recipe-fast"


def test_main_effects_give_false_alarms_no_more_often_than_they_say(monkeypatch):
    monkeypatch.setattr(effects_module, "variance_table", lambda *_: pd.DataFrame())  # takes time
    better = ALIKE | {(2, 200): 0.98, (3, 200): 0.98}
    alarms, seen = [], []
    for seed in range(15):
        for accuracies, found in ((ALIKE, alarms), (better, seen)):
            trials = experiment(accuracies, range(5), images=200, seed=seed, spread=0.05)
            effects = effect_table(outcomes_of(trials, SIZES), SIZES, SHARE)
            found.append(effects[effects["kind"] == "main effect"].set_index("term")["p"] < 0.05)
    # The folds share nothing here, so the correction for it makes the test a strict one.
    assert np.mean(alarms) < 0.07
    assert np.mean([found["nodes"] for found in seen]) > 0.7
