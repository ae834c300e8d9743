"""The design of an experiment, and everything that is named after its factors.

A cell is one combination of the levels of the factors; a trial is one training: a cell on one fold
with one seed.
"""

import re
from typing import Any

CELL = ["layers", "nodes"]
"""The factors, as the columns of tables that name a cell."""

TRIAL = [*CELL, "fold", "seed"]
"""The columns that name a trial."""


MODEL = re.compile(r"[0-9]{1,6}L[0-9]{1,6}N")
"""What the name of a cell is like."""


def model_name(layers: int, nodes: int) -> str:
    """Return the name of a cell, as in that of its submission: ``5L200N``."""
    return f"{layers}L{nodes}N"


def cell_of(model: str) -> tuple[int, int]:
    """Return layers and nodes of a cell by its name."""
    layers, _, nodes = model.removesuffix("N").partition("L")
    return int(layers), int(nodes)


def cell_label(layers: int, nodes: int) -> str:
    """Return how plots name a cell of the design."""
    return f"{layers} \N{MULTIPLICATION SIGN} {nodes}"


def cell_identity(cell: tuple[int, int]) -> dict[str, Any]:
    """Return how a cell is named, and its anchor on the page."""
    layers, nodes = map(int, cell)
    name = f"{layers}\N{NO-BREAK SPACE}\N{MULTIPLICATION SIGN}\N{NO-BREAK SPACE}{nodes}"
    anchor = f"layers-{layers}_nodes-{nodes}"
    return {"layers": layers, "nodes": nodes, "name": name, "anchor": anchor}
