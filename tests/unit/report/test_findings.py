"""The analysis as the report shows it: rows of models, effects, pairs and published figures."""

import math

import pandas as pd
import pytest
from answers import BY, SIZES, cell, main, pair

from digits.analysis.recommendation import difference
from digits.analysis.vocabulary import COMPARISONS, EFFECTS, cells_columns
from digits.core.design import Design
from digits.report.findings import LEVELS, effect_rows, pair_rows, published_rows
from digits.report.leading import shown_cells
from digits.report.models import columns_of, interval_of, model_rows, overview, shown_rows

DESIGN = Design({"layers": (2, 3), "nodes": (100,)})

ENSEMBLE = cell(2, 100, 0.97) | {"model": "ensemble", "layers": math.nan, "nodes": math.nan}
TRIALS = {"fold": 0, "seed": 1, "epochs": 3, "best_epoch": 2, "training_seconds": 10.0}


def tables(cells, comparisons=(), ece=(), accuracy=0.9):
    design = [{name: one[name] for name in ("layers", "nodes")} for one in cells[:2]]
    return {
        "cells": pd.DataFrame(cells, columns=cells_columns(DESIGN)),
        "comparisons": pd.DataFrame(list(comparisons), columns=COMPARISONS),
        "ece": pd.DataFrame(list(ece), columns=["model", "ece", "expected_ece"]),
        "results": pd.DataFrame(design).assign(**TRIALS, val_accuracy=accuracy),
    }


def test_a_model_is_set_against_the_best_cell_whichever_came_first():
    comparisons = [
        pair("mcnemar", "2L100N", "3L100N", -0.02, p_adjusted=0.04),
        pair("mcnemar", "ensemble", "3L100N", 0.01, p_adjusted=0.2),
    ]
    cells = [cell(2, 100, 0.94, p_best=0.04), cell(3, 100, 0.96), ENSEMBLE]
    two, three, ensemble = model_rows(
        tables(cells, comparisons, [("3L100N", 0.01, 0.002)]), {}, {}, DESIGN
    )
    assert two["difference"]["estimate"] == -0.02
    assert (two["p"], two["best"], two["ece"]) == (0.04, False, None)
    assert (three["difference"], three["p"], three["best"]) == (None, None, True)
    assert (three["ece"], three["expected_ece"]) == (0.01, 0.002)
    assert (ensemble["name"], ensemble["difference"]["estimate"]) == ("ensemble", 0.01)
    assert (ensemble["p"], ensemble["epochs"], ensemble["trainings"]) == (0.2, None, None)


def test_scores_are_those_of_the_submission_of_the_same_name():
    submissions = {"2L100N": {"score": 0.5}, "ensemble": {"score": 0.7}}
    found = tables([cell(2, 100, 0.94), cell(3, 100, 0.9), ENSEMBLE])
    rows = model_rows(found, submissions, {}, DESIGN)
    assert [row["score"] for row in rows] == [0.5, None, 0.7]


def test_the_epoch_whose_weights_were_kept_is_reported_for_a_single_training_only():
    found = tables([cell(2, 100, 0.94), cell(3, 100, 0.9)])
    assert [row["kept"] for row in model_rows(found, {}, {}, DESIGN)] == [2, 2]
    found["results"] = pd.concat([found["results"], found["results"].assign(seed=2)])
    rows = model_rows(found, {}, {}, DESIGN)
    assert [(row["kept"], row["epochs"]) for row in rows] == [(None, 3.0)] * 2


def test_the_size_of_an_experiment_counts_cells_trainings_and_images():
    found = tables([cell(2, 100, 0.94), cell(3, 100, math.nan, trials=0)])
    found["results"]["val_accuracy"] = [0.94, math.nan]
    failed = {(3, 100): [{"fold": 0, "seed": 1, "message": "nan"}]}
    classes = pd.DataFrame({"layers": 2, "nodes": 100, "fold": [0, 0], "seed": 1})
    rows = model_rows(found, {}, failed, DESIGN)
    size = overview(rows, found["results"], classes.assign(support=[5, 6]), DESIGN)
    assert (size["cells"], size["ended"], size["trainings"], size["failures"]) == (2, 1, 2, 1)
    assert (size["each"], size["images"], size["seconds"]) == ((1, 1), (11, 11), 20.0)
    assert [row["cell"] for row in size["failing"]] == [(3, 100)]
    levels = {factor["name"]: (factor["levels"], factor["varied"]) for factor in size["factors"]}
    assert levels == {"layers": (["2", "3"], True), "nodes": (["100"], False)}
    assert not size["several"]


@pytest.mark.parametrize("turned", [False, True])
def test_a_difference_is_that_of_the_first_named(turned):
    row = pair("mcnemar", "2L100N", "3L100N", 0.02) | {"low": 0.01, "high": 0.04}
    table = pd.DataFrame([row], columns=COMPARISONS)
    models = ("3L100N", "2L100N") if turned else ("2L100N", "3L100N")
    found = difference(*models, table)
    sign = -1 if turned else 1
    assert found["difference"] == sign * 0.02
    assert sorted([found["low"], found["high"]]) == [found["low"], found["high"]]
    assert {abs(found["low"]), abs(found["high"])} == {0.01, 0.04}
    assert difference("2L100N", "5L100N", table) is None


