from itertools import product

import numpy as np
import pytest
from experiments import MIXED
from hypothesis import given
from hypothesis import strategies as st
from peas import accuracies, peas

from digits.analysis.contrasts import complete_part, contrasts, crossed_levels, trend_weights
from digits.analysis.resampling import corrected_t
from digits.core.design import Design

CELLS = st.sets(st.tuples(st.integers(1, 4), st.integers(1, 4)), max_size=16)
SIZES = Design({"layers": (2, 3, 5), "nodes": (100, 200)})

# Anscombe (1973), The American Statistician 27, 17-21, sets I and II, and R's fits of them
X = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5]
Y1 = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]
Y2 = [9.14, 8.14, 8.74, 8.77, 9.26, 8.10, 6.13, 3.10, 9.13, 7.26, 4.74]


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


@given(CELLS)
def test_the_complete_part_is_crossed_and_none_is_larger(cells):
    layers, nodes = complete_part(cells) or ([], [])
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


def found(cells: dict, design: Design = SIZES) -> dict[tuple[str, str, str], float]:
    """Apply the contrasts of a design to accuracies."""
    return {
        (c.kind, c.term, c.level): sum(w * cells[cell] for cell, w in c.weights.items())
        for c in contrasts(cells, design)
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
    values = found(means, Design({"layers": (0, 1), "nodes": (0, 1)}))
    assert values["main effect", "layers", "1 - 0"] == pytest.approx(5.6167, abs=5e-5)
    assert values["main effect", "nodes", "1 - 0"] == pytest.approx(-3.9833, abs=5e-5)
    assert values["interaction", "layers:nodes", "1 - 0, 1 - 0"] == pytest.approx(-4.70, abs=5e-5)


def test_contrasts_over_overlapping_folds_give_false_alarms_as_often_as_they_say():
    generator = np.random.default_rng(9)
    design = list(product((2, 3, 5), (100, 200)))
    tested = [c for c in contrasts(design, SIZES) if c.kind != "marginal"]
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
    assert set(found({(2, 100): 90})) == {("marginal", "layers", "2"), ("marginal", "nodes", "100")}
    assert contrasts([], SIZES) == []


TRIPLES = st.sets(st.tuples(*[st.integers(0, 2)] * 3), min_size=1, max_size=27)


@given(TRIPLES)
def test_the_complete_part_of_three_factors_is_crossed_and_none_is_larger(cells):
    part = complete_part(cells)
    assert set(product(*part)) <= cells
    some = [[level for level in range(3) if choice & 1 << level] for choice in range(1, 8)]
    largest = max(
        len(one) * len(two) * len(three)
        for one, two, three in product(some, some, some)
        if set(product(one, two, three)) <= cells
    )
    assert np.prod([len(levels) for levels in part]) == largest


def test_levels_are_in_order_of_their_numbers_or_as_the_design_lists_texts():
    design = Design({"layers": (3, 2), "optimizer": ("sgd", "adamw", "adam")})
    assert crossed_levels(design.cells, design) == {
        "layers": [2, 3],
        "optimizer": ["sgd", "adamw", "adam"],
    }


def test_contrasts_of_three_factors_are_means_over_the_others():
    accuracies = {cell: float(place**2 % 13) for place, cell in enumerate(MIXED.cells)}
    values = found(accuracies, MIXED)
    mean = {
        (nodes, optimizer): np.mean([accuracies[2, nodes, optimizer, d] for d in (0.0, 0.1, 0.2)])
        for nodes, optimizer in product((100, 200), ("sgd", "adamw"))
    }
    by_optimizer = {name: (mean[100, name] + mean[200, name]) / 2 for name in ("sgd", "adamw")}
    step = mean[200, "adamw"] - mean[200, "sgd"] - mean[100, "adamw"] + mean[100, "sgd"]
    by_dropout = [np.mean([accuracies[2, n, o, d] for n, o in mean]) for d in (0.0, 0.1, 0.2)]
    slope, square = (
        np.polyfit([0, 0.1, 0.2], by_dropout, 1)[0],
        np.polyfit([0, 0.1, 0.2], by_dropout, 2)[0],
    )
    expected = {
        ("marginal", "optimizer", "adamw"): by_optimizer["adamw"],
        ("main effect", "optimizer", "adamw - sgd"): by_optimizer["adamw"] - by_optimizer["sgd"],
        ("main effect", "dropout", "0.1 - 0"): by_dropout[1] - by_dropout[0],
        ("interaction", "nodes:optimizer", "200 - 100, adamw - sgd"): step,
        ("contrast", "dropout", "linear"): slope,
        ("contrast", "dropout", "quadratic"): square,
    }
    assert {name: values[name] for name in expected} == pytest.approx(expected)
    terms = {term for kind, term, _ in values if kind == "interaction"}
    assert terms == {"nodes:optimizer", "nodes:dropout", "optimizer:dropout"}
    assert not [name for name in values if name[1] == "layers"]  # does not vary
    assert not [name for name in values if name[:2] == ("contrast", "optimizer")]


def test_an_excluded_cell_leaves_the_part_that_is_still_crossed():
    cells = [cell for cell in MIXED.cells if cell != (2, 200, "adamw", 0.2)]
    values = found(dict.fromkeys(cells, 1.0), MIXED)
    assert ("marginal", "dropout", "0.1") in values
    assert ("marginal", "dropout", "0.2") not in values  # 8 of 11 cells; without a size only 6
    assert ("contrast", "dropout", "linear") not in values


def test_trends_of_levels_that_span_a_decade_are_per_doubling():
    design = Design({"learning_rate": (0.001, 0.004, 0.016), "layers": (2, 3, 19)})
    accuracies = {(rate, layers): 90 + 2 * np.log2(rate) + layers for rate, layers in design.cells}
    values = found(accuracies, design)
    assert values["contrast", "learning_rate", "linear, per doubling"] == pytest.approx(2)
    assert values["contrast", "learning_rate", "quadratic, per doubling"] == pytest.approx(0)
    assert values["contrast", "layers", "linear"] == pytest.approx(1)


def test_six_factors_have_contrasts_for_all_fifteen_pairs():
    names = ("layers", "nodes", "a", "b", "c", "d")
    design = Design(dict.fromkeys(names, (1, 2)))
    kinds = [contrast.kind for contrast in contrasts(design.cells, design)]
    counts = {kind: kinds.count(kind) for kind in set(kinds)}
    assert counts == {"marginal": 12, "main effect": 6, "interaction": 15}
