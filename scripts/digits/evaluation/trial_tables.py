"""Tables of trials: their metrics and histories, collected; tables of all trials one below another.

The history of a failed trial contains the epochs before, which do not count as a result.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from digits.core.design import REPEATS, Cell, Design
from digits.core.frames import pd
from digits.core.intermediate_files import ContentError, reading
from digits.core.tables import by_design, read_table, refuse
from digits.evaluation.trials import RESULTS, has_failed

COUNTS = ["best_epoch", "images_per_second"]
REACHED = ["accuracy", "val_accuracy", "val_loss", "best_val_accuracy", *COUNTS]
"""Results that a failed training does not have, whatever its epochs before."""

HISTORY = ["epoch", "seconds", "accuracy", "loss", "val_accuracy", "val_loss"]


def read_history(path: Path) -> pd.DataFrame:
    """Read a trial's history, one row per epoch; it has no rows if the first epoch failed.

    Raises
    ------
    DataError
        If the file is missing, damaged or has other columns, if its epochs do not count from 1, or
        if a value is not a finite number, or an accuracy not from 0 to 1.
    """
    history = read_table(path, HISTORY, empty=True)
    with reading(path):
        if list(history) != HISTORY:
            found = ", ".join(history)[:80]
            raise ContentError(f"expected the columns {', '.join(HISTORY)}, found {found}")
        values = dict(zip(HISTORY, history.to_numpy(float).T, strict=True))
        epochs = np.arange(1, len(history) + 1)
        refuse(history, "epoch", values["epoch"] != epochs, "epochs that count from 1")
        for name in HISTORY:
            refuse(history, name, np.isnan(values[name]), "a number")
        for name in ("accuracy", "val_accuracy"):
            outside = (values[name] < 0) | (values[name] > 1)
            refuse(history, name, outside, "a number from 0 to 1")
    return pd.DataFrame(values | {"epoch": epochs})


def results_table(
    metrics: list[dict],
    scores: Mapping[Cell, float | None],
    design: Design,
    kaggle_scores: Mapping[Cell, float] | None = None,
) -> pd.DataFrame:
    """Collect metrics into one row per trial, with the scores of its cell's submission.

    The results of a failed trial are empty, and so are its scores.

    Parameters
    ----------
    scores : those against known labels
    kaggle_scores : Kaggle's own, of the cells whose submission has one
    """
    given = {"score": scores, "kaggle_score": kaggle_scores or {}}
    rows = [
        trial
        | {"failed": has_failed(trial)}
        | {name: of_cells.get(design.cell_of(trial)) for name, of_cells in given.items()}
        for trial in metrics
    ]
    columns = [*design.trial_columns, *RESULTS, "failed", *given]
    table = by_design(pd.DataFrame(rows, columns=columns), design, REPEATS)
    failed = table.pop("failed").astype(bool)
    table[REACHED] = table[REACHED].astype(float).mask(failed)
    table[COUNTS] = table[COUNTS].astype("Int64")  # integers, even beside missing values
    table[[*given]] = table[[*given]].astype(float).mask(failed)
    return table


def history_table(histories: list[tuple[dict, pd.DataFrame]], design: Design) -> pd.DataFrame:
    """Concatenate the histories of trials, each given with its metrics."""
    empty = pd.DataFrame(columns=HISTORY)
    # The columns of an empty table have no types.
    filled = [(metrics, history) for metrics, history in histories if len(history)]
    table = pd.concat([history for _, history in filled] or [empty], ignore_index=True)
    lengths = [len(history) for _, history in filled]
    found = with_trials(table, [metrics for metrics, _ in filled], lengths, design)
    return by_design(found, design, [*REPEATS, "epoch"])


def with_trials(
    table: pd.DataFrame, metrics: Sequence[Mapping], rows: int | list[int], design: Design
) -> pd.DataFrame:
    """Return a table of all trials with the columns that identify the trial in front.

    Parameters
    ----------
    table : the rows of one trial after the other, with an index from 0
    metrics : of each trial
    rows : the number of rows of each trial, or of all
    """
    keys = {name: [trial[name] for trial in metrics] for name in design.trial_columns}
    places = np.repeat(np.arange(len(metrics)), rows)
    return pd.concat([pd.DataFrame(keys).iloc[places].reset_index(drop=True), table], axis=1)
