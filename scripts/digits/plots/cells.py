"""Plots of one cell of the design: its confusion matrix and its learning curves."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from digits.core.design import REPEATS
from digits.plots.style import (
    BLANK,
    BLUE,
    INK,
    MUTED,
    VERMILLION,
    fix_ticks,
    new_figure,
    shortened,
    text_colour,
    use_style,
)

COLOURS = {"": BLUE, "val_": VERMILLION}  # training, validation
LOSS_TICKS = [step * 10.0**power for power in range(-4, 2) for step in (1, 2, 3, 5)]
ACCURACY_TICKS = (0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1)
SMALLEST_ERROR = 0.002  # added to all errors, so that an accuracy of 100% is on the log scale
MARKED_EPOCHS = 20  # more marks would overlap
GOOD = "#e3ecf3"  # the diagonal
BEST = {"marker": "o", "markersize": 8, "markerfacecolor": "none", "markeredgewidth": 1.1}
BEST |= {"color": INK, "linestyle": "none"}
THEIRS = {"linewidth": 1.1, "linestyle": (0, (4, 2)), "alpha": 0.8}


def pooled_counts(confusion: pd.DataFrame) -> pd.DataFrame:
    """Add up confusion counts (columns label, predicted, count) over trials.

    Returns
    -------
    a row per true class, a column per predicted one, named by their labels in their order in the
    table, which has a row for every pair
    """
    counts = confusion.groupby(["label", "predicted"], sort=False)["count"].sum().unstack()
    labels = confusion["label"].unique()
    return counts.reindex(index=labels, columns=labels, fill_value=0).fillna(0).astype(np.int64)


def trial_count(table: pd.DataFrame) -> int:
    """Return the number of trials (folds x seeds) in a table of one cell."""
    return len(table[REPEATS].drop_duplicates())


def ratios(parts: np.ndarray, wholes: np.ndarray) -> np.ndarray:
    """Divide; NaN where the whole is 0."""
    return parts / np.where(wholes > 0, wholes, np.nan)


def percent(value: float) -> str:
    """Write a share in percent, a hyphen for NaN."""
    return "-" if np.isnan(value) else f"{value:.1%}"


@use_style()
def confusion(table: pd.DataFrame, name: str, trials: int = 1) -> Figure:
    """Draw a confusion matrix, coloured by the share of errors.

    Parameters
    ----------
    table : counts, a row per true class, a column per predicted one, named by their labels
    name : name of the cell, for the title
    trials : number of trials the counts are pooled over
    """
    counts = table.to_numpy()
    classes, total, right = len(counts), int(counts.sum()), int(counts.trace())
    side = 0.42 * classes
    pooled = f", {trials} trials pooled" if trials > 1 else ""
    figure = new_figure(
        max(side + 2.4, 5.4),
        max(side + 1.2, 3.2),
        f"Confusion matrix of {name}: {right:,} of {total:,} validation images correct{pooled}",
    )
    axes = figure.add_subplot()
    diagonal = np.eye(classes, dtype=bool)
    shares = 100 * ratios(counts, counts.sum(axis=1, keepdims=True))
    errors = np.where(diagonal | (counts == 0), np.nan, shares)
    most = float(np.nanmax(errors)) if np.isfinite(errors).any() else 1.0
    axes.imshow(np.where(diagonal, 1.0, np.nan), cmap=ListedColormap([GOOD]))
    image = axes.imshow(errors, cmap="YlOrRd", vmin=0, vmax=most, interpolation="none")
    edges = np.arange(classes + 1) - 0.5
    axes.hlines(edges, -0.5, classes - 0.5, color=BLANK, linewidth=0.6)
    axes.vlines(edges, -0.5, classes - 0.5, color=BLANK, linewidth=0.6)
    write_counts(axes, counts, image.to_rgba(errors))
    write_rates(axes, counts, list(map(shortened, table.index)))
    bar = figure.colorbar(image, ax=axes, shrink=0.6, aspect=18, pad=0.02, format="{x:g}%")
    bar.locator = MaxNLocator(4, steps=[1, 2, 5, 10])
    bar.set_label("errors as a share of the true class")
    bar.outline.set_visible(False)
    title = f"{name}: {right / max(total, 1):.2%} of {total:,} validation images correct{pooled}"
    figure.suptitle(title, x=0.01, ha="left")
    return figure


def write_counts(axes: Axes, counts: np.ndarray, colours: np.ndarray) -> None:
    """Write each count into its field; fields of errors that never occur stay empty."""
    for (row, column), count in np.ndenumerate(counts):
        if row == column or count > 0:
            axes.text(
                column,
                row,
                f"{count:,}",
                ha="center",
                va="center",
                fontsize=7.5 if count < 10_000 else 6.5,
                fontweight="bold" if row == column else "normal",
                color=INK if row == column else text_colour(colours[row, column]),
                in_layout=False,  # as it is inside of its field
            )


def write_rates(axes: Axes, counts: np.ndarray, names: list[str]) -> None:
    """Label the axes, and add a column with each class's recall and a row with its precision."""
    classes, right = len(counts), counts.diagonal()
    recalls, precisions = ratios(right, counts.sum(axis=1)), ratios(right, counts.sum(axis=0))
    small = {"fontsize": 7, "color": MUTED, "ha": "center", "va": "center"}
    for label in range(classes):
        axes.text(classes + 0.15, label, percent(recalls[label]), **small)
        axes.text(label, classes + 0.05, percent(precisions[label]), **small)
    fix_ticks(axes.xaxis, [*range(classes), classes + 0.15], [*names, "recall"], room=6)
    fix_ticks(axes.yaxis, [*range(classes), classes + 0.05], [*names, "precision"])
    axes.set(xlim=(-0.5, classes + 0.65), ylim=(classes + 0.4, -0.5))
    axes.set(xlabel="predicted class", ylabel="true class")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


