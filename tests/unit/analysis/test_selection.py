import numpy as np
import pandas as pd

from digits.analysis.selection import (
    best_cell,
    cost_measure,
    deciding_test,
    front,
    pair_p,
    pick_cell,
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


def test_the_test_over_trainings_decides_where_there_is_one():
    table = pd.DataFrame(
        [["mcnemar", "a", "b", 0.02], ["corrected t", "b", "a", 0.4], ["published", "a", "b", 0.0]],
        columns=["test", "first", "second", "p_holm"],
    )
    assert pair_p(table, "a", "b") == pair_p(table, "b", "a") == 0.4
    assert np.isnan(pair_p(table, "a", "c"))
    for without in (table[:1], table.assign(p_holm=[0.02, np.nan, 0.0])):
        assert deciding_test(without, "a", "b")["test"] == "mcnemar"
        assert pair_p(without, "a", "b") == 0.02


def test_a_cell_that_could_not_be_compared_is_not_picked():
    cells = pd.DataFrame(
        {
            "model": ["a", "b", "c"],
            "layers": 1,
            "nodes": [1, 2, 3],
            "parameters": [10, 20, 30],
            "accuracy": [0.9, 0.89, 0.95],
            "p_best": [np.nan, 0.2, np.nan],
        }
    )
    assert pick_cell(cells, "c", 0.05) == "b"


def test_of_equally_good_cells_the_smallest_is_best():
    cells = pd.DataFrame(
        {
            "model": ["3L100N", "2L200N", "2L100N", "ensemble"],
            "layers": [3, 2, 2, None],
            "nodes": [100, 200, 100, None],
            "parameters": [30, 20, 10, 60],
            "accuracy": [0.9, 0.9, 0.8, 0.99],
        }
    )
    assert best_cell(cells) == "2L200N"
    assert best_cell(cells.assign(accuracy=np.nan)) is None
