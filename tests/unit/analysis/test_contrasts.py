from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from digits.analysis.contrasts import complete_part, contrasts, trend_weights, variance_table
from digits.analysis.resampling import corrected_t

CELLS = st.sets(st.tuples(st.integers(1, 4), st.integers(1, 4)), max_size=16)

# Anscombe (1973), The American Statistician 27, 17-21, sets I and II, and R's fits of them
X = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5]
Y1 = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]
Y2 = [9.14, 8.14, 8.74, 8.77, 9.26, 8.10, 6.13, 3.10, 9.13, 7.26, 4.74]

# R's data set "npk" (Venables and Ripley): yields of peas by nitrogen, potassium and block
NPK = """1 01 49.5 10 62.8 00 46.8 11 57.0
2 10 59.8 11 58.5 01 55.5 00 56.0
3 00 62.8 11 55.8 10 69.5 01 55.0
4 10 62.0 11 48.8 01 45.5 00 44.2
5 10 52.0 00 51.5 11 49.8 01 48.8
6 11 57.2 10 59.0 01 53.2 00 56.0"""


def peas() -> pd.DataFrame:
    rows = []
    for line in NPK.splitlines():
        block, *plots = line.split()
        for plot, crop in zip(plots[::2], plots[1::2], strict=True):
            rows.append((int(block), int(plot[0]), int(plot[1]), float(crop)))
    return pd.DataFrame(rows, columns=["block", "layers", "nodes", "accuracy"])


