import numpy as np
import pandas as pd
import pytest

from digits.analysis.cell_summaries import LEADING, accuracies, leading, ranked, shown_cells
from digits.core.design import Design

TWO = Design({"layers": (3, 2), "optimizer": ("sgd", "adam")})
THREE = Design({"layers": (2, 3), "optimizer": ("sgd", "adam"), "dropout": (0.5, 0.0)})
MANY = Design({"layers": tuple(range(1, LEADING + 2))})


def test_few_cells_of_two_factors_are_in_the_order_of_the_design():
    assert shown_cells(dict(zip(reversed(TWO.cells), range(4), strict=True)), TWO) == TWO.cells


@pytest.mark.parametrize("design", [THREE, MANY])
def test_cells_of_more_factors_or_many_cells_are_by_accuracy_and_failed_ones_last(design):
    shares = dict(zip(design.cells, np.arange(len(design.cells)) / 100, strict=True))
    failed = design.cells[-1]
    order = ranked(shares | {failed: np.nan}, design)
    assert order == [*design.cells[-2::-1], failed]
    assert shown_cells(shares | {failed: np.nan}, design) == order[:LEADING]


def test_equally_good_cells_are_in_the_order_of_the_design():
    assert ranked(dict.fromkeys(reversed(THREE.cells), 0.9), THREE) == THREE.cells


def test_that_only_the_leading_cells_are_shown_is_stated_where_it_is_so():
    assert leading(MANY.cells[:24], 25) == ": the 24 most accurate of 25 cells"
    assert leading(TWO.cells, 4) == ""


def test_accuracies_are_of_cells_and_not_of_the_ensemble():
    table = pd.DataFrame({"model": ["2L_optimizer-sgd", "ensemble"], "accuracy": [np.nan, 0.9]})
    ((cell, share),) = accuracies(table, TWO).items()
    assert cell == (2, "sgd")
    assert np.isnan(share)
