"""Column names and values of the tables of the analysis; loads no other package."""

from digits.core.design import Design

MCNEMAR, IMAGES, POOLED = "mcnemar", "images", "pooled t"
TRAININGS, PUBLISHED = "corrected t", "published"
TESTS = (MCNEMAR, IMAGES, POOLED, TRAININGS)
"""The tests of two models of this experiment."""

WILSON = "Wilson"

MEAN, MARGINAL, MAIN, INTERACTION = "mean", "marginal", "main effect", "interaction"
TREND, ANOVA, COCHRAN = "contrast", "anova", "cochran"

EFFECTS = [
    *["kind", "term", "level", "estimate", "low", "high"],
    *["statistic", "df", "df_error", "p", "effect_size"],
]
COMPARISONS = [
    *["test", "first", "second", "difference", "low", "high"],
    *["first_only", "second_only", "statistic", "df", "p", "p_adjusted", "decides"],
]


def cells_columns(design: Design) -> list[str]:
    """Return the columns of the table of cells."""
    return [
        *["model", *design.cell_columns, "trials", "parameters", "cpu_seconds"],
        *["training_seconds", "device", "accuracy", "sd", "low", "high", "interval"],
        *["p_best", "loss", "worst_loss", "margin", "pareto", "pick"],
    ]


def all_factors(design: Design) -> str:
    """Return the term for all factors together, in the table of effects: ``a:b``."""
    return ":".join(design.varied or design.cell_columns)
