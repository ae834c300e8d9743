import numpy as np
import pytest
from experiments import MIXED, SHARE, SIZES, analyse, experiment

from digits.analysis.comparisons import Comparer
from digits.analysis.outcomes import outcomes_of
from digits.analysis.vocabulary import cells_columns
from digits.core.tables import read_table, write_table

pytestmark = pytest.mark.filterwarnings("error")
UNLIKE = {(2, 100): 0.85, (2, 200): 0.95, (3, 100): 0.84, (3, 200): 0.951}


@pytest.mark.parametrize(
    ("sizes", "interval"),
    [({}, "Wilson"), ({"folds": range(5)}, "corrected t"), ({"seeds": (1, 2)}, "corrected t")],
)
def test_accuracies_have_the_interval_that_the_trainings_allow(sizes, interval):
    cells, _, _ = analyse(experiment(UNLIKE, **sizes))
    assert set(cells["interval"]) == {interval}
    assert cells["sd"].isna().all() == (not sizes)
    assert cells.loc["ensemble", "parameters"] == cells["parameters"].iloc[:-1].sum()


@pytest.mark.parametrize("sizes", [{}, {"folds": range(5)}, {"seeds": (1, 2)}])
def test_losses_are_against_the_best_and_their_bounds_are_one_sided(sizes):
    trials = experiment(UNLIKE, **sizes, images=500)
    cells, _, comparisons = analyse(trials)
    best = cells["accuracy"].drop("ensemble").idxmax()
    assert cells.loc[best, "loss"] == 0
    assert np.isnan(cells.loc[best, ["worst_loss", "p_best"]].astype(float)).all()
    assert cells.loc["ensemble", ["loss", "worst_loss", "p_best"]].isna().all()
    comparer = Comparer(outcomes_of(trials, SIZES), SHARE)
    for name in set(cells.index) - {best, "ensemble"}:
        row = cells.loc[name]
        assert row["loss"] == pytest.approx(cells.loc[best, "accuracy"] - row["accuracy"])
        two_sided = comparer.tests((best, name), alpha=0.1)[0].found
        assert row["worst_loss"] == pytest.approx(two_sided.high)
        pair = comparisons[comparisons["decides"] & comparisons["first"].isin([best, name])]
        pair = pair[pair["second"].isin([best, name])].iloc[0]
        assert row["p_best"] == pair["p_adjusted"]


def test_the_smallest_cell_that_is_shown_to_lose_less_than_the_margin_is_picked():
    trials = experiment(UNLIKE | {(2, 200): 0.94}, range(5), images=2000)
    picks = {}
    for margin in (0.001, 0.02, 0.2):
        cells, _, _ = analyse(trials, margin=margin)
        assert (cells["margin"] == margin).all()
        (picks[margin],) = cells.index[cells["pick"]]
    assert picks == {0.001: "3L200N", 0.02: "2L200N", 0.2: "2L100N"}
    assert not cells.loc["3L100N", "pareto"]
    assert cells.loc["2L100N", "pareto"]


def test_few_images_lead_to_the_best_cell_and_not_to_the_smallest():
    cells, _, _ = analyse(experiment(dict.fromkeys(UNLIKE, 0.95), images=200))
    best = cells["accuracy"].drop("ensemble").idxmax()
    assert cells.index[cells["pick"]].tolist() == [best]


def test_failed_cells_have_no_accuracy_and_are_not_picked():
    known = {cell: a for cell, a in UNLIKE.items() if cell != (3, 200)}
    cells, effects, comparisons = analyse(experiment(known), [(3, 200, 0, 1)])
    assert cells.loc["3L200N", ["accuracy", "cpu_seconds", "p_best", "loss"]].isna().all()
    assert cells.loc["3L200N", "trials"] == 0
    assert not cells.loc["3L200N", "pick"]
    assert "3L200N" not in set(comparisons["first"]) | set(comparisons["second"])
    assert "interaction" not in set(effects["kind"])


def test_a_trial_that_failed_leaves_the_others_of_its_cell():
    trials = [t for t in experiment(UNLIKE, folds=(0, 1, 2)) if (t.cell, t.fold) != ((3, 200), 2)]
    cells, effects, comparisons = analyse(trials, [(3, 200, 2, 1)])
    assert cells.loc["3L200N", "trials"] == 2
    assert set(comparisons.loc[comparisons["test"] == "pooled t", "df"]) == {5}
    shared = [t for t in trials if t.fold < 2]
    on_two = analyse(shared)[2].set_index(["test", "first", "second"])["difference"]
    on_all = comparisons.set_index(["test", "first", "second"])["difference"]
    pair = ("pooled t", "2L200N", "3L200N")
    assert on_all[pair] == pytest.approx(on_two[pair])
    assert effects[effects["kind"] == "anova"]["df_error"].max() == 5


def test_cells_that_were_evaluated_on_other_folds_cannot_be_compared_or_picked():
    first = experiment({(2, 100): 0.95}, (0,), images=900)
    second = experiment({(3, 200): 0.96}, (1,), images=900)
    cells, _, comparisons = analyse([*first, *second], margin=0.5)
    assert comparisons.empty
    assert cells["loss"].dropna().tolist() == [0]
    assert cells["pick"].sum() == 1


def test_nothing_at_all_makes_empty_tables():
    cells, effects, comparisons = analyse([], [(2, 100, 0, 1), (3, 100, 0, 1)])
    assert cells["accuracy"].isna().all()
    assert not cells["pick"].any()
    assert effects.empty
    assert comparisons.empty


def test_a_single_cell_is_best_and_picked():
    cells, effects, comparisons = analyse(experiment({(2, 100): 0.9}))
    assert cells["pick"].tolist() == [True]
    assert comparisons.empty
    assert set(effects["kind"]) == {"mean", "marginal"}


def test_the_table_of_any_factors_is_read_as_it_was_written(tmp_path):
    cells, _, _ = analyse(experiment(dict.fromkeys(MIXED.cells, 0.9), images=60), design=MIXED)
    write_table(tmp_path / "cells.csv", cells)
    found = read_table(tmp_path / "cells.csv", cells_columns(MIXED), MIXED)
    assert list(found) == cells_columns(MIXED)
    assert found["model"].tolist() == cells["model"].tolist()
    assert found["optimizer"].iloc[:2].tolist() == ["sgd", "sgd"]
    assert found["pick"].astype(bool).sum() == 1
