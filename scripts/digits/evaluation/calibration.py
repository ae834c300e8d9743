"""Whether a network is calibrated: how well its confidence agrees with its accuracy.

Predictions are sorted into bins by confidence, the probability of the predicted class; in each bin,
accuracy is compared with mean confidence. The bins have equally many predictions, as most
predictions of a good network would fall into the last of equally wide ones (Nguyen and O'Connor,
Posterior calibration and exploratory analysis for natural language processing models, EMNLP 2015).
"""

import numpy as np

from digits.core.frames import pd
from digits.evaluation.intervals import wilson

BINS = 15
"""Number of bins, as in Guo et al., On calibration of modern neural networks (ICML 2017)."""

DRAWS, SEED = 200, 422
"""Simulated outcomes for what a calibrated network would show, and the seed of the simulation."""

RELIABILITY = [
    *["bin", "low", "high", "count", "confidence"],
    *["accuracy", "accuracy_low", "accuracy_high"],
]


def reliability(confidence: np.ndarray, right: np.ndarray, bins: int = BINS) -> pd.DataFrame:
    """Return accuracy and mean confidence of predictions by bins of confidence of equal mass.

    The reliability curve is ``accuracy`` over ``confidence``. The limits of the bins are quantiles
    of the confidences; equal ones are in the same bin, so there may be fewer bins.

    Parameters
    ----------
    confidence : float array of shape (n,), each above 0 and up to 1; n is at least 1
    right : boolean array of shape (n,), whether each prediction is correct
    bins : the most bins

    Returns
    -------
    one row per bin: ``bin`` (from 1), its smallest and largest confidence ``low`` and ``high``, the
    ``count`` of predictions, their mean ``confidence`` and ``accuracy``, and Wilson's 95% interval
    of the accuracy from ``accuracy_low`` to ``accuracy_high``
    """
    places, count = _places(confidence, bins)
    table = pd.DataFrame({"place": places, "confidence": confidence, "right": right})
    groups = table.groupby("place")
    counts, hits = groups.size(), groups["right"].sum().astype(int)
    low, high = wilson(hits.to_numpy(), counts.to_numpy())
    columns = [np.arange(1, count + 1), groups["confidence"].min(), groups["confidence"].max()]
    columns += [counts, groups["confidence"].mean(), hits / counts, low, high]
    values = [np.asarray(column) for column in columns]
    return pd.DataFrame(dict(zip(RELIABILITY, values, strict=True)))


def _places(confidence: np.ndarray, bins: int) -> tuple[np.ndarray, int]:
    """Return the bin of each prediction, from 0, and the number of bins that have any."""
    edges = np.quantile(confidence, np.linspace(0, 1, bins + 1)[1:-1])
    found, places = np.unique(np.searchsorted(edges, confidence), return_inverse=True)
    return places, len(found)


def expected_calibration_error(table: pd.DataFrame) -> float:
    """Return the mean distance of accuracy and confidence over the bins, weighted by their counts.

    After Naeini, Cooper and Hauskrecht, Obtaining well calibrated probabilities using Bayesian
    binning (AAAI 2015); 0 is best. It depends on the bins, and chance alone makes it larger than 0:
    see :func:`expected_if_calibrated`.

    Parameters
    ----------
    table : as returned by :func:`reliability`, with at least one prediction
    """
    gaps = (table["accuracy"] - table["confidence"]).abs()
    return float(np.average(gaps, weights=table["count"]))


def expected_if_calibrated(confidence: np.ndarray, bins: int = BINS) -> float:
    """Return the mean calibration error of a perfectly calibrated network with these confidences.

    Each prediction of such a network is correct with the probability that it states. The mean is
    over ``DRAWS`` simulated outcomes, the same in each call; its relative error is about 2%.

    Parameters
    ----------
    confidence : float array of shape (n,), each above 0 and up to 1; n is at least 1
    """
    places, count = _places(confidence, bins)
    generator = np.random.default_rng(SEED)
    expected = np.bincount(places, confidence, count)
    gaps = [
        np.abs(
            np.bincount(places, generator.random(len(confidence)) < confidence, count) - expected
        )
        for _ in range(DRAWS)
    ]
    return float(np.sum(gaps) / DRAWS / len(confidence))
