"""Which cells the page shows, and in which order: all of a few, the leading ones of many."""

import pandas as pd

from digits.core.design import ENSEMBLE, Cell, Design

FEW = 8
"""Up to this many cells stand in the order of the design; more stand in that of their accuracy."""

SHOWN = 24
"""Cells that are shown at most, besides the one to pick."""

TRIED = 12
"""Networks that can be tried on the page at most: a table of more does not fit on a screen."""


def shown_cells(cells: pd.DataFrame, design: Design) -> list[Cell]:
    """Return the cells that the page shows, in its order.

    Up to ``FEW`` are all shown, in the order of the design. More are shown in the order of their
    accuracy, the smaller one first where two have the same, and only the first ``SHOWN``; the cell
    to pick is shown in any case.

    Parameters
    ----------
    cells : the table of cells
    """
    cells = cells[cells["model"] != ENSEMBLE]
    if len(cells) > FEW:
        order = {"by": ["accuracy", "parameters"], "ascending": [False, True]}
        cells = cells.sort_values(**order, kind="stable", ignore_index=True)
        cells = cells[(cells.index < SHOWN) | cells["pick"].astype(bool)]
    return [design.parse_model(model) for model in cells["model"]]
