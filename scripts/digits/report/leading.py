"""Which cells the page shows, and in which order: all of a few, the leading ones of many."""

import pandas as pd

from digits.analysis import cell_summaries
from digits.core.design import ENSEMBLE, Cell, Design


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
