import numpy as np
import pandas as pd

from digits.analysis.selection import (
    best_cell,
    cost_measure,
    deciding_test,
    front,
    pick_cell,
    strongest_pairs,
)


def test_the_front_holds_what_nothing_beats_on_both():
    cost, accuracy = pd.Series([1, 2, 2, 3, np.nan]), pd.Series([0.5, 0.7, 0.6, 0.7, 0.9])
    assert front(cost, accuracy).tolist() == [True, True, False, False, False]
    assert front(pd.Series([1, 1]), pd.Series([0.5, 0.5])).tolist() == [True, True]


# The front of R's data set mtcars by fuel economy and power, psel(mtcars, high(mpg) * high(hp)), as
# the vignette of the package rPref prints it, and cars that are not on it
FRONT = {
    "Merc 450SL": (17.3, 180),
    "Fiat 128": (32.4, 66),
    "Toyota Corolla": (33.9, 65),
    "Lotus Europa": (30.4, 113),
    "Ford Pantera L": (15.8, 264),
    "Ferrari Dino": (19.7, 175),
    "Maserati Bora": (15.0, 335),
}
BEHIND = {
    "Mazda RX4": (21.0, 110),
    "Hornet Sportabout": (18.7, 175),
    "Duster 360": (14.3, 245),
    "Merc 450SE": (16.4, 180),
    "Honda Civic": (30.4, 52),
    "Pontiac Firebird": (19.2, 175),
    "Porsche 914-2": (26.0, 91),
    "Volvo 142E": (21.4, 109),
}


def test_the_front_is_as_published():
    cars = pd.DataFrame(FRONT | BEHIND, index=["mpg", "hp"]).T
    assert list(cars.index[front(-cars["mpg"], cars["hp"])]) == list(FRONT)


def test_cost_is_processor_time_only_where_all_ran_on_the_cpu():
    assert cost_measure(pd.DataFrame({"device": ["CPU", "", "CPU"]})) == "cpu_seconds"
    assert cost_measure(pd.DataFrame({"device": ["CPU", "Tesla T4"]})) == "training_seconds"


def test_the_test_that_decides_is_found_from_either_side():
    table = pd.DataFrame(
        [["mcnemar", "a", "b", False], ["pooled t", "a", "b", True], ["published", "a", "p", True]],
        columns=["test", "first", "second", "decides"],
    )
    assert deciding_test(table, "a", "b")["test"] == "pooled t"
    assert deciding_test(table, "b", "a")["test"] == "pooled t"
    assert deciding_test(table, "a", "c") is None


def cells(*rows) -> pd.DataFrame:
    """Cells as model, parameters, loss and its bound."""
    return pd.DataFrame(rows, columns=["model", "parameters", "loss", "worst_loss"])


BOUNDS = cells(
    ("a", 10, 0.008, 0.011),
    ("b", 20, 0.002, 0.004),
    ("c", 30, 0.001, 0.003),
    ("d", 40, 0.0, np.nan),
    ("e", 50, 0.0001, 0.0024),
)


def test_the_smallest_cell_within_the_margin_is_picked_else_the_best():
    assert pick_cell(BOUNDS, "d", 0.02) == "a"
    assert pick_cell(BOUNDS, "d", 0.005) == "b"
    assert pick_cell(BOUNDS, "d", 0.0035) == "c"
    assert pick_cell(BOUNDS, "d", 0.003) == "d"  # at the margin is not within it
    assert pick_cell(BOUNDS, "d", 0.0025) == "d"  # the larger cell is within it


def test_a_cell_that_could_not_be_compared_is_not_picked():
    assert pick_cell(BOUNDS.assign(worst_loss=np.nan), "d", 0.02) == "d"


def test_of_equally_small_cells_the_one_that_loses_less_is_picked():
    alike = cells(("a", 10, 0.002, 0.003), ("b", 10, 0.001, 0.003), ("c", 20, 0.0, np.nan))
    assert pick_cell(alike, "c", 0.005) == "b"
    assert pick_cell(alike.assign(loss=0.001), "c", 0.005) == "a"


def test_of_equally_good_cells_the_smallest_is_best():
    table = pd.DataFrame(
        {
            "model": ["2L100N", "2L200N", "3L100N", "ensemble"],
            "parameters": [10, 20, 30, 60],
            "accuracy": [0.8, 0.9, 0.9, 0.99],
        }
    )
    assert best_cell(table) == "2L200N"
    assert best_cell(table.assign(parameters=1)) == "2L200N"  # the first of the design
    assert best_cell(table.assign(accuracy=np.nan)) is None


def test_pairs_of_factors_are_ranked_by_their_largest_interaction():
    rows = [("a:b", 0.01), ("a:b", -0.03), ("a:c", 0.02), ("b:c", np.nan), ("b:d", -0.04)]
    effects = pd.DataFrame(rows, columns=["term", "estimate"]).assign(kind="interaction")
    assert strongest_pairs(effects, 2) == [("b", "d"), ("a", "b")]
    assert len(strongest_pairs(effects, 9)) == 3
