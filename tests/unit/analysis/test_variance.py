from itertools import product

import numpy as np
import pandas as pd
import pytest
from peas import accuracies, bottles, peas
from scipy import stats
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from digits.analysis.variance import variance_table


def variance(trials: pd.DataFrame, test_share: float = 0.0) -> pd.DataFrame:
    return variance_table(trials, ["layers", "nodes"], test_share)


def by_term(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_index("term")


def test_analysis_of_variance_with_blocks_is_that_of_r():
    # R's documentation of npk prints these sums of squares: block 343.3, N 189.28, K 95.20,
    # N:K 33.14; phosphate and its interactions (8.40, 21.28, 0.48) are in the residuals here,
    # 185.29 + 30.16 with 15 degrees of freedom. What is expected is derived from them.
    table = by_term(variance(peas()))
    error = 185.29 + 8.40 + 21.28 + 0.48
    expected = {"block": 343.3, "layers": 189.28, "nodes": 95.20, "layers:nodes": 33.14}
    for term, square in expected.items():
        df = 5 if term == "block" else 1
        assert table.loc[term, "df"] == df
        assert table.loc[term, "df_error"] == 15
        assert table.loc[term, "statistic"] == pytest.approx(square / df / (error / 15), rel=1e-3)
        assert table.loc[term, "effect_size"] == pytest.approx(square / (square + error), rel=1e-3)
    assert table.loc["layers", "p"] == pytest.approx(0.00247, abs=1e-5)


def test_missing_cells_take_the_interaction_away_and_missing_trials_do_not():
    trials = peas()
    gone = (trials["layers"] == 1) & (trials["nodes"] == 1)
    assert set(variance(trials[~gone])["term"]) == {"block", "layers", "nodes"}
    fewer = by_term(variance(trials.drop(index=3)))
    assert fewer.loc["layers:nodes", "df_error"] == 14


def residual(trials: pd.DataFrame, terms: list[str]) -> float:
    """Return the residual sum of squares of a model of factors, by least squares."""
    columns = [pd.get_dummies(trials[term].astype(str)).to_numpy(float) for term in terms]
    design = np.hstack(columns)
    found = np.linalg.lstsq(design, trials["accuracy"], rcond=None)[0]
    return float(((trials["accuracy"] - design @ found) ** 2).sum())


def test_each_factor_is_adjusted_for_the_other_where_trials_are_missing():
    trials = peas().drop(index=[3, 5, 9]).reset_index(drop=True)
    trials["cell"] = trials["layers"] * 2 + trials["nodes"]
    table = by_term(variance(trials))
    error = residual(trials, ["block", "cell"]) / table.loc["layers", "df_error"]
    both = residual(trials, ["block", "layers", "nodes"])
    for factor, other in (("layers", "nodes"), ("nodes", "layers")):
        square = residual(trials, ["block", other]) - both
        assert table.loc[factor, "statistic"] == pytest.approx(square / error)


@pytest.mark.filterwarnings("error")
def test_what_cannot_be_analysed_has_no_rows():
    trials = peas()
    assert variance(trials[trials["block"] == 1]).empty
    assert variance(trials[(trials["layers"] == 1) & (trials["nodes"] == 1)]).empty
    assert variance(trials.assign(accuracy=0.9)).empty


def test_overlapping_folds_make_f_smaller_and_with_it_the_share_that_is_explained():
    plain, corrected = by_term(variance(peas())), by_term(variance(peas(), 1 / 5))
    terms = ["layers", "nodes", "layers:nodes"]
    ratio = plain.loc[terms, "statistic"] / corrected.loc[terms, "statistic"]
    np.testing.assert_allclose(ratio, 1 + 6 / 5)
    assert corrected.loc["block"].equals(plain.loc["block"])
    smaller = 189.28 / (215.45 / 15) / (1 + 6 / 5)  # of the sums of squares above
    assert corrected.loc["layers", "p"] == pytest.approx(stats.f.sf(smaller, 1, 15), rel=1e-3)
    assert corrected.loc["layers", "effect_size"] == pytest.approx(
        smaller / (smaller + 15), rel=1e-3
    )


def test_three_factors_in_blocks_are_analysed_as_r_does():
    # R's documentation of npk, summary(aov(yield ~ block + N * P * K, npk)); the interaction of all
    # three factors is confounded with the blocks.
    table = by_term(variance_table(peas(), ["layers", "phosphate", "nodes"]))
    printed = {
        "block": (4.447, 0.01594),
        "layers": (12.259, 0.00437),
        "phosphate": (0.544, 0.47490),
        "nodes": (6.166, 0.02880),
        "layers:phosphate": (1.378, 0.26317),
        "layers:nodes": (2.146, 0.16865),
        "phosphate:nodes": (0.031, 0.86275),
    }
    assert list(table.index) == list(printed)
    assert (table["df_error"] == 12).all()
    for term, (statistic, p_value) in printed.items():
        assert table.loc[term, "statistic"] == pytest.approx(statistic, abs=5e-4)
        assert table.loc[term, "p"] == pytest.approx(p_value, abs=5e-6)


def test_a_design_of_three_factors_has_the_sums_of_squares_of_the_textbook():
    # Montgomery prints these sums of squares and, for the error and the interaction of all three,
    # 8.500 and 1.083 with 12 and 2 degrees of freedom. Here the replicates are blocks, whose
    # totals are 35 and 40, so they have 25 / 24.
    table = by_term(variance_table(bottles(), ["carbonation", "pressure", "speed"]))
    error = 8.500 + 1.083 - 25 / 24
    printed = {
        "carbonation": (252.750, 2),
        "pressure": (45.375, 1),
        "speed": (22.042, 1),
        "carbonation:pressure": (5.250, 2),
        "carbonation:speed": (0.583, 2),
        "pressure:speed": (1.042, 1),
    }
    for term, (square, df) in printed.items():
        assert table.loc[term, "df"] == df
        assert table.loc[term, "df_error"] == 13
        assert table.loc[term, "statistic"] * df * error / 13 == pytest.approx(square, rel=1e-3)


def grid(generator, levels: dict, blocks: int = 5) -> pd.DataFrame:
    """Noise for all cells of a design on some blocks."""
    rows = list(product(*levels.values(), range(blocks)))
    frame = pd.DataFrame(rows, columns=[*levels, "block"])
    return frame.assign(accuracy=generator.normal(size=len(frame)))


LEVELS = {"recipe": ("plain", "long"), "momentum": (0.0, 0.5, 0.9), "C": (1, 2)}
"""Texts, fractions, and a name that means something in a formula."""


def test_missing_trials_of_three_factors_are_allowed_for_as_statsmodels_does():
    trials = (
        grid(np.random.default_rng(1), LEVELS).drop(index=[3, 17, 40]).rename(columns={"C": "c"})
    )
    terms = ["block", "recipe", "momentum", "c"]
    terms += ["recipe:momentum", "recipe:c", "momentum:c"]
    written = " + ".join(":".join(f"C({name})" for name in term.split(":")) for term in terms)
    expected = anova_lm(ols(f"accuracy ~ {written}", trials).fit(), typ=2)
    found = variance_table(trials.rename(columns={"c": "C"}), list(LEVELS))
    assert found["term"].str.lower().tolist() == terms
    np.testing.assert_allclose(found["statistic"], expected["F"][:-1])
    np.testing.assert_allclose(found["p"], expected["PR(>F)"][:-1])


def test_a_pair_of_factors_with_a_missing_combination_loses_its_interaction_only():
    trials = grid(np.random.default_rng(2), LEVELS)
    gone = (trials["recipe"] == "long") & (trials["momentum"] == 0.9)
    terms = set(variance_table(trials[~gone], list(LEVELS))["term"])
    assert terms == {"block", *LEVELS, "recipe:C", "momentum:C"}


def test_interactions_that_cannot_be_told_apart_are_left_out():
    trials = grid(np.random.default_rng(3), {"a": (0, 1), "b": (0, 1), "c": (0, 1)})
    half = trials[(trials["a"] + trials["b"] + trials["c"]) % 2 == 0]  # c is the product of a and b
    assert set(variance_table(half, ["a", "b", "c"])["term"]) == {"block", "a", "b", "c"}


def test_six_factors_are_analysed_with_all_fifteen_pairs():
    levels = dict.fromkeys("abcdef", (0, 1))
    table = variance_table(grid(np.random.default_rng(4), levels, 2), list(levels))
    assert len(table) == 1 + 6 + 15
    assert (table["df_error"] == 128 - 1 - 1 - 6 - 15).all()


def test_three_factors_give_false_alarms_as_often_as_they_say_and_are_seen_where_they_matter():
    generator = np.random.default_rng(5)
    alarms, seen = [], []
    for _ in range(60):
        noise = grid(generator, LEVELS)
        table = by_term(variance_table(noise, list(LEVELS))).drop(index="block")
        alarms += list(table["p"] < 0.05)
        noise["accuracy"] += 1.2 * ((noise["recipe"] == "long") & (noise["C"] == 2))
        seen.append(by_term(variance_table(noise, list(LEVELS))).loc["recipe", "p"] < 0.05)
    assert 0.02 < np.mean(alarms) < 0.085  # of 360
    assert np.mean(seen) > 0.5


@pytest.mark.parametrize(("overlap", "test_share"), [(0, 0), (1 / 5, 1 / 4)])
def test_analysis_of_variance_gives_false_alarms_as_often_as_it_says(overlap, test_share):
    generator = np.random.default_rng(6)
    alarms, seen = [], []
    for repetition in range(120):
        noise = accuracies(generator, overlap)
        found = by_term(variance(noise, test_share))["p"]
        alarms.append(found[["layers", "nodes", "layers:nodes"]] < 0.05)
        if repetition >= 20:
            continue
        real = noise.assign(accuracy=noise["accuracy"] + 2.5 * (noise["nodes"] == 200))
        seen.append(by_term(variance(real, test_share)).loc["nodes", "p"] < 0.05)
    assert 0.02 < np.mean(alarms) < 0.085  # of 360
    assert np.mean(seen) > 0.9


def test_analysis_of_variance_without_the_correction_rejects_too_often_on_overlapping_folds():
    generator = np.random.default_rng(7)
    tables = [by_term(variance(accuracies(generator, 1 / 5))) for _ in range(60)]
    alarms = [table.loc[["layers", "nodes", "layers:nodes"], "p"] < 0.05 for table in tables]
    assert np.mean(alarms) > 0.12