def by_term(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_index("term")


def test_trends_are_those_of_a_polynomial_fit_with_the_real_spacing():
    assert trend_weights(X, 1) @ Y1 == pytest.approx(0.50009, abs=5e-6)
    assert trend_weights(X, 2) @ Y2 == pytest.approx(-0.12671, abs=5e-6)


def test_trends_of_equally_spaced_levels_are_those_of_the_tables():
    # R's contr.poly(4): -0.6708204 -0.2236068 0.2236068 0.6708204 and 0.5 -0.5 -0.5 0.5
    linear, quadratic = trend_weights([1, 2, 3, 4], 1), trend_weights([1, 2, 3, 4], 2)
    np.testing.assert_allclose(
        linear / np.linalg.norm(linear), [-0.6708204, -0.2236068, 0.2236068, 0.6708204], atol=1e-7
    )
    np.testing.assert_allclose(
        quadratic / np.linalg.norm(quadratic), [0.5, -0.5, -0.5, 0.5], atol=1e-12
    )


def test_analysis_of_variance_with_blocks_is_that_of_r():
    # R's documentation of npk prints these sums of squares: block 343.3, N 189.28, K 95.20,
    # N:K 33.14; phosphate and its interactions (8.40, 21.28, 0.48) are in the residuals here,
    # 185.29 + 30.16 with 15 degrees of freedom. What is expected is derived from them.
    table = by_term(variance_table(peas()))
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
    assert set(variance_table(trials[~gone])["term"]) == {"block", "layers", "nodes"}
    fewer = by_term(variance_table(trials.drop(index=3)))
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
    table = by_term(variance_table(trials))
    error = residual(trials, ["block", "cell"]) / table.loc["layers", "df_error"]
    both = residual(trials, ["block", "layers", "nodes"])
    for factor, other in (("layers", "nodes"), ("nodes", "layers")):
        square = residual(trials, ["block", other]) - both
        assert table.loc[factor, "statistic"] == pytest.approx(square / error)


@pytest.mark.filterwarnings("error")
def test_what_cannot_be_analysed_has_no_rows():
    trials = peas()
    assert variance_table(trials[trials["block"] == 1]).empty
    assert variance_table(trials[(trials["layers"] == 1) & (trials["nodes"] == 1)]).empty
    assert variance_table(trials.assign(accuracy=0.9)).empty


def test_overlapping_folds_make_f_smaller_and_leave_the_share_that_is_explained():
    plain, corrected = by_term(variance_table(peas())), by_term(variance_table(peas(), 1 / 5))
    terms = ["layers", "nodes", "layers:nodes"]
    ratio = plain.loc[terms, "statistic"] / corrected.loc[terms, "statistic"]
    np.testing.assert_allclose(ratio, 1 + 6 / 5)
    pd.testing.assert_series_equal(plain["effect_size"], corrected["effect_size"])
    assert corrected.loc["block"].equals(plain.loc["block"])
    smaller = 189.28 / (215.45 / 15) / (1 + 6 / 5)  # of the sums of squares above
    assert corrected.loc["layers", "p"] == pytest.approx(stats.f.sf(smaller, 1, 15), rel=1e-3)


def accuracies(generator, overlap: float) -> pd.DataFrame:
    """Noise for six cells on five folds that differ; what is alike in all folds of a cell has the
    variance ``overlap``, as Nadeau and Bengio take it to be the share of a fold among all images.
    """
    cells = list(product((2, 3, 5), (100, 200), range(5)))
    frame = pd.DataFrame(cells, columns=["layers", "nodes", "block"])
    common = np.repeat(generator.normal(size=6), 5)
    noise = np.sqrt(overlap) * common + np.sqrt(1 - overlap) * generator.normal(size=30)
    return frame.assign(accuracy=noise + 3 * generator.normal(size=5)[frame["block"]])


@pytest.mark.parametrize(("overlap", "test_share"), [(0, 0), (1 / 5, 1 / 4)])
def test_analysis_of_variance_gives_false_alarms_as_often_as_it_says(overlap, test_share):
    generator = np.random.default_rng(6)
    alarms, seen = [], []
    for repetition in range(120):
        noise = accuracies(generator, overlap)
        found = by_term(variance_table(noise, test_share))["p"]
        alarms.append(found[["layers", "nodes", "layers:nodes"]] < 0.05)
        if repetition >= 20:
            continue
        real = noise.assign(accuracy=noise["accuracy"] + 2.5 * (noise["nodes"] == 200))
        seen.append(by_term(variance_table(real, test_share)).loc["nodes", "p"] < 0.05)
    assert 0.02 < np.mean(alarms) < 0.085  # of 360
    assert np.mean(seen) > 0.9


def test_analysis_of_variance_without_the_correction_rejects_too_often_on_overlapping_folds():
    generator = np.random.default_rng(7)
    tables = [by_term(variance_table(accuracies(generator, 1 / 5))) for _ in range(60)]
    alarms = [table.loc[["layers", "nodes", "layers:nodes"], "p"] < 0.05 for table in tables]
    assert np.mean(alarms) > 0.12


@given(CELLS)
def test_the_complete_part_is_crossed_and_none_is_larger(cells):
    layers, nodes = complete_part(cells)
    assert set(product(layers, nodes)) <= cells
    largest = max(
        (
            len(rows) * sum(all((row, column) in cells for row in rows) for column in range(1, 5))
            for rows in subsets()
        ),
        default=0,
    )
    assert len(layers) * len(nodes) == largest


def subsets() -> list[set[int]]:
    return [{row for row in range(1, 5) if choice & 1 << row} for choice in range(2, 32, 2)]


def found(cells: dict[tuple[int, int], float]) -> dict[tuple[str, str, str], float]:
    """Apply the contrasts of a design to accuracies."""
    return {
        (c.kind, c.term, c.level): sum(w * cells[cell] for cell, w in c.weights.items())
        for c in contrasts(cells)
    }


def test_contrasts_of_a_design_by_hand():
    accuracies = {(2, 100): 90, (2, 200): 94, (3, 100): 91, (3, 200): 93, (5, 100): 92}
    values = found(accuracies | {(5, 200): 98})
    expected = {
        ("marginal", "layers", "3"): 92,
        ("marginal", "nodes", "200"): 95,
        ("main effect", "layers", "3 - 2"): 0,
        ("main effect", "layers", "5 - 3"): 3,
        ("main effect", "nodes", "200 - 100"): 4,
        ("interaction", "layers:nodes", "3 - 2, 200 - 100"): -2,
        ("interaction", "layers:nodes", "5 - 3, 200 - 100"): 4,
        # Means 92, 92 and 95 at 2, 3 and 5: slope 15 / 14, second divided difference (3/2 - 0) / 3
        ("contrast", "layers", "linear"): 15 / 14,
        ("contrast", "layers", "quadratic"): 0.5,
    }
    assert {name: values[name] for name in expected} == pytest.approx(expected)
    assert ("contrast", "nodes", "linear") not in values


def test_main_effects_and_interaction_are_those_of_npk():
    # Derived from the sums of squares that R prints, 189.2817, 95.2017 and 33.135, of 24 plots:
    # 6 d^2 for a difference of two means, 1.5 d^2 for the difference of two differences.
    means = peas().groupby(["layers", "nodes"])["accuracy"].mean().to_dict()
    values = found(means)
    assert values["main effect", "layers", "1 - 0"] == pytest.approx(5.6167, abs=5e-5)
    assert values["main effect", "nodes", "1 - 0"] == pytest.approx(-3.9833, abs=5e-5)
    assert values["interaction", "layers:nodes", "1 - 0, 1 - 0"] == pytest.approx(-4.70, abs=5e-5)


def test_contrasts_over_overlapping_folds_give_false_alarms_as_often_as_they_say():
    generator = np.random.default_rng(9)
    design = list(product((2, 3, 5), (100, 200)))
    tested = [c for c in contrasts(design) if c.kind != "marginal"]
    weights = np.array([[c.weights.get(cell, 0.0) for cell in design] for c in tested])
    alarms = {(c.kind, c.level if c.kind == "contrast" else ""): [] for c in tested}
    for _ in range(600):
        by_cell = accuracies(generator, 1 / 5)["accuracy"].to_numpy().reshape(6, 5)
        for contrast, values in zip(tested, weights @ by_cell, strict=True):
            kind = contrast.kind, contrast.level if contrast.kind == "contrast" else ""
            alarms[kind].append(corrected_t(values, 1 / 4).p < 0.05)
    rates = {kind: np.mean(rejected) for kind, rejected in alarms.items()}
    assert len(rates) == 4  # main effects, interaction, linear and quadratic trends
    assert 0.03 < min(rates.values()) <= max(rates.values()) < 0.075


def test_levels_are_compared_within_the_same_levels_of_the_other_factor():
    values = found({(2, 100): 90, (2, 200): 99, (3, 100): 91, (3, 200): 92, (5, 100): 94})
    assert values["main effect", "layers", "3 - 2"] == -3
    assert ("marginal", "layers", "5") not in values
    one = found({(2, 100): 90})
    assert set(one) == {("marginal", "layers", "2"), ("marginal", "nodes", "100")}
    assert contrasts([]) == []
