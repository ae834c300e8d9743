"""What a trial leaves behind - metrics, history, probabilities - read and gathered into tables.

A trial is one training: a cell of the design (layers x nodes) on one fold with one seed.
"""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from digits.errors import DataError
from digits.files import replacing

CELL = ["layers", "nodes"]
TRIAL = [*CELL, "fold", "seed"]

RESULTS = [
    *TRIAL,
    "epochs",
    "training_seconds",
    "cpu_seconds",
    "accuracy",
    "val_accuracy",
    "val_loss",
    "best_epoch",
    "best_val_accuracy",
    "parameters",
    "images_per_second",
    "device",
]


HISTORY = ["epoch", "seconds", "accuracy", "loss", "val_accuracy", "val_loss"]


def read_metrics(path: Path, names: list[str] = RESULTS) -> dict:
    """Read a JSON record, such as a trial's ``metrics.json``.

    Parameters
    ----------
    names : keys it must have; by default those that stand in the results table

    Raises
    ------
    DataError
        If the file is missing, damaged or lacks one of the keys.
    """
    try:
        metrics = json.loads(path.read_text(encoding="utf-8"))
        missing = [name for name in names if name not in metrics]
    except (OSError, ValueError, TypeError) as error:
        raise DataError(f"{path}: not readable JSON ({error}); delete it and run again") from None
    if missing:
        raise DataError(f"{path}: no {missing[0]}; delete it and run again")
    return metrics


def read_history(path: Path) -> pd.DataFrame:
    """Read a trial's history, a row per epoch.

    Raises
    ------
    DataError
        If the file is missing, damaged or lacks one of the columns.
    """
    try:
        return pd.read_csv(path)[HISTORY]
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"{path}: not a readable history ({str(error).strip()}); delete it and run again"
        ) from None


def read_probabilities(path: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """Read a table of predictions.

    Returns
    -------
    keys : the columns before the probabilities (``row`` and ``label``, or ``ImageId``)
    probabilities : float32 array of shape (n, classes)

    Raises
    ------
    DataError
        If the file is missing, damaged or holds no probabilities.
    """
    try:
        table = pq.read_table(path).to_pandas()
        columns = [name for name in table.columns if re.fullmatch("p[0-9]+", name)]
        probabilities = table[columns].to_numpy(np.float32)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise DataError(
            f"{path}: not readable predictions ({error}); delete it and run again"
        ) from None
    if not columns:
        raise DataError(f"{path}: no probabilities; delete it and run again")
    return table.drop(columns=columns), probabilities


def write_probabilities(path: Path, keys: dict[str, np.ndarray], probabilities: np.ndarray) -> None:
    """Write key columns and probabilities of shape (n, classes), ``p0``, ``p1`` …, as Parquet."""
    columns = keys | {f"p{label}": column for label, column in enumerate(probabilities.T)}
    with replacing(path) as temporary:
        pq.write_table(pa.table(columns), temporary, compression="zstd")


def results_table(metrics: list[dict], scores: dict[tuple[int, int], float | None]) -> pd.DataFrame:
    """Gather metrics into a row per trial, with the offline score of each cell's submission.

    ``kaggle_score`` is Kaggle's own; nothing has been handed in to Kaggle, so it is empty.
    """
    table = pd.DataFrame(metrics, columns=RESULTS).sort_values(TRIAL, ignore_index=True)
    table["score"] = [
        scores.get((layers, nodes)) for layers, nodes in table[CELL].itertuples(index=False)
    ]
    table["score"] = table["score"].astype(float)
    table["kaggle_score"] = np.nan
    return table


def history_table(histories: list[tuple[dict, pd.DataFrame]]) -> pd.DataFrame:
    """Put the histories of trials, each given with its metrics, one below the other."""
    tables = []
    for metrics, history in histories:
        table = history.copy()
        for position, name in enumerate(TRIAL):
            table.insert(position, name, metrics[name])
        tables.append(table)
    return pd.concat(tables).sort_values([*TRIAL, "epoch"], ignore_index=True)


def class_table(truth: np.ndarray, predicted: np.ndarray, classes: int) -> pd.DataFrame:
    """Return precision, recall, F1 and number of images of each class; 0 where undefined."""
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
    """Return the confusion matrix in long form: a row per pair of true and predicted class."""
    counts = confusion_matrix(truth, predicted, labels=range(classes))
    labels, others = np.indices(counts.shape)
    return pd.DataFrame(
        {"label": labels.ravel(), "predicted": others.ravel(), "count": counts.ravel()}
    )


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV, numbers in their shortest exact form, whole or not at all."""
    with replacing(path) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")
