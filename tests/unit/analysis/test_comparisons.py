from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from experiments import MIXED, SHARE, SIZES, analyse, experiment, results_of

from digits.analysis.comparisons import (
    Comparer,
    compare_models,
    compare_published,
    comparison_table,
)
from digits.analysis.outcomes import Outcomes, outcomes_of
from digits.analysis.recommendation import difference
from digits.analysis.selection import deciding_test
from digits.core.design import Design

pytestmark = pytest.mark.filterwarnings("error")
ALIKE = {(2, 100): 0.95, (2, 200): 0.95, (3, 100): 0.95}
UNLIKE = {(2, 100): 0.85, (2, 200): 0.95, (3, 100): 0.84, (3, 200): 0.951}
MANY = Design({"layers": (1, 2, 3), "nodes": (50, 100, 200)})


def compared(trials, best=None, design=SIZES) -> pd.DataFrame:
    return compare_models(Comparer(outcomes_of(trials, design), SHARE), best)


@pytest.mark.parametrize(
    ("sizes", "tests"),
    [
        ({}, ["mcnemar"]),
        ({"folds": range(5)}, ["pooled t", "mcnemar"]),
        ({"seeds": (1, 2, 3)}, ["pooled t", "images"]),
        ({"folds": range(3), "seeds": (1, 2)}, ["pooled t", "images"]),
    ],
)
def test_one_test_decides_each_pair_and_comes_first(sizes, tests):
    _, _, comparisons = analyse(experiment(UNLIKE, **sizes, images=300))
    cells = comparisons[comparisons["first"] != "ensemble"]
    for _, rows in cells.groupby(["first", "second"], sort=False):
        assert rows["test"].tolist() == tests
        assert rows["decides"].tolist() == [True] + [False] * (len(tests) - 1)
    together = comparisons[comparisons["first"] == "ensemble"]
    assert together["test"].tolist() == [test.replace("pooled", "corrected") for test in tests]


@pytest.mark.parametrize("sizes", [{}, {"folds": range(5)}, {"seeds": (1, 2)}])
@pytest.mark.parametrize("seed", range(4))
def test_every_interval_agrees_with_its_adjusted_p_value(sizes, seed):
    _, _, comparisons = analyse(experiment(UNLIKE, **sizes, images=250, seed=seed, spread=0.05))
    excluded = (comparisons["low"] > 0) | (comparisons["high"] < 0)
    assert ((comparisons["p_adjusted"] < 0.05) == excluded).all()
    inside = comparisons[["low", "difference", "high"]].to_numpy()
    assert (np.diff(inside) > 0).all()


def test_p_values_are_adjusted_for_all_pairs_and_the_ensemble_stands_alone():
    _, _, comparisons = analyse(experiment(UNLIKE, folds=(0, 1, 2), images=200))
    pairs = comparisons["first"] != "ensemble"
    adjusted = np.minimum(1, comparisons["p"] * np.where(pairs, 6, 1))
    np.testing.assert_allclose(comparisons["p_adjusted"], adjusted)
    assert pairs.sum() == 12
    assert (~pairs).sum() == 2


def test_all_pairs_are_tested_with_the_error_of_the_whole_design():
    _, _, comparisons = analyse(experiment(UNLIKE, folds=range(5), images=300))
    rows = comparisons[comparisons["test"] == "pooled t"]
    assert (rows["df"] == 12).all()  # (5 - 1) * (4 - 1)
    errors = (rows["difference"] / rows["statistic"]).abs()
    assert errors.max() == pytest.approx(errors.min())


@pytest.mark.parametrize("folds", [(0,), range(5)])
def test_a_difference_and_its_counts_agree_on_the_images_of_all_folds(folds):
    cells, _, comparisons = analyse(experiment(UNLIKE, folds, images=300))
    rows = comparisons[comparisons["test"] == "mcnemar"]
    assert len(rows) == 7
    counts = (rows["first_only"] - rows["second_only"]) / (300 * len(folds))
    np.testing.assert_allclose(rows["difference"], counts.astype(float))
    accuracy = cells["accuracy"]
    gains = accuracy[comparisons["first"]].to_numpy() - accuracy[comparisons["second"]].to_numpy()
    np.testing.assert_allclose(comparisons["difference"], gains)


