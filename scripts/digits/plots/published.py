"""Differences between the accuracies and the published ones."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from digits.analysis.recommendation import published_sentence
from digits.analysis.vocabulary import PUBLISHED
from digits.core.design import Design
from digits.plots.intervals import BARS, reach
from digits.plots.style import BLUE, MUTED, VERMILLION, fix_ticks, new_figure, use_style


@use_style()
def published(comparisons: pd.DataFrame, design: Design) -> Figure:
    """Draw the difference of each cell from its published accuracy, with its 95% interval.

    Parameters
    ----------
    comparisons : the table of comparisons
    """
    rows = comparisons[comparisons["test"] == PUBLISHED].iloc[::-1]
    text = "Validation accuracy of the last epoch against the published figures. "
    text += published_sentence(comparisons, design) or "No cell has a result and a figure."
    figure = new_figure(5.6, max(1.8, 0.3 * len(rows) + 1.2), text)
    axes = figure.subplots()
    axes.axvline(0, color=MUTED, linewidth=1)
    outside = ((rows["low"] > 0) | (rows["high"] < 0)).to_numpy()
    marks = ((~outside, BLUE, "o", "within noise"), (outside, VERMILLION, "D", "beyond noise"))
    for which, colour, marker, label in marks:
        part = rows[which]
        if len(part):
            axes.errorbar(
                100 * part["difference"],
                np.flatnonzero(which),
                xerr=100 * reach(part, "difference"),
                color=colour,
                marker=marker,
                linestyle="none",
                label=label,
                **BARS,
            )
    fix_ticks(axes.yaxis, list(range(len(rows))), list(map(design.model_label, rows["first"])))
    axes.set(
        xlabel="ours minus published (percentage points)", ylim=(-0.6, max(len(rows), 1) - 0.4)
    )
    axes.xaxis.grid(True)
    axes.set_title("Difference from the published accuracy")
    if len(rows):
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    else:
        axes.text(
            0.5, 0.5, "nothing to compare", transform=axes.transAxes, ha="center", va="center"
        )
        axes.set_xticks([])
    return figure
