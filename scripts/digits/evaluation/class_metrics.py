"""Per-class metrics and confusion matrices of trials."""

import numpy as np

from digits.core.frames import pd

CLASSES = ["label", "precision", "recall", "f1", "support"]
CONFUSION = ["label", "predicted", "count"]


def confusions(truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Count the images of each true class (rows) that were predicted as each class (columns).

    Parameters
    ----------
    truth, predicted : integer arrays of shape (n,), class numbers
    classes : number of classes

    Returns
    -------
    int64 array of shape (classes, classes)
    """
    pairs = truth.astype(np.int64) * classes + predicted
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


def class_table(counts: np.ndarray) -> pd.DataFrame:
    """Return precision, recall, F1 and number of images of each class; 0 where undefined.

    Parameters
    ----------
    counts : integer array of shape (trials, classes, classes), see :func:`confusions`

    Returns
    -------
    a row per trial and class, the classes of the first trial first
    """
    right = np.diagonal(counts, axis1=1, axis2=2)
    predicted, support = counts.sum(axis=1), counts.sum(axis=2)
    columns = [
        np.broadcast_to(np.arange(counts.shape[1]), right.shape),
        _share(right, predicted),
        _share(right, support),
        _share(2 * right, predicted + support),
        support,
    ]
    return pd.DataFrame({name: each.ravel() for name, each in zip(CLASSES, columns, strict=True)})


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)


def confusion_table(counts: np.ndarray) -> pd.DataFrame:
    """Return confusion matrices in long form: a row per trial, true and predicted class.

    Parameters
    ----------
    counts : integer array of shape (trials, classes, classes), see :func:`confusions`
    """
    _, labels, predicted = np.indices(counts.shape)
    columns = zip(CONFUSION, (labels, predicted, counts), strict=True)
    return pd.DataFrame({name: each.ravel() for name, each in columns})
