"""Column names and values of the tables of the analysis; loads no other package."""

from digits.core.design import CELL

MCNEMAR, IMAGES, TRAININGS, PUBLISHED = "mcnemar", "images", "corrected t", "published"
TESTS = (MCNEMAR, IMAGES, TRAININGS)
"""The tests of two models of this experiment; a pair has one of the first two, and the last."""

WILSON = "Wilson"

MEAN, MARGINAL, MAIN, INTERACTION = "mean", "marginal", "main effect", "interaction"
TREND, ANOVA, COCHRAN = "contrast", "anova", "cochran"
BOTH = ":".join(CELL)
"""The term for all factors together, in the table of effects."""

CELLS = [
    *["model", *CELL, "trials", "parameters", "cpu_seconds", "training_seconds"],
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
