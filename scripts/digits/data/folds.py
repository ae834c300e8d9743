"""Stratified folds by scikit-learn."""

from collections.abc import Sequence

import numpy as np
from sklearn.model_selection import StratifiedKFold

from digits.core.errors import ConfigError


def split_fold(
    labels: np.ndarray, classes: Sequence[str], *, splits: int, fold: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of one fold's training and validation parts, in ascending order.

    They are those of scikit-learn's ``StratifiedKFold(splits, shuffle=True, random_state=seed)``.

    Parameters
    ----------
    labels : integer array of shape (n,), class numbers
    classes : the labels of the classes
    fold : 0 to splits - 1

    Returns
    -------
    train, validation : int arrays of row numbers

    Raises
    ------
    ConfigError
        If there is no such fold, or if a class has fewer images than there are splits.
    """
    if fold not in range(splits):
        raise ConfigError(
            f"cross_validation.folds: expected 0 to {splits - 1} for {splits} splits, found {fold}"
        )
    present, counts = np.unique(labels, return_counts=True)
    if counts.min() < splits:
        raise ConfigError(
            f"cross_validation.splits: {splits} folds need {splits} images of every class,"
            f" but class {classes[present[counts.argmin()]]} has {counts.min()}"
        )
    folds = StratifiedKFold(splits, shuffle=True, random_state=seed)
    return list(folds.split(np.zeros(len(labels)), labels))[fold]
