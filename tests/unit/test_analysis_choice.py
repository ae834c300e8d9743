import numpy as np
import pandas as pd

from digits.analysis.choice import (
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
