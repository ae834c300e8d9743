"""The design of an experiment: its factors and their levels, and everything that is named by them.

A cell is one level of each factor; a trial is one training: a cell on one fold with one seed. Both
are tuples of levels, in the order of ``Design.cell_columns`` and ``Design.trial_columns``. A model
is a cell, by its name, or the ensemble of all cells.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any, Self

from digits.core.intermediate_files import ContentError, reading

Level = int | float | str
Cell = tuple[Level, ...]
Trial = tuple[Any, ...]

ENSEMBLE = "ensemble"
"""The model whose probabilities are the mean of those of all cells."""

REPEATS = ["fold", "seed"]
"""The columns in which the trials of a cell differ: blocks (fold) and replicates (seed)."""

SIZES = {"layers": "L", "nodes": "N"}
"""The factors of a network's size, with their letters in the names of models: ``5L200N``."""

AXES = {"layers": "hidden layers", "nodes": "nodes per layer"}
"""The factors that have a longer label along an axis than in running text."""

TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True)
class Design:
    """Factors that are crossed completely, but for what is excluded, with folds and seeds.

    Attributes
    ----------
    factors : the levels of each factor, all of one type: int, float or str
    exclude : partial cells, each a level for some of the factors; cells that contain one are left
        out
    tensors : the factors that decide what the training tensor contains
    """

    factors: Mapping[str, tuple[Level, ...]]
    folds: tuple[int, ...] = (0,)
    seeds: tuple[int, ...] = (422,)
    exclude: tuple[Mapping[str, Level], ...] = ()
    tensors: tuple[str, ...] = ()

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Return the design that :meth:`as_data` described."""
        return cls(
            {name: tuple(levels) for name, levels in data["factors"].items()},
            tuple(data["folds"]),
            tuple(data["seeds"]),
            tuple(data["exclude"]),
            tuple(data["tensors"]),
        )

    def as_data(self) -> dict[str, Any]:
        """Return the design as plain data for JSON."""
        return {
            "factors": {name: list(levels) for name, levels in self.factors.items()},
            "folds": list(self.folds),
            "seeds": list(self.seeds),
            "exclude": [dict(each) for each in self.exclude],
            "tensors": list(self.tensors),
        }

    def as_text(self) -> str:
        """Return the design as JSON in one line."""
        return json.dumps(self.as_data(), ensure_ascii=False)

    def only(self, cell: Cell) -> "Design":
        """Return the design of one of the cells."""
        factors = {name: (level,) for name, level in zip(self.factors, cell, strict=True)}
        return replace(self, factors=factors, exclude=())

    @property
    def cell_columns(self) -> list[str]:
        """The columns that identify a cell in tables and records: the factors."""
        return list(self.factors)

    @property
    def trial_columns(self) -> list[str]:
        """The columns that identify a trial in tables and records."""
        return [*self.factors, *REPEATS]

    @cached_property
    def kinds(self) -> dict[str, type]:
        """The type of each factor's levels: int, float or str."""
        return {name: type(levels[0]) for name, levels in self.factors.items()}

    @cached_property
    def varied(self) -> list[str]:
        """The factors with more than one level."""
        return [name for name, levels in self.factors.items() if len(levels) > 1]

    @cached_property
    def shown(self) -> list[str]:
        """The factors that readers are shown: those that vary; the size whole; else all."""
        varied = {*self.varied} or {*self.factors}
        if varied & SIZES.keys():
            varied |= SIZES.keys()
        return [name for name in self.factors if name in varied]

    @cached_property
    def cells(self) -> list[Cell]:
        """All cells, in order of their levels; none without factors."""
        crossed = product(*self.factors.values()) if self.factors else ()
        return [cell for cell in crossed if not any(self._contains(cell, e) for e in self.exclude)]

    def _contains(self, cell: Cell, partial: Mapping[str, Level]) -> bool:
        levels = dict(zip(self.factors, cell, strict=True))
        return all(levels[name] == level for name, level in partial.items())

    @property
    def trials(self) -> Iterator[Trial]:
        """All trials, cell by cell."""
        return (
            (*cell, fold, seed) for cell in self.cells for fold in self.folds for seed in self.seeds
        )

    def cell_of(self, record: Mapping[str, Any]) -> Cell:
        """Return the cell that a record, such as the row of a table, is about."""
        return tuple(kind(record[name]) for name, kind in self.kinds.items())

    def trial_of(self, record: Mapping[str, Any]) -> Trial:
        """Return the trial that a record is about."""
        return (*self.cell_of(record), *(int(record[name]) for name in REPEATS))

    def rank(self, cell: Cell) -> tuple[int, ...]:
        """Return the places of a cell's levels among those of their factors, to sort by."""
        return tuple(
            levels.index(level) for levels, level in zip(self.factors.values(), cell, strict=True)
        )

    def cell_folder(self, cell: Cell) -> str:
        """Return the folder of a cell's files, and its anchor: ``layers-5_nodes-200``."""
        return _spell(dict(zip(self.factors, cell, strict=True)))

    def parse_cell_folder(self, folder: str) -> Cell | None:
        """Return the cell that a folder is named after, None if it is named otherwise."""
        return self._folders.get(folder)

    @cached_property
    def _folders(self) -> dict[str, Cell]:
        return {self.cell_folder(cell): cell for cell in self.cells}

    def trial_folder(self, trial: Trial) -> str:
        """Return the folder of a trial's files: ``layers-5_nodes-200/fold-0_seed-422``."""
        *cell, fold, seed = trial
        return f"{self.cell_folder(tuple(cell))}/{_spell({'fold': fold, 'seed': seed})}"

    def parse_trial_folder(self, folder: str) -> Trial | None:
        """Return the trial that a folder is named after, None if it is named otherwise."""
        return self._trial_folders.get(folder)

    @cached_property
    def _trial_folders(self) -> dict[str, Trial]:
        return {self.trial_folder(trial): trial for trial in self.trials}

    def tensor_folder(self, cell: Cell) -> str:
        """Return the folder of a cell's tensors, named by the factors that decide them, or ''."""
        levels = dict(zip(self.factors, cell, strict=True))
        return _spell({name: levels[name] for name in self.tensors})

    def model_name(self, cell: Cell) -> str:
        """Return the name of a cell in tables and submissions: ``5L200N_dropout-0.2``."""
        levels = dict(zip(self.factors, cell, strict=True))
        size = "".join(f"{levels.pop(n)}{letter}" for n, letter in SIZES.items() if n in levels)
        return "_".join(filter(None, [size, _spell(levels)]))

    @cached_property
    def models(self) -> dict[str, Cell]:
        """The cell of each model's name."""
        return {self.model_name(cell): cell for cell in self.cells}

    def parse_model(self, model: str) -> Cell:
        """Return the cell of a name such as ``5L200N``.

        Raises
        ------
        ValueError
            If it is not the name of a cell of this design.
        """
        if model not in self.models:
            example = next(iter(self.models))
            raise ValueError(f"{model!r} is not the name of a cell, such as {example}")
        return self.models[model]

    def cell_label(self, cell: Cell, *, unbroken: bool = False) -> str:
        """Return a cell as it is written for readers: ``5 × 200``, ``5 × 200, adamw, dropout 0.2``.

        Only the factors of ``shown`` are in it.

        Parameters
        ----------
        unbroken : whether the spaces are no-break spaces, for running text
        """  # noqa: RUF002
        levels = dict(zip(self.factors, cell, strict=True))
        levels = {name: levels[name] for name in self.shown}
        parts = []
        if SIZES.keys() <= levels.keys():
            parts = [f" {TIMES} ".join(str(levels.pop(name)) for name in SIZES)]
        label = ", ".join([*parts, *(self.level_label(*each) for each in levels.items())])
        return label.replace(" ", "\N{NO-BREAK SPACE}") if unbroken else label

    def level_label(self, factor: str, level: Level) -> str:
        """Return a level as it is written for readers: ``5 layers``, ``adamw``, ``dropout 0.2``."""
        if factor in SIZES:
            return f"{level} {factor.removesuffix('s') if level == 1 else factor}"
        if isinstance(level, str) and level not in ("true", "false", "none"):
            return level
        return f"{factor_label(factor)} {spell(level)}"

    def cell_title(self, cell: Cell) -> str:
        """Return a cell with the names of its sizes: ``5 layers × 200 nodes, adamw``."""  # noqa: RUF002
        levels = dict(zip(self.factors, cell, strict=True))
        sizes = [self.level_label(name, levels[name]) for name in SIZES if name in levels]
        others = [self.level_label(n, levels[n]) for n in self.varied if n not in SIZES]
        return ", ".join(filter(None, [f" {TIMES} ".join(sizes), *others]))

    def model_label(self, model: str, *, unbroken: bool = False) -> str:
        """Return a model as it is written for readers: the label of its cell, or ``ensemble``."""
        if model == ENSEMBLE:
            return ENSEMBLE
        return self.cell_label(self.parse_model(model), unbroken=unbroken)

    def trial_label(self, trial: Trial) -> str:
        """Return a trial as it is written for readers: ``5 × 200, fold 0, seed 422``."""  # noqa: RUF002
        *cell, fold, seed = trial
        return f"{self.cell_label(tuple(cell))}, fold {fold}, seed {seed}"

    def log_label(self, trial: Trial) -> str:
        """Return the label of a trial in the log of its cell, whose design alone names it."""
        return self.only(trial[: -len(REPEATS)]).ascii_label(trial)

    def ascii_label(self, trial: Trial) -> str:
        """Return the label of a trial for output of any encoding: ``5 x 200, fold 0, seed 422``."""
        return self.trial_label(trial).replace(TIMES, "x")

    def cell_identity(self, cell: Cell) -> dict[str, Any]:
        """Return a cell's levels by factor, its ``name`` in running text and its ``anchor``."""
        levels = dict(zip(self.factors, cell, strict=True))
        names = {"name": self.cell_label(cell, unbroken=True), "anchor": self.cell_folder(cell)}
        return levels | names