def test_several_seeds_count_an_image_once():
    _, _, comparisons = analyse(experiment(UNLIKE, seeds=(1, 2, 3)))
    images = comparisons[comparisons["test"] == "images"]
    assert (images["df"] == 599).all()
    assert images["first_only"].isna().all()


def test_more_than_eight_cells_are_compared_with_the_best_only_and_adjusted_for_all_pairs():
    trials = experiment(dict.fromkeys(MANY.cells, 0.9), range(3), images=150)
    cells, _, comparisons = analyse(trials, design=MANY)
    best = cells["accuracy"].drop("ensemble").idxmax()
    rows = comparisons[comparisons["decides"] & (comparisons["first"] != "ensemble")]
    assert set(rows["first"]) == {best}
    assert rows["second"].tolist() == [name for name in MANY.models if name != best]
    np.testing.assert_allclose(rows["p_adjusted"], np.minimum(1, 36 * rows["p"]))
    fewer = dict.fromkeys(MANY.cells[:8], 0.9)
    assert (
        len(compared(experiment(fewer, images=50), "1L50N", MANY).query("first != 'ensemble'"))
        == 28
    )


def test_a_pair_whose_trainings_give_no_p_value_is_decided_on_the_images():
    right = pd.DataFrame({"2L100N": [1.0, 0, 1, 0], "2L200N": [1.0, 1, 1, 1]})
    right.index = pd.MultiIndex.from_product([[0, 1], [1], [0, 1]], names=["fold", "seed", "row"])
    rows = compare_models(Comparer(Outcomes(right), SHARE), None)
    assert rows["test"].tolist() == ["mcnemar", "pooled t"]
    assert rows["decides"].tolist() == [True, False]
    assert rows["p"].isna().tolist() == [False, True]


def test_a_comparison_is_turned_to_the_model_that_is_asked_for():
    _, _, comparisons = analyse(experiment(UNLIKE, folds=range(3), images=200))
    row, turned = (
        difference(*pair, comparisons) for pair in (("2L100N", "2L200N"), ("2L200N", "2L100N"))
    )
    assert row["difference"] == -turned["difference"]
    assert (row["low"], row["high"]) == (-turned["high"], -turned["low"])
    assert deciding_test(comparisons, "2L100N", "9L9N") is None


def test_no_cell_is_called_worse_more_often_than_one_time_in_twenty():
    worse = []
    for seed in range(60):
        comparisons = compared(experiment(ALIKE, images=300, seed=seed))
        worse.append((comparisons["p_adjusted"] < 0.05).any())
    assert np.mean(worse) < 0.08


def test_chance_in_training_makes_no_cell_worse_more_often_than_one_time_in_twenty():
    worse, on_images = [], []
    for seed in range(40):
        comparisons = compared(experiment(ALIKE, range(5), images=2000, seed=seed, spread=0.05))
        rejected = comparisons["p_adjusted"] < 0.05
        worse.append((rejected & comparisons["decides"]).any())
        on_images.append((rejected & (comparisons["test"] == "mcnemar")).any())
    assert np.mean(worse) < 0.08
    assert np.mean(on_images) > 0.2  # given these networks, some do differ


