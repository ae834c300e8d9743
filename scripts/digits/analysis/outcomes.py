"""What every network makes of every validation image: right or wrong, in one table.

A *model* is a cell, named as its submission (5L200N), or the ensemble of all cells.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from digits.analysis.vocabulary import ENSEMBLE
from digits.core.design import model_name
from digits.core.errors import DataError

IMAGE = ["fold", "seed", "row"]


@dataclass(frozen=True)
class Trial:
    """The predictions of one training for the validation images of its fold.

    Attributes
    ----------
    layers, nodes, fold, seed : which training
    row, label : int arrays of shape (images,): which image of the training file, and its class
    probabilities : float array of shape (images, classes)
    """

    layers: int
    nodes: int
    fold: int
    seed: int
    row: np.ndarray
    label: np.ndarray
    probabilities: np.ndarray


def outcomes_of(trials: Iterable[Trial]) -> pd.DataFrame:
    """Tell for each validation image and model whether the model is right.

    The ensemble of a fold and a seed has the mean probabilities of all cells that were trained
    on that fold with that seed, so that it can be compared with each cell trial by trial; it is
    there only where two cells or more have a result.

    Parameters
    ----------
    trials : those with a result

    Returns
    -------
    DataFrame
        1.0 or 0.0, NaN where a model has no result; indexed by fold, seed and row, a column per
        model with a result, cells by layers and nodes, then the ensemble.

    Raises
    ------
    DataError
        If trials of one fold are about different images.
    """
    order = sorted(trials, key=lambda t: (t.layers, t.nodes, t.fold, t.seed))
    columns: dict[str, list[pd.Series]] = {}
    for trial in order:
        columns.setdefault(model_name(trial.layers, trial.nodes), []).append(_right(trial))
    runs: dict[tuple[int, int], list[Trial]] = {}
    for trial in order:
        runs.setdefault((trial.fold, trial.seed), []).append(trial)
    for group in runs.values():
        _check_images(group)
    together = [_right(_mean(group)) for group in runs.values() if len(group) > 1]
    if together:
        columns[ENSEMBLE] = together
    if not columns:
        return pd.DataFrame(index=pd.MultiIndex.from_arrays([[], [], []], names=IMAGE))
    # Sorted, so that the order of the trials does not matter.
    return pd.DataFrame({name: pd.concat(parts) for name, parts in columns.items()}).sort_index()


def _right(trial: Trial) -> pd.Series:
    index = pd.MultiIndex.from_product([[trial.fold], [trial.seed], trial.row], names=IMAGE)
    right = trial.probabilities.argmax(axis=1) == trial.label
    return pd.Series(right.astype(float), index=index)


def _check_images(group: list[Trial]) -> None:
    first = group[0]
    for trial in group[1:]:
        if not np.array_equal(trial.row, first.row) or not np.array_equal(trial.label, first.label):
            names = [model_name(t.layers, t.nodes) for t in (first, trial)]
            raise DataError(
                f"fold {first.fold}, seed {first.seed}: {names[0]} and {names[1]} were judged on"
                " different images; delete their validation.parquet and run again"
            )


def _mean(group: list[Trial]) -> Trial:
    mean = np.mean([trial.probabilities for trial in group], axis=0, dtype=np.float64)
    first = group[0]
    return Trial(0, 0, first.fold, first.seed, first.row, first.label, mean)


def per_image(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Average the seeds: the share of its networks that are right, per model, fold and row."""
    return outcomes.groupby(level=["fold", "row"]).mean()


def per_trial(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return the accuracy of each model per fold and seed."""
    return outcomes.groupby(level=["fold", "seed"]).mean()


def per_block(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return the accuracy of each model per fold, over its seeds; per seed if there is one fold.

    Seeds of one fold share its images and are no independent trials of what another split would
    give, so they are averaged before folds are compared.
    """
    trials = per_trial(outcomes)
    level = "fold" if trials.index.get_level_values("fold").nunique() > 1 else "seed"
    return trials.groupby(level=level).mean()


def cells_of(outcomes: pd.DataFrame) -> list[str]:
    """Return the names of the models that are cells."""
    return [name for name in outcomes.columns if name != ENSEMBLE]
