"""Stratified folds, and a stratified test set, by scikit-learn."""

from collections.abc import Sequence

import numpy as np
from sklearn.model_selection import StratifiedKFold, train_test_split

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


def hold_out(
    labels: np.ndarray, share: float, seed: int, classes: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows to train on and the rows held out as a test set, in ascending order.

    They are those of scikit-learn's ``train_test_split``, stratified by label.

    Parameters
    ----------
    labels : integer array of shape (n,), class numbers
    share : share of the images to hold out, above 0 and below 1
    classes : the labels of the classes

    Returns
    -------
    train, test : int arrays of row numbers

    Raises
    ------
    ConfigError
        If a class has too few images for both.
    """
    present, counts = np.unique(labels, return_counts=True)
    fewest = int(counts.argmin())
    if counts[fewest] < 2 or min(share, 1 - share) * len(labels) < len(present):
        raise ConfigError(
            f"dataset.test_share: {share} of {len(labels)} images leaves a class without any:"
            f" class {classes[present[fewest]]} has {counts[fewest]}"
        )
    train, test = train_test_split(
        np.arange(len(labels)), test_size=share, stratify=labels, random_state=seed
    )
    return np.sort(train), np.sort(test)