def test_effects_are_described_in_words_and_means_are_left_to_the_plot():
    effects = [
        {"kind": "cochran", "term": "cells", "level": "seed 1", "statistic": 9.0, "df": 3},
        {"kind": "mean", "term": "layers:nodes", "level": "2, 100", "estimate": 0.9},
        {"kind": "contrast", "term": "nodes", "level": "linear", "estimate": 0.0000123},
        main("layers", "3 - 2", 0.01),
        {"kind": "interaction", "term": "layers:nodes", "level": "x", "estimate": 0.002},
    ]
    rows = effect_rows(pd.DataFrame(effects, columns=EFFECTS))
    assert [row["kind"] for row in rows] == [
        "difference of levels",
        "interaction",
        "trend",
        "Cochran's Q",
    ]
    assert rows[1]["term"] == "layers \N{MULTIPLICATION SIGN} nodes"
    assert rows[2]["level"] == "linear, per unit"
    assert [row["digits"] for row in rows] == [2, 2, 4, 2]  # a trend of 0.0012 points


def test_pairs_are_named_as_the_page_names_cells_and_published_ones_are_no_pairs():
    comparisons = [
        pair("corrected t", "ensemble", "3L100N", 0.01),
        pair("published", "3L100N", "published", 0.01),
    ]
    (row,) = pair_rows(pd.DataFrame(comparisons, columns=COMPARISONS), SIZES)
    assert (row["first"], row["second"]) == ("ensemble", f"3{BY}100".replace("\xa0", " "))
    assert row["test"] == "t over trainings"


def test_a_published_cell_is_within_noise_if_the_interval_holds_zero():
    comparisons = [
        pair("published", "2L100N", "published", 0.001),
        pair("published", "3L100N", "published", 0.03),
    ]
    cells = {(2, 100): True, (3, 100): True, (2, 200): False, (3, 200): True}
    rows = [{"cell": cell, "published": known} for cell, known in cells.items()]
    found = published_rows(rows, pd.DataFrame(comparisons, columns=COMPARISONS), SIZES)
    noise = [row["noise"] and row["noise"]["within"] for row in found]
    assert noise == [True, False, None]


def test_of_many_effects_of_levels_the_clearest_stay():
    many = [main("nodes", f"{n + 1} - {n}", 0.01) | {"statistic": -n} for n in range(60)]
    effects = [*many, {"kind": "anova", "term": "nodes", "statistic": 0.1}]
    rows = effect_rows(pd.DataFrame(effects, columns=EFFECTS))
    assert len(rows) == LEVELS + 1
    assert min(abs(row["statistic"]) for row in rows[:-1]) == 60 - LEVELS
    assert rows[-1]["kind"] == "analysis of variance"


MANY = Design({"layers": (2, 3, 5), "nodes": tuple(range(1, 13))})


def table_of(accuracies, pick=()):
    rows = [
        cell(*one, accuracy) | {"pick": one in pick}
        for one, accuracy in zip(MANY.cells, accuracies, strict=True)
    ]
    return pd.DataFrame([*rows, ENSEMBLE], columns=cells_columns(MANY))


def test_of_many_cells_the_leading_ones_are_shown_and_the_one_to_pick():
    table = table_of([number / 100 for number in range(36)], pick=[MANY.cells[3]])
    assert shown_cells(table, MANY) == [*MANY.cells[:-25:-1], MANY.cells[3]]
    table = table_of([number / 100 for number in range(36)], pick=[MANY.cells[-1]])
    assert shown_cells(table, MANY) == MANY.cells[:-25:-1]


def test_a_few_cells_are_shown_in_the_order_of_the_design():
    table = pd.DataFrame([cell(2, 100, 0.9), cell(3, 100, 0.95)], columns=cells_columns(DESIGN))
    assert shown_cells(table, DESIGN) == DESIGN.cells


def test_the_front_is_marked_only_where_that_says_something():
    def fronts(*pareto):
        cells = [cell(2, 100, 0.94, pareto=pareto[0]), cell(3, 100, 0.9, pareto=pareto[1])]
        rows = model_rows(tables(cells), {}, {}, DESIGN)
        return [row["front"] for row in shown_rows(rows, DESIGN.cells)]

    assert fronts(True, True) == [False, False]
    assert fronts(True, False) == [True, False]


def test_factors_have_columns_where_the_name_of_a_cell_is_not_enough():
    assert columns_of(DESIGN) == []
    assert columns_of(MANY) == ["layers", "nodes"]
    other = Design({"layers": (2, 3), "nodes": (9,), "learning_rate": (0.1, 0.2)})
    assert columns_of(other) == ["layers", "learning rate"]


def test_the_interval_of_a_score_is_that_of_as_many_images():
    found = interval_of(0.977, 28_000)
    assert (found["low"], found["high"]) == pytest.approx((0.97518, 0.97869), abs=1e-5)
    assert (
        interval_of(None, 28_000) is interval_of(0.977, None) is interval_of(-1.2, 28_000) is None
    )
