"""The accuracy of every cell in rank order, with its interval, for designs of many factors."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from digits.analysis.cell_summaries import LEADING, accuracies, but_failed, leading, ranked
from digits.core.design import ENSEMBLE, Cell, Design
from digits.core.tables import rows_of
from digits.plots.intervals import PICKED, TOGETHER, known_cells
from digits.plots.rows import HEAD, ROW, draw_accuracies, draw_rows, label_rows
from digits.plots.style import BLUE, MUTED, new_figure, use_style

FACTORS = 2
"""Of more factors than this, the accuracy of the cells is drawn in rank order."""

MEASURED = {"color": BLUE, "marker": "o", "markersize": 5, "linewidth": 0.9}
THEIRS = {"color": MUTED, "marker": "o", "markersize": 7, "markerfacecolor": "none"}
THEIRS |= {"markeredgewidth": 1.1, "linestyle": "none"}


@use_style()
def accuracy(cells: pd.DataFrame, design: Design, published: pd.DataFrame | None = None) -> Figure:
    """Draw the accuracy of cells with its 95% interval in rank order, beside their levels.

    Only the ``LEADING`` ones, if there are more. The cell to pick is ringed; a dotted line is the
    ensemble.

    Parameters
    ----------
    cells : the table of cells
    published : published figures with the factors and val_accuracy, drawn as hollow marks
    """
    shares = accuracies(cells, design)
    order = ranked(shares, design)[:LEADING]
    known = known_cells(cells).set_index("model", drop=False)
    ended = [cell for cell in order if design.model_name(cell) in known.index]
    failed = [cell for cell in shares if design.model_name(cell) not in known.index]
    rows = known.loc[[design.model_name(cell) for cell in ended]]
    ensemble = cells[cells["model"] == ENSEMBLE].dropna(subset="accuracy")
    title = f"Accuracy in rank order{leading(order, len(design.cells))}"
    text = f"{title}, with 95% intervals: {describe(rows, design)}{but_failed(failed, design)}"
    figure = new_figure(8, HEAD + 0.2 + ROW * len(order), text)
    axes = figure.subplots()
    draw_rows(axes, len(order))
    label_rows(axes, order, design)
    draw_accuracies(axes, rows, ensemble)
    for place in range(len(ended), len(order)):
        axes.text(0.5, place, "failed", transform=axes.get_yaxis_transform(), va="center")
    shown = published is not None and add_published(axes, published, order, design)
    add_legend(figure, rows, ensemble=len(ensemble) > 0, published=shown)
    figure.suptitle(title, x=0.01, ha="left")
    return figure


def describe(rows: pd.DataFrame, design: Design) -> str:
    """List accuracies with their intervals, for screen readers."""
    texts = []
    for row in rows.itertuples():
        ends = "" if pd.isna(row.low) else f" ({row.low:.2%} to {row.high:.2%})"
        texts.append(f"{design.model_label(row.model)} {row.accuracy:.2%}{ends}")
    return "; ".join(texts) or "no cell has a result"


def add_published(axes: Axes, published: pd.DataFrame, order: list[Cell], design: Design) -> bool:
    """Add published accuracies as hollow marks; return whether there are any of these cells."""
    marks = [
        (share, place)
        for place, cell in enumerate(order)
        for share in rows_of(published, cell, design)["val_accuracy"].dropna()
    ]
    if marks:
        axes.plot(*zip(*marks, strict=True), **THEIRS)
    return bool(marks)


def add_legend(figure: Figure, rows: pd.DataFrame, *, ensemble: bool, published: bool) -> None:
    """Add a legend of marks and lines below the cells."""
    entries = {}
    if len(rows):
        entries["accuracy, with its 95% interval"] = Line2D([], [], **MEASURED)
    if rows["pick"].astype(bool).any():
        entries["the cell to pick"] = Line2D([], [], **PICKED)
    if ensemble:
        entries["ensemble of all cells"] = Line2D([], [], **TOGETHER)
    if published:
        entries["published (last epoch)"] = Line2D([], [], **THEIRS)
    if entries:
        figure.legend(entries.values(), entries.keys(), loc="outside lower center", ncols=4)
