"""What the tables of the analysis call things; imports nothing that takes time."""

import re

from digits.tables import CELL

ENSEMBLE = "ensemble"
MODEL = re.compile(r"[0-9]{1,6}L[0-9]{1,6}N")
"""What the name of a cell is like."""

MCNEMAR, IMAGES, TRAININGS, PUBLISHED = "mcnemar", "images", "corrected t", "published"
TESTS = (MCNEMAR, IMAGES, TRAININGS)
"""The tests of two models of this experiment; a pair has one of the first two, and the last."""

WILSON = "Wilson"

MEAN, MARGINAL, MAIN, INTERACTION = "mean", "marginal", "main effect", "interaction"
TREND, ANOVA, COCHRAN = "contrast", "anova", "cochran"
BOTH = ":".join(CELL)
"""The term of what concerns layers and nodes together."""

CELLS = [
    *["model", "layers", "nodes", "trials", "parameters", "cpu_seconds", "training_seconds"],
    *["device", "accuracy", "sd", "low", "high", "interval", "p_best", "pareto", "pick"],
]
EFFECTS = [
    *["kind", "term", "level", "estimate", "low", "high"],
    *["statistic", "df", "df_error", "p", "effect_size"],
]
COMPARISONS = [
    *["test", "first", "second", "difference", "low", "high"],
    *["first_only", "second_only", "statistic", "df", "p", "p_holm"],
]


def model_name(layers: int, nodes: int) -> str:
    """Return the name of a cell, as in that of its submission: ``5L200N``."""
    return f"{layers}L{nodes}N"


def cell_of(model: str) -> tuple[int, int]:
    """Return layers and nodes of a cell by its name."""
    layers, _, nodes = model.removesuffix("N").partition("L")
    return int(layers), int(nodes)