def spell(level: Level) -> str:
    """Return a level as text: numbers in their shortest form, ``0.2``, ``1`` and not ``1.0``."""
    whole = isinstance(level, float) and level.is_integer() and abs(level) < 1e15
    return str(int(level)) if whole else str(level)


def _spell(levels: Mapping[str, Level]) -> str:
    return "_".join(f"{name}-{spell(level)}" for name, level in levels.items())


def factor_label(factor: str) -> str:
    """Return a factor as it is written for readers: ``learning rate``."""
    return factor.replace("_", " ")


def axis_label(factor: str) -> str:
    """Return a factor as it is written along an axis: ``nodes per layer``, ``learning rate``."""
    return AXES.get(factor, factor_label(factor))


def factor_phrase(factor: str) -> str:
    """Return what a factor is, in a sentence: ``the number of hidden layers``."""
    return f"the number of {AXES[factor]}" if factor in AXES else f"the {factor_label(factor)}"


def fold_folder(fold: int) -> str:
    """Return the folder of a fold's images: ``fold-0``."""
    return _spell({"fold": fold})


def submission_file(model: str, suffix: str = ".csv") -> str:
    """Return the file of a model's submission, ``Model-5L200N.csv``, or of its score (.json)."""
    return f"Model-{model}{suffix}"


def read_design(source: str | Path) -> Design:
    """Read a design from its file, or from its JSON in one line.

    Raises
    ------
    DataError
        If the file is missing, damaged or contains no design.
    """
    text = str(source)
    if text.startswith("{"):
        return Design.from_data(json.loads(text))
    path = Path(source)
    with reading(path):
        data = json.loads(path.read_text(encoding="utf-8"))
        _check(data)
        return Design.from_data(data)


def _check(data: Any) -> None:
    """Check that data describe a design.

    Raises
    ------
    ContentError
        If not.
    """
    keys = {"factors": dict, "folds": list, "seeds": list, "exclude": list, "tensors": list}
    for key, kind in keys.items():
        if not isinstance(data, dict) or not isinstance(data.get(key), kind):
            raise ContentError(f"lacks the key {key}, or it is no {kind.__name__}")
    for name, levels in data["factors"].items():
        if not isinstance(levels, Sequence) or not levels:
            raise ContentError("expected a list of levels", f"key factors.{name}")
        if any(type(level) not in (int, float, str) for level in levels):
            raise ContentError("expected numbers or texts", f"key factors.{name}")
        if len(set(map(type, levels))) > 1:
            raise ContentError("expected levels of one type", f"key factors.{name}")
