"""Which validation images every network classifies correctly, in one table."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from digits.core.design import ENSEMBLE, Cell, model_name
from digits.core.errors import DataError

IMAGE = ["fold", "seed", "row"]


@dataclass(frozen=True)
class TrialPredictions:
    """The predictions of one training for the validation images of its fold.

    Attributes
    ----------
    cell, fold, seed : which training
    row, label : int arrays of shape (images,): which image of the training file, and its class
    probabilities : float array of shape (images, classes)
    """

    cell: Cell
    fold: int
    seed: int
    row: np.ndarray
    label: np.ndarray
    probabilities: np.ndarray


def outcomes_of(trials: Iterable[TrialPredictions]) -> pd.DataFrame:
    """Return, for each validation image and model, whether the model classifies it correctly.

    The ensemble of a fold and a seed has the mean probabilities of all cells that were trained
    on that fold with that seed, so that it can be compared with each cell trial by trial; it
    exists only where at least two cells have a result.

    Parameters
    ----------
    trials : those with a result

    Returns
    -------
    DataFrame
        1.0 or 0.0, NaN where a model has no result; indexed by fold, seed and row, a column per
        model with a result, cells in order of their levels, then the ensemble.

    Raises
    ------
    DataError
        If trials of one fold were evaluated on different images.
    """
    order = sorted(trials, key=lambda trial: (trial.cell, trial.fold, trial.seed))
    columns: dict[str, list[pd.Series]] = {}
    for trial in order:
        columns.setdefault(model_name(trial.cell), []).append(_right(trial))
    runs: dict[tuple[int, int], list[TrialPredictions]] = {}
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


def _right(trial: TrialPredictions) -> pd.Series:
    index = pd.MultiIndex.from_product([[trial.fold], [trial.seed], trial.row], names=IMAGE)
    right = trial.probabilities.argmax(axis=1) == trial.label
    return pd.Series(right.astype(float), index=index)


def _check_images(group: list[TrialPredictions]) -> None:
    first = group[0]
    for trial in group[1:]:
        if not np.array_equal(trial.row, first.row) or not np.array_equal(trial.label, first.label):
            names = [model_name(each.cell) for each in (first, trial)]
            raise DataError(
                f"fold {first.fold}, seed {first.seed}: {names[0]} and {names[1]} were evaluated on"
                " different images; delete their validation.parquet and run again"
            )


def _mean(group: list[TrialPredictions]) -> TrialPredictions:
    mean = np.mean([trial.probabilities for trial in group], axis=0, dtype=np.float64)
    first = group[0]
    return TrialPredictions((), first.fold, first.seed, first.row, first.label, mean)


def per_image(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Average over seeds: the share of a model's networks that are right, per fold and row."""
    return outcomes.groupby(level=["fold", "row"]).mean()


def per_trial(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return the accuracy of each model per fold and seed."""
    return outcomes.groupby(level=["fold", "seed"]).mean()


def per_block(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return the accuracy of each model per fold, over its seeds; per seed if there is one fold.

    Seeds of one fold share its images and are not independent samples of what another split would
    give, so they are averaged before folds are compared.
    """
    trials = per_trial(outcomes)
    level = "fold" if trials.index.get_level_values("fold").nunique() > 1 else "seed"
    return trials.groupby(level=level).mean()


def cells_of(outcomes: pd.DataFrame) -> list[str]:
    """Return the names of the models that are cells."""
    return [name for name in outcomes.columns if name != ENSEMBLE]
