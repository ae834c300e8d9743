"""Calibration: accuracy against confidence."""

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from digits.core.design import model_label
from digits.plots.style import BLANK, BLUE, MUTED, new_figure, text_only, use_style

COLUMNS = 4
SIDE, HEAD = 1.75, 0.25  # of a panel and of the text above it, in inches
FEW = 10  # predictions in a bin, below which its accuracy is unreliable
POINTS = {"color": BLUE, "marker": "o", "markersize": 3.5, "elinewidth": 0.8, "capsize": 1.5}
MANY = POINTS | {"linewidth": 1.2, "label": "accuracy, with its 95% interval (Wilson)"}
RARE = POINTS | {"linestyle": "none", "markerfacecolor": "white", "alpha": 0.45}
RARE |= {"label": f"fewer than {FEW} predictions"}
DIAGONAL = {"color": MUTED, "linewidth": 0.9, "linestyle": (0, (4, 3))}


@use_style()
def reliability(curves: pd.DataFrame, errors: pd.DataFrame) -> Figure:
    """Draw the reliability curve of each cell and of the ensemble, a panel each.

    Parameters
    ----------
    curves : a row per model and bin, as ``tables/calibration.csv``
    errors : a row per model, in the order of the panels, as ``tables/ece.csv``
    """
    if errors.empty:
        return text_only("Reliability curves", "no training ended with a result")
    columns = min(COLUMNS, len(errors))
    rows = math.ceil(len(errors) / columns)
    figure = new_figure(
        max(SIDE * columns + 0.5, 5.2), (SIDE + HEAD) * rows + 1.1, describe(errors)
    )
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for axes, error in zip(panels, errors.itertuples(), strict=False):
        curve = curves[curves["model"] == error.model]
        draw_curve(axes, curve)
        axes.set_title(f"{model_label(error.model)}: ECE {error.ece:.2%}", fontsize=8.5, pad=24)
        means = f"mean confidence {error.confidence:.1%}\naccuracy {error.accuracy:.1%}"
        axes.text(0, 1.04, means, transform=axes.transAxes, fontsize=7)
    for axes in panels[len(errors) :]:
        axes.set_axis_off()
    for axes in panels[max(len(errors) - columns, 0) : len(errors)]:
        axes.tick_params(labelbottom=True)
        axes.set_xlabel("confidence")
    for axes in panels[::columns]:
        axes.set_ylabel("accuracy")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2)
    figure.suptitle("Calibration: accuracy against confidence", x=0.01, ha="left")
    return figure


def describe(errors: pd.DataFrame) -> str:
    """Describe the curves for screen readers."""
    each = ", ".join(f"{model_label(error.model)} {error.ece:.2%}" for error in errors.itertuples())
    return (
        f"Accuracy against confidence on the validation images; expected calibration error: {each}"
    )


def draw_curve(axes: Axes, curve: pd.DataFrame) -> None:
    """Draw accuracy against confidence by bin, over bars of the share of predictions per bin."""
    axes.bar(
        curve["low"],
        curve["count"] / curve["count"].sum(),
        width=curve["high"] - curve["low"],
        align="edge",
        color=BLANK,
        label="share of the predictions in each bin",
    )
    axes.plot([0, 1], [0, 1], **DIAGONAL, label="perfect calibration")
    for chosen, style in (
        (curve["count"] >= FEW, MANY),
        (curve["count"].between(1, FEW - 1), RARE),
    ):
        points = curve[chosen]
        bars = [(points["accuracy"] - points[f"accuracy_{end}"]).abs() for end in ("low", "high")]
        axes.errorbar(points["confidence"], points["accuracy"], yerr=bars, **style)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1))
        axis.set_ticks([0, 0.5, 1])
