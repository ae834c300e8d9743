"""Which validation images every network classifies correctly, in one table."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from digits.core.design import ENSEMBLE, Cell, Design
from digits.core.errors import DataError
from digits.core.frames import pd

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


@dataclass(frozen=True)
class Outcomes:
    """Which validation images every network classifies correctly.

    Attributes
    ----------
    table : 1.0 or 0.0, NaN where a model has no result; indexed by fold, seed and row, a column per
        model with a result: cells in the order of the design, then the ensemble
    """

    table: pd.DataFrame

    @property
    def models(self) -> list[str]:
        """The names of the models with a result."""
        return list(self.table.columns)

    @property
    def cells(self) -> list[str]:
        """The names of the models that are cells."""
        return [name for name in self.table.columns if name != ENSEMBLE]

    @property
    def one_seed(self) -> bool:
        """Whether each fold was trained on with one seed, so that an image counts once."""
        return self.table.index.get_level_values("seed").nunique() == 1

    @cached_property
    def images(self) -> pd.DataFrame:
        """The share of a model's networks that are right, per fold and row: means over seeds."""
        return self.table.groupby(level=["fold", "row"]).mean()

    @cached_property
    def trials(self) -> pd.DataFrame:
        """The accuracy of each model per fold and seed."""
        return self.table.groupby(level=["fold", "seed"]).mean()

    @cached_property
    def blocks(self) -> pd.DataFrame:
        """The accuracy of each model per fold, over its seeds; per seed if there is one fold.

        Seeds of one fold share its images and are not independent samples of what another split
        would give, so they are averaged before folds are compared.
        """
        several = self.trials.index.get_level_values("fold").nunique() > 1
        return self.trials.groupby(level="fold" if several else "seed").mean()


@dataclass
class _Run:
    """The trainings of one fold with one seed, all evaluated on the same images."""

    first: str
    row: np.ndarray
    label: np.ndarray
    sums: np.ndarray
    right: dict[str, np.ndarray] = field(default_factory=dict)

    def add(self, name: str, trial: TrialPredictions) -> None:
        if not np.array_equal(trial.row, self.row) or not np.array_equal(trial.label, self.label):
            raise DataError(
                f"fold {trial.fold}, seed {trial.seed}: {self.first} and {name} were evaluated on"
                " different images; delete their validation.parquet and run again"
            )
        self.sums += trial.probabilities
        self.right[name] = trial.probabilities.argmax(axis=1) == trial.label

    def all_right(self) -> dict[str, np.ndarray]:
        """Return which images each model has right, the ensemble of at least two cells as well."""
        if len(self.right) < 2:
            return self.right
        mean = self.sums / len(self.right)
        return self.right | {ENSEMBLE: mean.argmax(axis=1) == self.label}


def outcomes_of(trials: Iterable[TrialPredictions], design: Design) -> Outcomes:
    """Return, for each validation image and model, whether the model classifies it correctly.

    The ensemble of a fold and a seed has the mean probabilities of all cells that were trained
    on that fold with that seed, so that it can be compared with each cell trial by trial; it
    exists only where at least two cells have a result.

    Parameters
    ----------
    trials : those with a result, cell by cell in the order of the design; one is kept at a time

    Raises
    ------
    DataError
        If trials of one fold were evaluated on different images.
    """
    runs: dict[tuple[int, int], _Run] = {}
    for trial in trials:
        name, key = design.model_name(trial.cell), (trial.fold, trial.seed)
        if key not in runs:
            sums = np.zeros(trial.probabilities.shape)
            runs[key] = _Run(name, trial.row, trial.label, sums)
        runs[key].add(name, trial)
    return Outcomes(_table(runs, [*design.models, ENSEMBLE]))


def _table(runs: dict[tuple[int, int], _Run], order: list[str]) -> pd.DataFrame:
    """Return the outcomes of all runs, the columns in the given order."""
    right = {key: run.all_right() for key, run in sorted(runs.items())}
    known = {name for models in right.values() for name in models}
    names = [name for name in order if name in known]
    index = [
        pd.MultiIndex.from_product([[fold], [seed], runs[fold, seed].row], names=IMAGE)
        for fold, seed in right
    ]
    if not index:
        return pd.DataFrame(index=pd.MultiIndex.from_arrays([[], [], []], names=IMAGE))
    values = np.full((sum(map(len, index)), len(names)), np.nan)
    start = 0
    for models, images in zip(right.values(), index, strict=True):
        for name, found in models.items():
            values[start : start + len(images), names.index(name)] = found
        start += len(images)
    table = pd.DataFrame(values, index=index[0].append(index[1:]), columns=names)
    return table.sort_index()
