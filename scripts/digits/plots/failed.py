"""Placeholder plots for a cell whose trainings all failed."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from digits.core.design import REPEATS
from digits.plots.cells import COLOURS, scale_accuracy, scale_epochs, scale_loss
from digits.plots.style import new_figure, text_only, use_style

REASON = "no training of this cell ended with a result"
LABELS = {"": "training", "val_": "validation"}


@use_style()
def confusion(name: str) -> Figure:
    """Make a figure that states that there is no confusion matrix."""
    return no_plot("Confusion matrix", name, "")


@use_style()
def learning(history: pd.DataFrame, name: str) -> Figure:
    """Draw the finished epochs, a thin line per trial; text only if there are none.

    Parameters
    ----------
    history : a row per fold, seed and epoch, with loss, accuracy, val_loss and val_accuracy
    name : name of the cell, for the title
    """
    if history.empty:
        return no_plot("Learning curves", name, "; no epoch was finished")
    figure = new_figure(
        7.4,
        3.7,
        f"Learning curves of {name}, as far as they went, to epoch {history['epoch'].max()}: "
        f"{REASON}",
    )
    loss, accuracy = figure.subplots(1, 2)
    for axes, measure in ((loss, "loss"), (accuracy, "accuracy")):
        for _, trial in history.sort_values("epoch").groupby(REPEATS):
            for prefix, colour in COLOURS.items():
                curve = trial[prefix + measure]
                axes.plot(trial["epoch"], curve, color=colour, linewidth=1, marker="o", ms=3)
        scale_epochs(axes)
    scale_loss(loss)
    scale_accuracy(accuracy)
    lines = [Line2D([], [], color=COLOURS[prefix], marker="o", ms=3) for prefix in LABELS]
    figure.legend(lines, LABELS.values(), loc="outside lower center", ncols=2)
    figure.suptitle(f"{name}: failed, {REASON}", x=0.01, ha="left")
    return figure


def no_plot(what: str, name: str, more: str) -> Figure:
    """Make a figure that states that there is nothing to draw."""
    description = f"{what} of {name}: {REASON}{more}"
    return text_only(f"{what} of {name}: failed", f"{REASON}{more}", description)
