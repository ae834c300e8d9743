"""The status of an experiment as a table for the terminal, or as plain text without one."""

import statistics
from collections import Counter
from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from digits.core.design import Cell, Design, factor_label, spell
from digits.core.formatting import UNKNOWN, duration, fixed, listing
from digits.monitor.status import Stage, Status
from digits.monitor.trial_progress import STATES, TrialProgress, time_left

STYLES = {
    "running": "bold cyan",
    "finished": "green",
    "failed": "bold red",
    "killed": "yellow",
    "waiting": "dim",
}
BAR = 12
"""Width of a progress bar, in characters."""

FEWEST = 8
"""Rows of the table that are shown however small the terminal."""

MESSAGES = 5
"""Failures shown with their reason."""


def show(status: Status, *, rows: int | None = None, wide: bool = False) -> RenderableType:
    """Return a status as tables and lines for the terminal.

    Parameters
    ----------
    rows : maximum rows of the table; a longer one is summarised. None shows every trial
    wide : whether there is room for progress bars
    """
    if not status.there:
        return Text(f"Experiment {status.experiment}: not started, it has no results yet.")
    failures = failure_lines(status.trials, status.design)
    if rows is not None:
        rows = max(rows - 2 * len(failures), FEWEST)
    parts: list[RenderableType] = [heading(status), Text()]
    if status.trials:
        parts += [table(status, rows, wide), Text()]
    return Group(*parts, *failures, stage_line(status.stages), *best_line(status))


def heading(status: Status) -> Text:
    """Return a line with the number of trainings in each state and the time left."""
    counts = Counter(trial.state for trial in status.trials)
    text = Text.assemble("Experiment ", (status.experiment, "bold"), ": ")
    text.append(f"{counts['finished']} of {len(status.trials)} trainings finished")
    for state in STATES:
        if counts[state] and state != "finished":
            text.append(", ").append(f"{counts[state]} {state}", STYLES[state])
    left = time_left(status.trials)
    if left is not None:
        text.append(f"; about {duration(left)} left")
    elif not status.alive and not status.finished:
        text.append("; no run is working on it")
    return text


def table(status: Status, rows: int | None, wide: bool) -> RenderableType:
    """Return a row per trial, or a row per cell if there are more than ``rows`` trials."""
    if rows is None or len(status.trials) <= rows:
        return trial_table(status, wide)
    cells: dict[Cell, list[TrialProgress]] = {}
    for trial in status.trials:
        cells.setdefault(trial.cell, []).append(trial)
    shown = set(sorted(cells, key=lambda cell: interest(cells[cell]))[: max(rows - 2, 1)])
    chosen = {cell: trials for cell, trials in cells.items() if cell in shown}
    rest = [trial for cell, trials in cells.items() if cell not in shown for trial in trials]
    parts: list[RenderableType] = [cell_table(chosen, status.scores, wide, status.design)]
    if rest:
        more = Text(f" and {len(cells) - len(shown)} more cells: ", "dim")
        parts.append(more.append(counts_of(rest)))
    return Group(*parts)


def interest(trials: Sequence[TrialProgress]) -> tuple[int, float]:
    """Return the sort key of a cell: failed, running, killed, finished by accuracy, waiting."""
    states = {trial.state for trial in trials}
    order = ("failed", "running", "killed", "finished", "waiting")
    rank = next(number for number, state in enumerate(order) if state in states)
    return rank, -(mean_accuracy(trials) or 0)


def trial_table(status: Status, wide: bool) -> Table:
    """Return a row per trial; folds and seeds if there are several, scores if any are known."""
    several = {
        name.capitalize(): len({getattr(trial, name) for trial in status.trials}) > 1
        for name in ("fold", "seed")
    }
    repeats = [name for name in several if several[name]]
    factors = [factor_label(factor).capitalize() for factor in status.design.shown]
    made = new_table(
        [*factors, *repeats, "State", "Epoch", *["Progress"] * wide, "Accuracy", "Time", "Left"]
    )
    if status.scores:
        made.add_column("Score", justify="right")
    for trial in status.trials:
        cells: list[RenderableType] = [*levels_of(trial.cell, status.design)]
        cells += [str(getattr(trial, name.lower())) for name in repeats]
        cells += [Text(trial.state, STYLES[trial.state]), epoch_of(trial)]
        cells += [progress_bar([trial])] * wide
        cells += [fixed(trial.accuracy, 4), seconds_of(trial.seconds), seconds_of(trial.left)]
        if status.scores:
            cells.append(fixed(status.scores.get(trial.cell), 4))
        made.add_row(*cells)
    return made


