"""Which cells the page shows, and in which order: all of a few, the leading ones of many."""

import pandas as pd

from digits.analysis import cell_summaries
from digits.core.design import ENSEMBLE, Cell, Design

FEW = 8
"""Up to this many cells are listed one by one in running text and in the contents."""

TRIED = 12
"""Networks that can be tried on the page at most: a table of more does not fit on a screen."""


def shown_cells(cells: pd.DataFrame, design: Design) -> list[Cell]:
    """Return the cells that the page shows, in its order: those of the plots, and the one to pick.

    Parameters
    ----------
    cells : the table of cells
    """
    cells = cells[cells["model"] != ENSEMBLE]
    models = [design.parse_model(model) for model in cells["model"]]
    shown = cell_summaries.shown_cells(dict(zip(models, cells["accuracy"], strict=True)), design)
    picked = [cell for cell, pick in zip(models, cells["pick"], strict=True) if pick]
    return list(dict.fromkeys([*shown, *picked]))
