"""The table of comparisons: cells with each other, the ensemble and published figures.

A pair has one test that decides whether the two differ, and with several trainings a second one,
on the images, that holds for the trained networks only. A p-value that is adjusted and its interval
agree: the p-value is below 0.05 exactly where the interval excludes 0.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import comb

from digits.analysis.estimate import ALPHA, Estimate
from digits.analysis.outcomes import Outcomes
from digits.analysis.paired_tests import count_pairs
from digits.analysis.pooled_error import PooledError, pooled_error, pooled_t, training_error
from digits.analysis.proportions import independent_difference, paired_difference
from digits.analysis.resampling import corrected_t, over_images
from digits.analysis.vocabulary import (
    COMPARISONS,
    IMAGES,
    MCNEMAR,
    POOLED,
    PUBLISHED,
    TRAININGS,
)
from digits.core.design import ENSEMBLE, Design
from digits.core.frames import pd
from digits.core.tables import by_cell

ALL_PAIRS = 8
"""Up to this many cells all pairs are compared; with more, each with the best cell."""

Pair = tuple[str, str]


@dataclass(frozen=True)
class Test:
    """A test of the difference of two models, first minus second.

    Attributes
    ----------
    name : one of ``TESTS``
    found : the difference, its interval and the unadjusted p-value
    counts : images that only one of the two classifies correctly, for McNemar's test
    """

    name: str
    found: Estimate
    counts: Pair | tuple[()] = ()


@dataclass(frozen=True)
class Comparer:
    """Compares models by the tests that the trainings allow.

    - ``pooled t``, for cells with several trainings: the corrected resampled t test with the error
      of the whole design, see :func:`digits.analysis.pooled_error.pooled_t`. It generalises to
      other trainings of the cells.
    - ``corrected t``, for the ensemble with several trainings: the same with the error of its own
      differences, see :func:`digits.analysis.resampling.corrected_t`.
    - ``mcnemar``, for one seed: on all images that both were evaluated on, each image by the
      networks of the fold whose validation part it is in, see
      :func:`digits.analysis.proportions.paired_difference`.
    - ``images``, for several seeds: an image would count once per seed in a pooled McNemar test, as
      if they were different images, so the test is on each image's mean over the seeds.

    The last two are conditional on the trained networks. All are conditional on epochs chosen on
    the same images.
    """

    outcomes: Outcomes
    test_share: float

    @cached_property
    def error(self) -> PooledError:
        """The error of the accuracies, pooled over all cells and blocks."""
        return pooled_error(self.outcomes.blocks[self.outcomes.cells].to_numpy())

    def tests(self, pair: Pair, alpha: float = ALPHA) -> list[Test]:
        """Return the tests of two models, the one that decides first; none without shared images.

        A test over trainings decides where it gives a p-value, which two trainings with the same
        difference do not.

        Parameters
        ----------
        alpha : one minus the level of the intervals
        """
        shared = self.outcomes.images[list(pair)].dropna()
        if shared.empty:
            return []
        on_images = self._on_images(shared, pair, alpha)
        over_trainings = self._over_trainings(pair, on_images.found.estimate, alpha)
        if over_trainings is None:
            return [on_images]
        if pd.isna(over_trainings.found.p):
            return [on_images, over_trainings]
        return [over_trainings, on_images]

    def _on_images(self, shared: pd.DataFrame, pair: Pair, alpha: float) -> Test:
        first, second = (shared[name].to_numpy() for name in pair)
        if not self.outcomes.one_seed:
            return Test(IMAGES, over_images(first - second, ALPHA / alpha))
        counts = count_pairs(first, second)
        return Test(MCNEMAR, paired_difference(*counts, len(shared), alpha), counts)

    def _over_trainings(self, pair: Pair, difference: float, alpha: float) -> Test | None:
        blocks = self.outcomes.blocks[list(pair)].dropna()
        if len(self.outcomes.blocks) < 2 or blocks.empty:
            return None
        if ENSEMBLE in pair:
            values = (blocks[pair[0]] - blocks[pair[1]]).to_numpy()
            return Test(TRAININGS, corrected_t(values, self.test_share, ALPHA / alpha))
        found = pooled_t(difference, len(blocks), self.error, self.test_share, alpha)
        return Test(POOLED, found)


def compare_models(comparer: Comparer, best: str | None) -> pd.DataFrame:
    """Compare the cells, and the ensemble with the best cell; a row per pair and test.

    All pairs of up to ``ALL_PAIRS`` cells, else each cell with the best. ``p_adjusted`` and the
    intervals hold for all pairs of cells jointly (Bonferroni), not only for those in the table:
    which cell is the best is known from the same data. The ensemble's tests are a family of their
    own. As the best cell was chosen on the same images, its accuracy is biased upwards and the
    ensemble's gain downwards.

    Parameters
    ----------
    best : name of the best cell's model; None if no cell has a result

    Returns
    -------
    DataFrame
        With the columns ``COMPARISONS``; differences are first minus second, as shares of images.
    """
    cells = comparer.outcomes.cells
    pairs = list(combinations(cells, 2))
    if len(cells) > ALL_PAIRS and best is not None:
        pairs = [(best, cell) for cell in cells if cell != best]
    rows = _rows(comparer, pairs, comb(len(cells), 2))
    if ENSEMBLE in comparer.outcomes.models and best is not None:
        rows += _rows(comparer, [(ENSEMBLE, best)], 1)
    return _table(rows)


def _rows(comparer: Comparer, pairs: Iterable[Pair], family: int) -> list[dict]:
    """Return the rows of pairs, adjusted for a number of comparisons."""
    return [
        _row(test, pair, decides=place == 0, family=family)
        for pair in pairs
        for place, test in enumerate(comparer.tests(pair, ALPHA / family))
    ]


def _row(test: Test, pair: Pair, *, decides: bool, family: int = 1) -> dict:
    values = test.found._asdict()
    row = {"test": test.name, "first": pair[0], "second": pair[1]}
    row |= {"difference": values.pop("estimate"), **values}
    row |= dict(zip(("first_only", "second_only"), test.counts, strict=False))
    return row | {"p_adjusted": min(1.0, family * row["p"]), "decides": decides}


def compare_published(
    results: pd.DataFrame, published: pd.DataFrame, outcomes: Outcomes, design: Design
) -> pd.DataFrame:
    """Compare each cell with its published accuracy, both of the last epoch, as published.

    The two are treated as proportions of two independent samples of validation images, although
    they may be of the same images: which images the published networks classified correctly is not
    known, so the pairs cannot be used. Networks evaluated on the same images agree more than that,
    so the interval is conservative. Where there are several trainings, it also covers the noise
    between trainings, of ours and of the published one (see
    :func:`digits.analysis.pooled_error.training_error`); ``df`` is empty where it does not.

    A difference is within noise if its interval contains 0. Several trials count by their mean;
    each image counts once, however many seeds. The figures are not adjusted for their number.

    Parameters
    ----------
    results : the results table
    published : the factors and val_accuracy; cells without a figure are left out
    outcomes : for the number of images
    """
    done = results.dropna(subset="val_accuracy")
    figures = {
        design.cell_of(row): row["val_accuracy"]
        for row in published.dropna(subset="val_accuracy").to_dict("records")
    }
    trials = done.assign(model=[design.model_name(design.cell_of(row)) for row in _dicts(done)])
    trials = trials.pivot_table("val_accuracy", ["fold", "seed"], "model")
    error = training_error(trials.to_numpy())
    images = outcomes.images.groupby(level="fold").size().max() if len(done) else 0
    rows = []
    for cell, ours in by_cell(done, design):
        name = design.model_name(cell)
        if cell not in figures or name not in outcomes.models:
            continue
        total, share = int(outcomes.images[name].notna().sum()), float(ours["val_accuracy"].mean())
        noise = {}
        if error.variance > 0:  # and not unknown
            variance = error.variance * (1 + 1 / len(ours))
            noise = {"training_error": variance**0.5, "training_df": error.df}
        right = share * total, total, figures[cell] * images, images
        found = independent_difference(*right, **noise)
        rows.append(_row(Test(PUBLISHED, found), (name, PUBLISHED), decides=True))
    return _table(rows)


def _dicts(table: pd.DataFrame) -> list[dict]:
    return table.to_dict("records")


def _table(rows: list[dict]) -> pd.DataFrame:
    """Return a table of comparisons; counts stay integers beside empty ones."""
    table = pd.DataFrame(rows, columns=COMPARISONS)
    counts = ["first_only", "second_only", "df"]
    return table.astype(dict.fromkeys(counts, "Int64") | {"decides": bool})


def comparison_table(*tables: pd.DataFrame) -> pd.DataFrame:
    """Concatenate comparisons of several kinds."""
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else _table([])
