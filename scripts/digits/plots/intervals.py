"""Shared by the plots of the analysis: cells with a result, their intervals, and marks."""

import numpy as np
import pandas as pd

from digits.core.design import ENSEMBLE
from digits.plots.style import INK, MUTED

BARS = {"capsize": 2.5, "elinewidth": 0.9, "capthick": 0.9, "markersize": 5}
PICKED = {"marker": "o", "markersize": 11, "markerfacecolor": "none", "markeredgecolor": INK}
PICKED |= {"linestyle": "none"}
TOGETHER = {"color": MUTED, "linewidth": 1, "linestyle": (0, (1, 1.5))}  # the ensemble, as a line


def known_cells(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the table of cells that are cells with a result."""
    return cells[(cells["model"] != ENSEMBLE) & cells["accuracy"].notna()]


def reach(rows: pd.DataFrame, value: str) -> np.ndarray | None:
    """Return the lengths of intervals below and above, of shape (2, n); None if none is known."""
    ends = np.array([rows[value] - rows["low"], rows["high"] - rows[value]], dtype=float)
    return None if np.isnan(ends).all() else np.nan_to_num(np.maximum(ends, 0))
