"""Tails and quantiles are, bit for bit, those of scipy.stats; nothing imports it for them."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from digits.analysis.distributions import (
    chi_squared_tail,
    f_tail,
    normal_quantile,
    normal_tail,
    t_quantile,
    t_tail,
)

SCRIPTS = Path(__file__).parents[3] / "scripts"
VALUES = np.r_[0.0, 1e-9, np.geomspace(1e-3, 60, 40)]
TAILS = np.geomspace(1e-12, 0.5, 40)
FREEDOM = [1, 2, 4.5, 30, 8399]


def test_the_normal_distribution():
    for value in [*VALUES, *-VALUES]:
        assert normal_tail(value) == stats.norm.sf(value)
    for tail in [*TAILS, *1 - TAILS]:
        assert normal_quantile(tail) == stats.norm.isf(tail)


@pytest.mark.parametrize("df", FREEDOM)
def test_students_t(df):
    for value in [*VALUES, *-VALUES]:
        assert t_tail(value, df) == stats.t.sf(value, df)
    for tail in [*TAILS, *1 - TAILS]:
        assert t_quantile(tail, df) == stats.t.isf(tail, df)


@pytest.mark.parametrize("df", FREEDOM)
def test_f_and_chi_squared(df):
    for value in VALUES:
        assert chi_squared_tail(value, df) == stats.chi2.sf(value, df)
    many = np.full(len(VALUES), 3.0)
    assert f_tail(VALUES, many, df).tolist() == stats.f.sf(VALUES, many, df).tolist()


def test_the_analysis_of_one_fold_imports_neither_scipy_stats_nor_statsmodels():
    asked = (
        "import analyse_design, sys; from digits.analysis.resampling import over_images;"
        " over_images([0, 1, 1]); print({'scipy.stats', 'statsmodels'} & {*sys.modules})"
    )
    command = [sys.executable, "-c", asked]
    done = subprocess.run(command, cwd=SCRIPTS, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