@use_style()
def learning(history: pd.DataFrame, name: str, published: pd.DataFrame | None = None) -> Figure:
    """Draw loss and accuracy over the epochs of one cell, in training and in validation.

    The accuracy in the title is that of the epoch whose weights are kept, the mean over trials.

    Parameters
    ----------
    history : a row per fold, seed and epoch, with loss, accuracy, val_loss and val_accuracy;
        several trials are drawn thin, with their mean over the epochs that all of them reached
    name : name of the cell, for the title
    published : the cell's published history (epoch and the same four columns), drawn dashed
    """
    trials = [trial.sort_values("epoch") for _, trial in history.groupby(REPEATS)]
    figure = new_figure(
        7.4,
        3.7,
        f"Learning curves of {name}: loss and accuracy over {history['epoch'].max()} epochs, "
        "in training and in validation",
    )
    loss, accuracy = figure.subplots(1, 2)
    for axes, measure in ((loss, "loss"), (accuracy, "accuracy")):
        for prefix, colour in COLOURS.items():
            draw_curves(axes, trials, prefix + measure, colour)
            if published is not None and len(published):
                axes.plot(published["epoch"], published[prefix + measure], color=colour, **THEIRS)
        mark_best(axes, trials, "val_" + measure)
        scale_epochs(axes)
    scale_loss(loss)
    scale_accuracy(accuracy)
    add_legend(figure, len(trials), published is not None and len(published) > 0)
    best = np.mean([trial["val_accuracy"].iloc[trial["val_loss"].argmin()] for trial in trials])
    over = f", mean of {len(trials)} trials" if len(trials) > 1 else ""
    figure.suptitle(
        f"{name}: {best:.2%} validation accuracy at the kept epoch{over}", x=0.01, ha="left"
    )
    return figure


def draw_curves(axes: Axes, trials: list[pd.DataFrame], column: str, colour: str) -> None:
    """Draw a column over the epochs: a single trial, or thin lines for several and their mean."""
    if len(trials) > 1:
        for trial in trials:
            axes.plot(trial["epoch"], trial[column], color=colour, linewidth=0.7, alpha=0.45)
    shortest = min(trials, key=len)
    mean = np.mean([trial[column].to_numpy()[: len(shortest)] for trial in trials], axis=0)
    marker = "o" if len(shortest) <= MARKED_EPOCHS else ""
    axes.plot(shortest["epoch"], mean, color=colour, marker=marker, markersize=3)


def mark_best(axes: Axes, trials: list[pd.DataFrame], column: str) -> None:
    """Ring each trial's epoch with the lowest validation loss."""
    best = pd.DataFrame([trial.iloc[trial["val_loss"].argmin()] for trial in trials])
    axes.plot(best["epoch"], best[column], **BEST)


def scale_epochs(axes: Axes) -> None:
    """Put integer ticks on an axis of epochs, and add a light grid."""
    axes.set(xlabel="epoch")
    axes.xaxis.set_major_locator(MaxNLocator(10, steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    axes.yaxis.grid(True)


def scale_loss(axes: Axes) -> None:
    """Scale an axis of losses logarithmically, with plain ticks."""
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(FixedLocator(LOSS_TICKS))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_title("Loss (cross-entropy, log scale)")


def scale_accuracy(axes: Axes) -> None:
    """Scale an axis of accuracies so that halving the error is the same step anywhere."""
    axes.set_yscale(
        "function",
        functions=(
            lambda share: -np.log(np.maximum(1 - share + SMALLEST_ERROR, SMALLEST_ERROR / 9)),
            lambda step: 1 - (np.exp(-step) - SMALLEST_ERROR),
        ),
    )
    axes.yaxis.set_major_locator(FixedLocator(ACCURACY_TICKS))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g}%"))
    axes.set_title("Accuracy (log scale of errors)")


def add_legend(figure: Figure, trials: int, published: bool) -> None:
    """Add a legend of the lines below both panels."""
    of = f", mean of {trials} trials" if trials > 1 else ""
    entries = {
        f"training{of}": Line2D([], [], color=BLUE, marker="o", markersize=3),
        f"validation{of}": Line2D([], [], color=VERMILLION, marker="o", markersize=3),
        "kept epoch (lowest validation loss)": Line2D([], [], **BEST),
    }
    if trials > 1:
        entries["single trials"] = Line2D([], [], color=MUTED, linewidth=0.7)
    if published:
        entries["published"] = Line2D([], [], color=MUTED, **THEIRS)
    figure.legend(entries.values(), entries.keys(), loc="outside lower center", ncols=3)
