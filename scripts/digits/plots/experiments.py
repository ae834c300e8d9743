"""Accuracy against time of the cells of several experiments, in one plot."""

from collections.abc import Mapping
from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from digits.analysis.selection import front
from digits.plots.labels import place_labels
from digits.plots.selection import TIMES
from digits.plots.style import (
    MARKERS,
    MUTED,
    PALETTE,
    new_figure,
    say_none,
    show_percent,
    use_style,
    wrapped,
)

NAMED = 12
"""Of an experiment with more cells, only the most accurate one is named."""

LETTERS = 22  # in a line of a cell's name


@use_style()
def experiments(cells: Mapping[str, pd.DataFrame], measure: str) -> Figure:
    """Draw each cell's validation accuracy after the last epoch against the time of a training.

    A line joins the Pareto front of all cells; each experiment has a colour and a marker.

    Parameters
    ----------
    cells : by experiment, a row per cell: ``name``, ``val_accuracy`` and the measure, the means
        over its trainings
    measure : ``cpu_seconds`` or ``training_seconds``
    """
    known = pd.concat(cells, names=["experiment"]).dropna(subset=["val_accuracy", measure])
    ahead = known[front(known[measure], known["val_accuracy"])].sort_values(measure)
    models = ", ".join(f"{name} of {of}" for (of, _), name in ahead["name"].items())
    text = (
        f"Validation accuracy against {TIMES[measure]} of a training for the cells of"
        f" {', '.join(cells)}. On the Pareto front: {models or 'none'}"
    )
    figure = new_figure(7.6, 4.6, text)
    axes = figure.subplots()
    line = ahead[[measure, "val_accuracy"]].to_numpy(dtype=float)
    axes.plot(*line.T, color=MUTED, linewidth=1, linestyle=(0, (4, 2)), label="Pareto front")
    for name, colour, marker in zip(cells, cycle(PALETTE), cycle(MARKERS)):
        rows = known[known.index.get_level_values("experiment") == name]
        look = {"color": colour, "marker": marker, "markersize": 6, "linestyle": "none"}
        axes.plot(rows[measure], rows["val_accuracy"], **look, label=name)
    axes.set(xscale="log", xlabel=f"{TIMES[measure]} of one training (s)")
    axes.set(ylabel="validation accuracy, last epoch")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.margins(0.08)
    axes.grid(visible=True)
    show_percent(axes)
    if known.empty:
        say_none(axes)
    figure.legend(loc="outside lower center", ncols=5)
    figure.draw_without_rendering()  # the positions of labels depend on the layout
    shares = known["val_accuracy"].groupby("experiment")
    first = known["val_accuracy"] == shares.transform("max")
    named = ((shares.transform("size") <= NAMED) | first).to_numpy()
    order = np.concatenate([np.flatnonzero(named), np.flatnonzero(~named)])
    points = known[[measure, "val_accuracy"]].to_numpy(dtype=float)
    place_labels(
        axes, points[order], [wrapped(name, LETTERS) for name in known["name"][named]], line=line
    )
    return figure
