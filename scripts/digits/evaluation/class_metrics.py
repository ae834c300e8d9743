"""Per-class metrics and confusion matrices, by scikit-learn."""

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

CLASSES = ["label", "precision", "recall", "f1", "support"]
CONFUSION = ["label", "predicted", "count"]


def class_table(truth: np.ndarray, predicted: np.ndarray, classes: int) -> pd.DataFrame:
    """Return precision, recall, F1 and number of images of each class; 0 where undefined.

    Parameters
    ----------
    truth, predicted : integer arrays of shape (n,), class numbers
    classes : number of classes
    """
    precision, recall, f1, support = precision_recall_fscore_support(
        truth, predicted, labels=range(classes), zero_division=0
    )
    return pd.DataFrame(
        {
            "label": range(classes),
            "precision": precision,
            "recall": recall,
            "f1": f1,
            "support": support,
        }
    )


def confusion_table(truth: np.ndarray, predicted: np.ndarray, classes: int) -> pd.DataFrame:
    """Return the confusion matrix in long form: one row per pair of true and predicted class.

    Parameters
    ----------
    truth, predicted : integer arrays of shape (n,), class numbers
    classes : number of classes
    """
    counts = confusion_matrix(truth, predicted, labels=range(classes))
    labels, others = np.indices(counts.shape)
    return pd.DataFrame(
        {"label": labels.ravel(), "predicted": others.ravel(), "count": counts.ravel()}
    )
