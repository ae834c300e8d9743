"""Whether a network is calibrated: how well its confidence agrees with its accuracy.

Predictions are sorted into equal-width bins by confidence, the probability of the predicted class;
in each bin, accuracy is compared with mean confidence.
"""

import numpy as np
import pandas as pd

BINS = 15
"""Number of bins, as in Guo et al., On calibration of modern neural networks (ICML 2017)."""

RELIABILITY = [
    *["bin", "low", "high", "count", "confidence"],
    *["accuracy", "accuracy_low", "accuracy_high"],
]


def reliability(confidence: np.ndarray, right: np.ndarray, bins: int = BINS) -> pd.DataFrame:
    """Return accuracy and mean confidence of predictions by equal-width bins of confidence.

    The reliability curve is ``accuracy`` over ``confidence``. Bin m of M contains the confidences
    above (m - 1) / M and up to m / M, as in Guo et al. (2017).

    Parameters
    ----------
    confidence : float array of shape (n,), each above 0 and up to 1
    right : boolean array of shape (n,), whether each prediction is correct

    Returns
    -------
    one row per bin: ``bin`` (from 1), its limits ``low`` and ``high``, the ``count`` of
    predictions, their mean ``confidence`` and ``accuracy``, and Wilson's 95% interval of the
    accuracy (Wilson, JASA 22, 1927) from ``accuracy_low`` to ``accuracy_high``; NaN in empty bins
    """
    from scipy.stats import binomtest

    edges = np.linspace(0, 1, bins + 1)
    # In single precision, a confidence of 1 may be slightly larger.
    places = np.searchsorted(edges[1:-1], confidence, side="left")
    counts = np.bincount(places, minlength=bins)
    hits = np.bincount(places, weights=right, minlength=bins).astype(int)
    sums = np.bincount(places, weights=confidence, minlength=bins)
    known = np.where(counts > 0, counts, np.nan)
    intervals = np.full((bins, 2), np.nan)
    for place in np.flatnonzero(counts):
        test = binomtest(int(hits[place]), int(counts[place]))
        intervals[place] = test.proportion_ci(0.95, method="wilson")
    columns = [np.arange(1, bins + 1), edges[:-1], edges[1:], counts, sums / known, hits / known]
    return pd.DataFrame(dict(zip(RELIABILITY, [*columns, *intervals.T], strict=True)))


def expected_calibration_error(table: pd.DataFrame) -> float:
    """Return the mean distance of accuracy and confidence over the bins, weighted by their counts.

    After Naeini, Cooper and Hauskrecht, Obtaining well calibrated probabilities using Bayesian
    binning (AAAI 2015); 0 is best. It depends on the bins.

    Parameters
    ----------
    table : as returned by :func:`reliability`, with at least one prediction
    """
    gaps = (table["accuracy"] - table["confidence"]).abs().fillna(0)
    return float(np.average(gaps, weights=table["count"]))