def cell_table(
    cells: dict[Cell, list[TrialProgress]],
    scores: dict[Cell, float],
    wide: bool,
    design: Design,
) -> Table:
    """Return a row per cell, with the mean accuracy of its trials that have finished."""
    factors = [factor_label(factor).capitalize() for factor in design.shown]
    made = new_table([*factors, "Trainings", *["Progress"] * wide, "Accuracy"])
    if scores:
        made.add_column("Score", justify="right")
    for cell, trials in cells.items():
        row: list[RenderableType] = [*levels_of(cell, design), counts_of(trials)]
        row += [progress_bar(trials)] * wide
        row.append(fixed(mean_accuracy(trials), 4))
        if scores:
            row.append(fixed(scores.get(cell), 4))
        made.add_row(*row)
    return made


def levels_of(cell: Cell, design: Design) -> list[str]:
    """Return the levels of a cell, of the factors that are shown."""
    levels = dict(zip(design.factors, cell, strict=True))
    return [spell(levels[factor]) for factor in design.shown]


def new_table(columns: Sequence[str]) -> Table:
    """Return an empty table; texts are left-aligned, numbers right-aligned."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in columns:
        left = name in {"State", "Trainings", "Progress"}
        made.add_column(name, justify="left" if left else "right", no_wrap=name != "Trainings")
    return made


def counts_of(trials: Sequence[TrialProgress]) -> Text:
    """Return the number of trials in each state."""
    counts = Counter(trial.state for trial in trials)
    return Text(", ").join(
        Text(f"{counts[state]} {state}", STYLES[state]) for state in STATES if counts[state]
    )


def progress_bar(trials: Sequence[TrialProgress]) -> RenderableType:
    """Draw the share of finished epochs; a finished training counts in full."""
    shares = [
        1.0 if trial.state == "finished" else trial.epoch / (trial.epochs or 1) for trial in trials
    ]
    return ProgressBar(
        total=1.0,
        completed=statistics.mean(shares),
        width=BAR,
        complete_style="cyan",
        finished_style="green",
    )


def mean_accuracy(trials: Sequence[TrialProgress]) -> float | None:
    """Return the mean validation accuracy of the trials that have finished, if any has."""
    known = [t.accuracy for t in trials if t.state == "finished" and t.accuracy is not None]
    return statistics.mean(known) if known else None


def epoch_of(trial: TrialProgress) -> str:
    """Write the last finished epoch and the maximum number of epochs."""
    return f"{trial.epoch}/{trial.epochs or '?'}"


def seconds_of(seconds: float | None) -> str:
    """Write a time, or a dash if it is unknown."""
    return UNKNOWN if seconds is None else duration(seconds)


def failure_lines(trials: Sequence[TrialProgress], design: Design) -> list[Text]:
    """Return a line per failed trial with its reason, for the first few."""
    failed = [trial for trial in trials if trial.state == "failed"]
    lines = [
        Text.assemble(
            (f"{design.trial_label(trial.key)}: ", STYLES["failed"]),
            trial.message,
        )
        for trial in failed[:MESSAGES]
    ]
    if len(failed) > MESSAGES:
        lines.append(Text(f"and {len(failed) - MESSAGES} more failed", "dim"))
    return [*lines, Text()] if lines else []


def stage_line(stages: Sequence[Stage]) -> Text:
    """Return a line with the progress of each stage."""
    parts = []
    for stage in stages:
        done = bool(stage.total) and stage.done == stage.total
        count = "\N{CHECK MARK}" if done else f"{stage.done}/{stage.total}"
        style = STYLES["finished"] if done else "cyan" if stage.done else "dim"
        parts.append(Text.assemble(f"{stage.name}\N{NO-BREAK SPACE}", (count, style)))
    return Text("  ").join(parts)


def best_line(status: Status) -> list[Text]:
    """Name the cells with the highest mean validation accuracy, as displayed, if any is known."""
    cells: dict[Cell, list[TrialProgress]] = {}
    for trial in status.trials:
        cells.setdefault(trial.cell, []).append(trial)
    means = {
        cell: round(m, 4) for cell, ts in cells.items() if (m := mean_accuracy(ts)) is not None
    }
    if not means:
        return []
    highest = max(means.values())
    best = listing(
        [status.design.cell_label(cell) for cell, mean in means.items() if mean == highest]
    )
    several = len(status.trials) > len(cells)
    text = Text("Best: " if status.finished else "Best so far: ").append(best, "bold")
    text.append(f", {'mean ' * several}validation accuracy {fixed(highest, 4)}")
    return [text]
