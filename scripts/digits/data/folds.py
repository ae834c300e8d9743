"""Stratified folds, and a stratified test set, the same as scikit-learn's.

Folds are made without scikit-learn, whose import takes longer than all else of a split.
"""

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
    held_out = assign_folds(labels, splits, seed) == fold
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def assign_folds(labels: np.ndarray, splits: int, seed: int) -> np.ndarray:
    """Return the fold in whose validation part each image is: int array of shape (n,).

    The images of a class are dealt out to the folds in turn, starting where the class before it
    ended; which of them goes where is drawn class by class.

    Parameters
    ----------
    labels : integer array of shape (n,), class numbers
    """
    _, first, classes = np.unique(labels, return_index=True, return_inverse=True)
    # Classes are numbered in the order in which they first occur.
    numbers = np.argsort(np.argsort(first))[classes]
    dealt = np.sort(numbers)
    generator = np.random.RandomState(seed)
    folds = np.empty(len(labels), dtype=np.intp)
    for number in range(len(first)):
        counts = [np.count_nonzero(dealt[fold::splits] == number) for fold in range(splits)]
        own = np.repeat(np.arange(splits), counts)
        generator.shuffle(own)
        folds[numbers == number] = own
    return folds


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
    from sklearn.model_selection import train_test_split

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
