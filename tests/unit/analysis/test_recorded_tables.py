"""Two factors of whole numbers give the figures that were recorded when no others were possible."""

from pathlib import Path

import pandas as pd
import pytest
import recorded
from experiments import SHARE, SIZES, results_of, trial

from digits.analysis.cells import cell_table
from digits.analysis.effects import effect_table
from digits.analysis.outcomes import outcomes_of
from digits.core.tables import write_table

FOLDER = Path(__file__).parent / "recorded"


def as_text(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


@pytest.fixture(params=recorded.CASES)
def case(request):
    """The name of a case, its trials and those that failed."""
    trials = [
        trial(cell, fold, seed, recorded.right(cell, fold, seed))
        for cell, fold, seed in recorded.trials(request.param)
    ]
    return request.param, trials, recorded.CASES[request.param][2]


def test_means_effects_trends_and_f_tests_are_the_recorded_ones_to_the_last_digit(case, tmp_path):
    name, trials, _ = case
    path = tmp_path / "effects.csv"
    write_table(path, effect_table(outcomes_of(trials, SIZES), SIZES, SHARE))
    found, expected = (as_text(file) for file in (path, FOLDER / f"effects-{name}.csv"))
    # The recorded effect sizes are those of an F that is not corrected for overlapping folds.
    pd.testing.assert_frame_equal(
        found.drop(columns="effect_size"), expected.drop(columns="effect_size")
    )


def test_accuracies_costs_and_intervals_are_the_recorded_ones_to_the_last_digit(case, tmp_path):
    name, trials, failed = case
    expected = as_text(FOLDER / f"cells-{name}.csv")
    outcomes = outcomes_of(trials, SIZES)
    path = tmp_path / "cells.csv"
    write_table(path, cell_table(results_of(trials, failed), outcomes, SIZES, SHARE))
    pd.testing.assert_frame_equal(as_text(path)[list(expected)], expected)
