"""How the trials of a design are divided among jobs and their processes."""

import math
from collections import Counter
from collections.abc import Mapping

from digits.core.design import Cell, Design
from digits.core.results_folder import ResultsFolder

START = 0.5
"""Time that a process takes to start, in trainings; long ones take ten times as long or more."""


def processes(trials: int, cells: int, cores: int) -> int:
    """Return with how many processes to train a cell, a core each, so that all end soonest.

    One process trains the trials of a cell one after the other and has TensorFlow imported once,
    which is best where there are enough cells for all cores. Where several numbers are as good, the
    smallest is chosen.

    Parameters
    ----------
    trials : of each cell, of which all are taken to last as long
    cores : those that trainings share
    """

    def seconds(count: int) -> float:
        return math.ceil(cells / (cores // count)) * (math.ceil(trials / count) + START)

    return min(range(1, max(1, min(trials, cores)) + 1), key=seconds)


def untrained(folder: ResultsFolder, *, stored: bool) -> dict[Cell, int]:
    """Return how many trainings each cell lacks, without the cells that lack none.

    Parameters
    ----------
    stored : whether there is a store, from which a job takes what its cell does not lack
    """
    design = folder.design
    lacking = Counter(trial[:-2] for trial in design.trials if not folder.model(trial).exists())
    return {cell: count if stored else trials_of(design) for cell, count in lacking.items()}


def work_beside(cell: Cell, untrained: Mapping[Cell, int], design: Design) -> tuple[int, int]:
    """Return how many trainings a job of a cell has, and how many cells share the cores with it.

    If the cell lacks trainings, the cells are those that do: one that is added to a finished design
    has all cores. If it lacks none, something has changed, for all cells as a rule. What the store
    has of cells without results is not known before their inputs are, so it counts as work.

    Parameters
    ----------
    untrained : see :func:`untrained`
    """
    if cell in untrained:
        return untrained[cell], len(untrained)
    return trials_of(design), len(design.cells)


def trials_of(design: Design) -> int:
    """Return the number of trials of a cell."""
    return len(design.folds) * len(design.seeds)