def test_false_alarms_about_the_ensemble_keep_to_the_level_of_the_test():
    generator = np.random.default_rng(3)
    index = pd.MultiIndex.from_product([[0], [1], range(1500)], names=["fold", "seed", "row"])
    names = ["2L100N", "2L200N", "3L100N", "ensemble"]
    named, chosen = [], []
    for _ in range(130):
        limit = np.sqrt(0.7) * generator.normal(size=(1500, 1))
        limit = limit + np.sqrt(0.3) * generator.normal(size=(1500, 4))
        outcomes = pd.DataFrame((limit < 1.64).astype(float), index=index, columns=names)
        for best, alarms in (("2L100N", named), (outcomes[names[:3]].mean().idxmax(), chosen)):
            comparer = Comparer(Outcomes(outcomes[[best, "ensemble"]]), SHARE)
            row = compare_models(comparer, best).iloc[0]
            rejected = row["p_adjusted"] < 0.05
            alarms.append((rejected, rejected and row["difference"] > 0))
    assert 0.01 < np.mean(named, axis=0)[0] < 0.085
    # The best was chosen on these images, so a gain over it is found even less often.
    assert np.mean(chosen, axis=0)[1] <= np.mean(named, axis=0)[1] < 0.07


def published(*rows, design=SIZES) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[*design.cell_columns, "val_accuracy"])


def test_published_figures_are_compared_as_independent_samples():
    trials = experiment(ALIKE, images=2000)
    figures = published((2, 100, 0.95), (2, 200, 0.5))
    outcomes = outcomes_of(trials, SIZES)
    found = compare_published(results_of(trials), figures, outcomes, SIZES)
    assert found["first"].tolist() == ["2L100N", "2L200N"]
    within = (found["low"] <= 0) & (found["high"] >= 0)
    assert within.tolist() == [True, False]
    assert found["decides"].all()
    assert found["df"].isna().all()  # one training a cell says nothing of the noise between them
    assert len(comparison_table(found, found)) == 4
    assert comparison_table(found[:0]).empty


def test_published_figures_are_compared_with_the_noise_between_trainings():
    trials = experiment(ALIKE, range(5), images=2000, spread=0.1)
    results, outcomes = results_of(trials), outcomes_of(trials, SIZES)
    found = compare_published(results, published((2, 100, 0.95)), outcomes, SIZES).iloc[0]
    assert found["df"] == 8
    accuracies = results.pivot_table("val_accuracy", "fold", ["layers", "nodes"]).to_numpy()
    residual = accuracies - accuracies.mean(0) - accuracies.mean(1)[:, None] + accuracies.mean()
    noise = 2.306 * ((residual**2).sum() / 8 * (1 + 1 / 5)) ** 0.5  # t(0.975, 8)
    assert (found["high"] - found["low"]) / 2 > noise
    images = 1.96 * (0.05 * 0.95 * (1 / 10_000 + 1 / 2000)) ** 0.5
    assert (found["high"] - found["low"]) / 2 == pytest.approx(np.hypot(noise, images), rel=0.03)


def test_published_figures_of_networks_trained_again_are_within_noise_as_often_as_they_should():
    inside, images_only = [], []
    for seed in range(60):
        ours = experiment(ALIKE, range(5), images=2000, seed=seed, spread=0.15)
        (theirs,) = experiment({(2, 100): 0.95}, images=2000, seed=1000 + seed, spread=0.15)
        share = float((theirs.probabilities.argmax(axis=1) == theirs.label).mean())
        outcomes = outcomes_of(ours, SIZES)
        figures = published((2, 100, share))
        results = results_of(ours)
        row = compare_published(results, figures, outcomes, SIZES).iloc[0]
        inside.append(row["low"] <= 0 <= row["high"])
        alone = compare_published(results[:1], figures, outcomes, SIZES).iloc[0]
        images_only.append(alone["low"] <= 0 <= alone["high"])
    assert np.mean(inside) >= 0.9
    assert np.mean(images_only) < 0.8


def test_cells_of_any_factors_are_compared_and_named():
    accuracies = {cell: 0.8 if cell[2] == "sgd" else 0.95 for cell in MIXED.cells[:4]}
    _, _, comparisons = analyse(experiment(accuracies), design=MIXED)
    names = [MIXED.model_name(cell) for cell in accuracies]
    pairs = comparisons[comparisons["first"] != "ensemble"][["first", "second"]].to_numpy().tolist()
    assert pairs == [list(pair) for pair in combinations(names, 2)]
