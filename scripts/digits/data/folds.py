"""Stratified folds, the same as scikit-learn's, whose import takes a second."""

from collections.abc import Sequence

import numpy as np

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
    validated = _folds(labels, splits, seed) == fold
    return np.flatnonzero(~validated), np.flatnonzero(validated)


def _folds(labels: np.ndarray, splits: int, seed: int) -> np.ndarray:
    """Return the fold whose validation part contains each image."""
    _, first, classes = np.unique(labels, return_index=True, return_inverse=True)
    generator, folds = np.random.RandomState(seed), np.empty(len(labels), int)
    # The images, sorted by class, are dealt to the folds in turn; each class is then shuffled.
    order = np.argsort(first)
    dealt = np.arange(len(labels)) % splits
    start = 0
    for number in order:
        members = np.flatnonzero(classes == number)
        own = np.sort(dealt[start : start + len(members)])
        generator.shuffle(own)
        folds[members] = own
        start += len(members)
    return folds
