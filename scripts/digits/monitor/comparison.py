"""The differences between two experiments as tables for the terminal."""

from collections.abc import Mapping, Sequence

import pandas as pd
from rich import box
from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from digits.core.design import Cell, Design, factor_label, spell
from digits.core.formatting import UNKNOWN, fixed, listing, signed
from digits.core.tables import known
from digits.monitor.experiments import MEASURES, TIMES, Experiment

HEADINGS = {
    "accuracy": ("training\naccuracy", 4),
    "val_accuracy": ("validation\naccuracy", 4),
    "best_val_accuracy": ("accuracy\nas kept", 4),
    "score": ("\nscore", 4),
    "cpu_seconds": ("processor\ntime (s)", 1),
    "training_seconds": ("wall\ntime (s)", 1),
}
"""The headings of the measures and their decimals."""

TOGETHER = 2
"""Measures per table."""

CHECKSUM = 16
"""Characters shown of a checksum."""


def differing(
    first: Mapping[str, str], second: Mapping[str, str]
) -> dict[str, tuple[str | None, str | None]]:
    """Return the keys with different values in two mappings, None for a missing value."""
    keys = list(dict.fromkeys([*first, *second]))
    pairs = {key: (first.get(key), second.get(key)) for key in keys}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def compare(first: Experiment, second: Experiment) -> RenderableType:
    """Return the differences between two experiments; one line if there are none."""
    names = (first.name, second.name)
    changes = {
        "Configuration": differing(first.config, second.config),
        "Data": differing(first.data, second.data),
        "Versions": differing(first.versions, second.versions),
    }
    measures = measures_of(first, second)
    union, *both = on_same_factors(first, second)
    same = both[0][measures].equals(both[1][measures])
    if same and not any(changes.values()):
        return Text(f"{names[0]} and {names[1]}: no differences")
    parts: list[RenderableType] = []
    for title, rows in changes.items():
        parts += [change_table(title, rows, names) if rows else unchanged(title), Text()]
    parts += [unchanged("Results")] if same else result_parts(union, *both, names, measures)
    return Group(*parts)


def on_same_factors(
    first: Experiment, second: Experiment
) -> tuple[Design, pd.DataFrame, pd.DataFrame]:
    """Return a design with the factors of both, and the results of both by the cells of that.

    What is a factor in one experiment only has one level in the other: that of its configuration.
    """
    names = list(dict.fromkeys([*first.design.factors, *second.design.factors]))
    cells = [
        [tuple(settings.get(name, UNKNOWN) for name in names) for settings in each.settings]
        for each in (first, second)
    ]
    levels = zip(*cells[0], *cells[1], strict=True)
    known = {name: tuple(dict.fromkeys(each)) for name, each in zip(names, levels, strict=True)}
    tables = [
        each.results.set_axis(pd.Index(keys, tupleize_cols=False))
        for each, keys in zip((first, second), cells, strict=True)
    ]
    return Design(known), *tables


def measures_of(first: Experiment, second: Experiment) -> list[str]:
    """Return the measures to compare; of the times the one that measures the cost in both.

    Processor time does not include the work of a GPU.
    """
    time = first.time if first.time == second.time else "training_seconds"
    known = pd.concat([first.results, second.results]).notna().any()
    return [m for m in MEASURES if known[m] and (m not in TIMES or m == time)]


def unchanged(title: str) -> Text:
    """Return a line that reports no differences."""
    return Text.assemble((title, "bold"), ": no differences")


def change_table(
    title: str, rows: Mapping[str, tuple[str | None, str | None]], names: tuple[str, str]
) -> Table:
    """Return a row per key that differs, with both values."""
    made = new_table()
    made.add_column(title, overflow="fold", ratio=2)
    for name in names:
        made.add_column(name, overflow="fold", ratio=3)
    for key, values in rows.items():
        made.add_row(Text(key), *(Text(written(key, value)) for value in values))
    return made


def written(key: str, value: str | None) -> str:
    """Write a value: a checksum shortened, a dash for a missing value."""
    if value is None:
        return UNKNOWN
    return f"{value[:CHECKSUM]}\N{HORIZONTAL ELLIPSIS}" if key.endswith("sha256") else value


def result_parts(
    design: Design,
    first: pd.DataFrame,
    second: pd.DataFrame,
    names: tuple[str, str],
    measures: Sequence[str],
) -> list[RenderableType]:
    """Return the results of the cells of both side by side, and list the other cells.

    Parameters
    ----------
    design, first, second : see :func:`on_same_factors`
    """
    both = [cell for cell in first.index if cell in second.index]
    parts: list[RenderableType] = []
    if both:
        pairs = [measures[at : at + TOGETHER] for at in range(0, len(measures), TOGETHER)]
        tables = [result_table(pair, design, (first, second), both, names) for pair in pairs]
        parts.append(Text.assemble(("Results", "bold"), ", means over the trials of a cell\n"))
        parts.append(Columns([Padding(table, (0, 4, 1, 0)) for table in tables]))
    for name, one, other in ((names[0], first, second), (names[1], second, first)):
        alone = [cell for cell in one.index if cell not in other.index]
        if alone:
            cells = listing([design.cell_label(cell) for cell in alone])
            parts.append(Text(f"Only in {name}: {cells}"))
    return parts


def result_table(
    measures: Sequence[str],
    design: Design,
    tables: tuple[pd.DataFrame, pd.DataFrame],
    cells: Sequence[Cell],
    names: tuple[str, str],
) -> Table:
    """Return a row per cell: each measure in both experiments, and its difference."""
    made = new_table()
    for factor in design.factors:
        made.add_column(factor_label(factor).capitalize(), justify="right", vertical="bottom")
    for measure in measures:
        heading, _ = HEADINGS[measure]
        made.add_column(f"{heading}\n{names[0]}", justify="right", overflow="fold")
        made.add_column(names[1], justify="right", overflow="fold")
        made.add_column("change", justify="right", vertical="bottom")
    for cell in cells:
        row = [spell(level) for level in cell]
        for measure in measures:
            _, digits = HEADINGS[measure]
            here, there = (known(table.at[cell, measure]) for table in tables)
            apart = None if here is None or there is None else there - here
            row += [fixed(here, digits), fixed(there, digits)]
            row.append(UNKNOWN if apart is None else signed(apart, digits))
        made.add_row(*row)
    return made


def new_table() -> Table:
    """Return an empty table."""
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
