"""The factors of an experiment, and the names of its cells and trials.

A cell is one level of each factor; a trial is one training: a cell on one fold with one seed. Both
are tuples of levels, in the order of ``CELL`` and ``TRIAL``. A model is a cell, by its name, or the
ensemble of all cells.
"""

import re
from collections.abc import Mapping
from typing import Any

Cell = tuple[Any, ...]
Trial = tuple[Any, ...]
Factors = Mapping[str, type]

FACTORS: Factors = {"layers": int, "nodes": int}
"""The factors and the type of their levels: int, float or str."""

CELL = [*FACTORS]
"""The columns that identify a cell in tables and records."""

REPEATS: Factors = {"fold": int, "seed": int}
"""The columns in which the trials of a cell differ: blocks (fold) and replicates (seed)."""

TRIAL = [*CELL, *REPEATS]
"""The columns that identify a trial."""

ENSEMBLE = "ensemble"
"""The model whose probabilities are the mean of those of all cells."""

MODEL = re.compile("".join(f"([0-9]{{1,6}}){factor[0].upper()}" for factor in FACTORS))
"""What the name of a cell looks like: ``5L200N``."""

LEVELS = {int: "[0-9]+", float: r"-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?", str: "[^/_]+"}
"""What levels look like in paths, by type."""

TIMES = "\N{MULTIPLICATION SIGN}"


def cell_of(record: Mapping[str, Any]) -> Cell:
    """Return the cell that a record, such as the row of a table, is about."""
    return tuple(kind(record[name]) for name, kind in FACTORS.items())


def trial_of(record: Mapping[str, Any]) -> Trial:
    """Return the trial that a record is about."""
    return (*cell_of(record), *(kind(record[name]) for name, kind in REPEATS.items()))


def _spell(levels: Cell, factors: Factors) -> str:
    return "_".join(f"{factor}-{level}" for factor, level in zip(factors, levels, strict=True))


def _parse(text: str, factors: Factors) -> Cell | None:
    pattern = "_".join(f"{re.escape(name)}-({LEVELS[kind]})" for name, kind in factors.items())
    match = re.fullmatch(pattern, text)
    return match and _levels(match, factors)


def _levels(match: re.Match[str], factors: Factors) -> Cell:
    return tuple(kind(text) for kind, text in zip(factors.values(), match.groups(), strict=True))


def cell_folder(cell: Cell, factors: Factors = FACTORS) -> str:
    """Return the folder of a cell's files, ``layers-5_nodes-200``; its anchor on the page, too."""
    return _spell(cell, factors)


def parse_cell_folder(folder: str, factors: Factors = FACTORS) -> Cell | None:
    """Return the cell that a folder is named after, None if it is named otherwise."""
    return _parse(folder, factors)


def trial_folder(trial: Trial, factors: Factors = FACTORS) -> str:
    """Return the folder of a trial's files: ``layers-5_nodes-200/fold-0_seed-422``."""
    cell, repeat = trial[: len(factors)], trial[len(factors) :]
    return f"{_spell(cell, factors)}/{_spell(repeat, REPEATS)}"


def parse_trial_folder(folder: str, factors: Factors = FACTORS) -> Trial | None:
    """Return the trial that a folder is named after, None if it is named otherwise."""
    cell, _, repeat = folder.partition("/")
    found = _parse(cell, factors), _parse(repeat, REPEATS)
    return None if None in found else (*found[0], *found[1])


def trial_stem(trial: Trial, factors: Factors = FACTORS) -> str:
    """Return the stem of a trial's log and benchmark: ``layers-5_nodes-200_fold-0_seed-422``."""
    return _spell(trial, {**factors, **REPEATS})


def parse_trial_stem(stem: str, factors: Factors = FACTORS) -> Trial | None:
    """Return the trial that a log or a benchmark is named after, None if it is named otherwise."""
    return _parse(stem, {**factors, **REPEATS})


def fold_folder(fold: int) -> str:
    """Return the folder of a fold's images: ``fold-0``."""
    return _spell((fold,), {"fold": int})


def parse_fold_folder(folder: str) -> int | None:
    """Return the fold that a folder is named after, None if it is named otherwise."""
    found = _parse(folder, {"fold": int})
    return found and found[0]


def model_name(cell: Cell) -> str:
    """Return the name of a cell in tables and submissions: ``5L200N``."""
    return "".join(f"{level}{name[0].upper()}" for name, level in zip(CELL, cell, strict=True))


def parse_model(model: str) -> Cell:
    """Return the cell of a name such as ``5L200N``.

    Raises
    ------
    ValueError
        If it is not the name of a cell.
    """
    match = MODEL.fullmatch(model)
    if not match:
        raise ValueError(f"{model!r} is not the name of a cell, such as 5L200N")
    return _levels(match, FACTORS)


def submission_file(model: str, suffix: str = ".csv") -> str:
    """Return the file of a model's submission, ``Model-5L200N.csv``, or of its score (.json)."""
    return f"Model-{model}{suffix}"


def cell_label(cell: Cell, *, unbroken: bool = False) -> str:
    """Return a cell as it is written for readers, its levels in order: ``5 × 200``.

    Parameters
    ----------
    unbroken : whether the spaces are no-break spaces, for running text
    """  # noqa: RUF002
    label = f" {TIMES} ".join(map(str, cell))
    return label.replace(" ", "\N{NO-BREAK SPACE}") if unbroken else label


def model_label(model: str, *, unbroken: bool = False) -> str:
    """Return a model as it is written for readers: the label of its cell, or ``ensemble``."""
    return ENSEMBLE if model == ENSEMBLE else cell_label(parse_model(model), unbroken=unbroken)


def trial_label(trial: Trial) -> str:
    """Return a trial as it is written for readers: ``5 × 200, fold 0, seed 422``."""  # noqa: RUF002
    *cell, fold, seed = trial
    return f"{cell_label(tuple(cell))}, fold {fold}, seed {seed}"


def ascii_label(trial: Trial) -> str:
    """Return the label of a trial for logs of any encoding: ``5 x 200, fold 0, seed 422``."""
    return trial_label(trial).replace(TIMES, "x")


def cell_identity(cell: Cell) -> dict[str, Any]:
    """Return a cell's levels by factor, its ``name`` in running text and its ``anchor``."""
    levels = dict(zip(CELL, cell, strict=True))
    cell = cell_of(levels)
    names = {"name": cell_label(cell, unbroken=True), "anchor": cell_folder(cell)}
    return dict(zip(CELL, cell, strict=True)) | names
