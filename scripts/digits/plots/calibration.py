"""Calibration: accuracy against confidence."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter

from digits.analysis.cell_summaries import leading
from digits.core.design import ENSEMBLE, Cell, Design
from digits.plots.style import (
    BLANK,
    BLUE,
    MUTED,
    new_figure,
    text_only,
    use_style,
    wrapped,
)

COLUMNS = 4
SIDE, HEAD, LINE = 1.95, 0.05, 0.14  # of a panel, of the text above it, and of a further line of it
LETTERS = 26  # in a line of a panel's title
SMALLEST = 0.003  # added to all errors, so that a share of 100% is on the log scale
TICKS = (0, 0.8, 0.95, 0.99, 1)
POINTS = {"color": BLUE, "marker": "o", "markersize": 3.2, "elinewidth": 0.8, "linewidth": 1}
POINTS |= {"label": "accuracy in a bin, with its 95% interval (Wilson)"}
DIAGONAL = {"color": MUTED, "linewidth": 0.9, "linestyle": (0, (4, 3))}
DEVIATION = 1.96  # of a normal distribution, within which 95% of it are


@use_style()
def reliability(
    curves: pd.DataFrame, errors: pd.DataFrame, shown: Sequence[Cell], design: Design
) -> Figure:
    """Draw the reliability curves of cells and of the ensemble, a panel each.

    Parameters
    ----------
    curves : a row per model and bin, as ``tables/calibration.csv``
    errors : a row per model, as ``tables/ece.csv``
    shown : the cells, in the order of the panels, see
        :func:`digits.analysis.cell_summaries.shown_cells`
    """
    title = f"Calibration{leading(shown, len(design.cells))}"
    models = [*map(design.model_name, shown), ENSEMBLE]
    errors = errors.set_index("model")
    errors = errors.loc[[model for model in models if model in errors.index]]
    if errors.empty:
        return text_only("Reliability curves", "no training ended with a result")
    columns = min(COLUMNS, len(errors))
    rows = math.ceil(len(errors) / columns)
    names = [wrapped(design.model_label(model), LETTERS) for model in errors.index]
    high = SIDE + HEAD + LINE * (1 + max(name.count("\n") for name in names))
    size = (max(SIDE * columns + 0.6, 6.4), high * rows + 1.1)
    figure = new_figure(*size, describe(title, errors, design))
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for axes, name, error in zip(panels, names, errors.itertuples(), strict=False):
        draw_curve(axes, curves[curves["model"] == error.Index])
        axes.set_title(name, fontsize=8.5, pad=6)
        text = (
            f"confidence {error.confidence:.1%}\naccuracy {error.accuracy:.1%}\n"
            f"ECE {error.ece:.2%}\nby chance {error.expected_ece:.2%}"
        )
        axes.text(0.98, 0.04, text, transform=axes.transAxes, fontsize=6.5, ha="right")
    for axes in panels[len(errors) :]:
        axes.set_axis_off()
    for axes in panels[max(len(errors) - columns, 0) : len(errors)]:
        axes.tick_params(labelbottom=True)
        axes.set_xlabel("confidence")
    for axes in panels[::columns]:
        axes.set_ylabel("accuracy")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2)
    figure.suptitle(f"{title} (both axes on a log scale of errors)", x=0.01, ha="left")
    return figure


def describe(title: str, errors: pd.DataFrame, design: Design) -> str:
    """Describe the curves for screen readers."""
    each = "; ".join(
        f"{design.model_label(error.Index)} {error.ece:.2%}" for error in errors.itertuples()
    )
    return (
        f"{title}. Accuracy against confidence on the validation images; expected calibration"
        f" error: {each}"
    )


def draw_curve(axes: Axes, curve: pd.DataFrame) -> None:
    """Draw accuracy against confidence by bin, and where it would be by chance if they agreed."""
    ends = [(curve["accuracy"] - curve[f"accuracy_{end}"]).abs() for end in ("low", "high")]
    low, high = chance_band(curve["confidence"].to_numpy(), curve["count"].to_numpy())
    axes.fill_between(
        curve["confidence"],
        low,
        high,
        color=BLANK,
        linewidth=0,
        label="95% range of a perfectly calibrated network",
    )
    axes.plot([0, 1], [0, 1], **DIAGONAL, label="confidence = accuracy")
    axes.errorbar(curve["confidence"], curve["accuracy"], yerr=ends, clip_on=False, **POINTS)
    for axis, scale in ((axes.xaxis, axes.set_xscale), (axes.yaxis, axes.set_yscale)):
        scale("function", functions=(to_step, to_share))
        axis.set_major_locator(FixedLocator(TICKS))
        axis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g}%"))
    axes.set(xlim=(0, 1), ylim=(0, 1), box_aspect=1)
    axes.tick_params(labelsize=7)


def to_step(share: np.ndarray) -> np.ndarray:
    """Return the place of shares on a scale where halving the error is the same step anywhere."""
    return -np.log(np.clip(1 - share, 0, 1) + SMALLEST)


def to_share(step: np.ndarray) -> np.ndarray:
    """Return the shares at places of that scale."""
    return 1 - (np.exp(-step) - SMALLEST)


def chance_band(confidence: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the range of the accuracy of a perfectly calibrated network in each bin, of 95%.

    It is the accuracies whose Wilson interval contains the confidence, as the two invert the same
    test.

    Parameters
    ----------
    confidence, count : mean confidence and number of predictions of each bin
    """
    half = DEVIATION * np.sqrt(confidence * (1 - confidence) / count)
    return np.clip(confidence - half, 0, 1), np.clip(confidence + half, 0, 1)
