"""The table of comparisons: cells with each other, the ensemble and published figures."""

from itertools import combinations

import pandas as pd

from digits.analysis.estimate import Estimate
from digits.analysis.outcomes import cells_of, per_block, per_image
from digits.analysis.paired_tests import count_pairs, exact_mcnemar, holm
from digits.analysis.proportions import independent_difference, paired_interval
from digits.analysis.resampling import corrected_t, over_images
from digits.analysis.vocabulary import (
    COMPARISONS,
    IMAGES,
    MCNEMAR,
    PUBLISHED,
    TESTS,
    TRAININGS,
)
from digits.core.design import CELL, ENSEMBLE, model_name


def compare_models(outcomes: pd.DataFrame, best: str | None, test_share: float) -> pd.DataFrame:
    """Compare all pairs of cells, and the ensemble with the best cell.

    A row per pair and test:

    - ``mcnemar``, for one seed: exact, on all images that both were evaluated on, each image by
      the networks of the fold whose validation part it is in. Its interval is Newcombe's for pairs.
    - ``images``, for several seeds: an image would count once per seed in a pooled McNemar test,
      as if they were different images, so the test is on each image's mean over the seeds.
    - ``corrected t``, for several folds or seeds: Nadeau and Bengio's, over the trainings (see
      :func:`digits.analysis.resampling.corrected_t`).

    The first two are conditional on the trained networks and do not generalise to other trainings;
    the third generalises to the architecture. All are conditional on epochs chosen on the same
    images.

    Per test, ``p_holm`` adjusts over all pairs of cells, not only those with the best cell: which
    cell is the best is known from the same data. The ensemble's test is a family of its own. As
    the best cell was chosen on the same images, its accuracy is biased upwards and the ensemble's
    gain downwards.

    Parameters
    ----------
    outcomes : see :func:`digits.analysis.outcomes.outcomes_of`
    best : name of the best cell's model
    test_share : validation images per training image

    Returns
    -------
    DataFrame
        With the columns ``COMPARISONS``; differences are first minus second, as shares of images.
    """
    pairs = list(combinations(cells_of(outcomes), 2))
    tables = _compare(outcomes, pairs, test_share)
    if ENSEMBLE in outcomes.columns and best is not None:
        tables += _compare(outcomes, [(ENSEMBLE, best)], test_share)
    return _stack(tables)


def _compare(
    outcomes: pd.DataFrame, pairs: list[tuple[str, str]], test_share: float
) -> list[pd.DataFrame]:
    """Return a table per test, each a family of its own."""
    one_seed = outcomes.index.get_level_values("seed").nunique() == 1
    images, blocks = per_image(outcomes), per_block(outcomes)
    families: dict[str, list[dict]] = {test: [] for test in TESTS}
    for pair in pairs:
        shared = images[list(pair)].dropna()
        if len(shared) and one_seed:
            families[MCNEMAR].append(_mcnemar(shared, pair))
        elif len(shared):
            found = over_images((shared[pair[0]] - shared[pair[1]]).to_numpy())
            families[IMAGES].append(_row(IMAGES, pair, found))
        trainings = blocks[list(pair)].dropna()
        if len(trainings) > 1:
            differences = (trainings[pair[0]] - trainings[pair[1]]).to_numpy()
            families[TRAININGS].append(_row(TRAININGS, pair, corrected_t(differences, test_share)))
    return [_family(rows) for rows in families.values()]


def _mcnemar(shared: pd.DataFrame, pair: tuple[str, str]) -> dict:
    counts = count_pairs(*(shared[name].to_numpy() for name in pair))
    _, first_only, second_only, _ = counts
    low, high = paired_interval(*counts)
    found = Estimate((first_only - second_only) / len(shared), low, high)
    found = found._replace(p=exact_mcnemar(first_only, second_only))
    only = {"first_only": first_only, "second_only": second_only}
    return _row(MCNEMAR, pair, found) | only


def compare_published(
    results: pd.DataFrame, published: pd.DataFrame, outcomes: pd.DataFrame
) -> pd.DataFrame:
    """Compare each cell with its published accuracy, both of the last epoch, as published.

    The two are treated as proportions of two independent samples of validation images, although
    they may be of the same images: which images the published networks classified correctly is not
    known, so the pairs cannot be used. Networks evaluated on the same images agree more than that,
    so the interval is conservative. It does not cover the variation between trainings.
    A difference is within noise if its interval contains 0. Several trials count by their mean;
    each image counts once, however many seeds. ``p_holm`` adjusts over these tests.

    Parameters
    ----------
    results : the results table
    published : the factors and val_accuracy; cells without a figure are left out
    outcomes : for the number of images
    """
    rows = []
    figures = published.dropna(subset="val_accuracy").set_index(CELL)["val_accuracy"]
    evaluated = per_image(outcomes)
    one_fold = evaluated.groupby(level="fold").size().max()
    for cell, trials in results.dropna(subset="val_accuracy").groupby(CELL):
        name = model_name(cell)
        if cell not in figures.index or name not in outcomes.columns:
            continue
        images = int(evaluated[name].notna().sum())
        ours, theirs = float(trials["val_accuracy"].mean()), float(figures[cell])
        found = independent_difference(ours * images, images, theirs * one_fold, one_fold)
        rows.append(_row(PUBLISHED, (name, PUBLISHED), found))
    return _family(rows)


def _row(test: str, pair: tuple[str, str], found: Estimate) -> dict:
    values = found._asdict()
    return {
        "test": test,
        "first": pair[0],
        "second": pair[1],
        "difference": values.pop("estimate"),
        **values,
    }


def _family(rows: list[dict]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=COMPARISONS)
    return table.assign(p_holm=holm(table["p"].astype(float)))


def _stack(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Concatenate tables; counts stay integers beside empty ones."""
    filled = [table for table in tables if len(table)]
    stacked = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=COMPARISONS)
    counts = ["first_only", "second_only", "df"]
    return stacked.astype(dict.fromkeys(counts, "Int64"))


def comparison_table(*tables: pd.DataFrame) -> pd.DataFrame:
    """Concatenate comparisons of several kinds."""
    return _stack(list(tables))
