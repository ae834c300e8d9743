"""How the trials of a design are divided among jobs and their processes."""

import math

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
