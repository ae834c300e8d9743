"""Misclassified images: which classes are confused, and which images are hard."""

from collections.abc import Mapping

import numpy as np

from digits.core.design import REPEATS, Design
from digits.core.frames import pd
from digits.core.tables import by_design

IMAGE = ["fold", "row", "label"]
CONFUSED = ["label", "predicted", "count", "share"]


def hardest_columns(design: Design) -> list[str]:
    """Return the columns of :func:`hardest_images`."""
    return [
        *[*IMAGE, "predicted", "confidence", *design.cell_columns, "seed", "wrong", "trials"],
        *["ensemble", "ensemble_confidence", "label_probability"],
    ]


def answers(keys: Mapping[str, np.ndarray], probabilities: np.ndarray) -> pd.DataFrame:
    """Return the predicted classes of labelled images with their probabilities.

    Parameters
    ----------
    keys : ``row`` and ``label``, integer arrays of shape (n,)
    probabilities : float array of shape (n, classes)

    Returns
    -------
    one row per image: ``row``, ``label``, the most probable class as ``predicted`` (the first one
    wins a tie), its probability as ``confidence``, and that of the label as ``label_probability``
    """
    images = np.arange(len(probabilities))
    predicted = probabilities.argmax(axis=1)
    return pd.DataFrame(
        {
            "row": keys["row"],
            "label": keys["label"].astype(np.int64),
            "predicted": predicted,
            "confidence": probabilities[images, predicted].astype(np.float64),
            "label_probability": probabilities[images, keys["label"]].astype(np.float64),
        }
    )


def confused_pairs(label: np.ndarray, predicted: np.ndarray) -> pd.DataFrame:
    """Count how often each class was predicted as another, the most frequent pair first.

    Parameters
    ----------
    label, predicted : integer arrays of shape (n,), class numbers

    Returns
    -------
    one row per pair that occurs: ``label``, ``predicted``, ``count``, and the ``share`` of the
    images of class ``label`` that were predicted as ``predicted``
    """
    pairs = pd.DataFrame({"label": label, "predicted": predicted})
    images = pairs["label"].value_counts()
    wrong = pairs[pairs["label"] != pairs["predicted"]]
    counts = wrong.groupby(["label", "predicted"]).size().rename("count").reset_index()
    counts["share"] = counts["count"] / counts["label"].map(images)
    order = {"by": ["count", "label", "predicted"], "ascending": [False, True, True]}
    return counts.sort_values(**order, ignore_index=True)[CONFUSED]


def hardest_images(mistakes: pd.DataFrame, ensemble: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Return the images that any trial misclassified, the most confident error first.

    Parameters
    ----------
    mistakes : the wrong :func:`answers` of every trial, with the columns of the trial
    ensemble : the answers by the mean of all trials' probabilities, with the fold and the number
        of ``trials`` that it is of

    Returns
    -------
    one row per image: ``fold``, ``row``, ``label``; the most confident error as ``predicted``, with
    its ``confidence``, its cell and its ``seed``; how many trials were ``wrong`` of the ``trials``
    that saw the image; the class that the mean of all predicts (``ensemble``,
    ``ensemble_confidence``), and the probability that it gives to the label (``label_probability``)
    """
    ordered = by_design(mistakes, design, [*REPEATS, "row"])
    worst = ordered.sort_values("confidence", ascending=False, kind="stable")
    worst = worst.drop_duplicates(["fold", "row"]).drop(columns="label_probability")
    wrong = mistakes.groupby(["fold", "row"]).size().rename("wrong").reset_index()
    worst = worst.merge(wrong, on=["fold", "row"])
    mean = ensemble.rename(columns={"predicted": "ensemble", "confidence": "ensemble_confidence"})
    mean = mean.drop(columns="label")
    worst = worst.merge(mean, on=["fold", "row"])
    order = {"by": ["confidence", "wrong", "fold", "row"], "ascending": [False, False, True, True]}
    return worst.sort_values(**order, ignore_index=True)[hardest_columns(design)]
