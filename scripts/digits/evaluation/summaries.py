"""Summaries of trials as plain data, for the page and the cards: results, failures, versions."""

from collections.abc import Iterable, Mapping
from typing import Any

from digits.core.design import Cell, Design
from digits.core.frames import pd
from digits.core.tables import known


def done(results: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the trainings that ended with a result; the others failed."""
    return results[results["val_accuracy"].notna()]


def failures(
    results: pd.DataFrame, metrics: Iterable[Mapping[str, Any]], design: Design
) -> dict[Cell, list[dict[str, Any]]]:
    """Return the failed trainings of each cell: fold, seed, and the message in their metrics."""
    messages = {design.trial_of(trial): trial.get("failed") for trial in metrics}
    found: dict[Cell, list[dict[str, Any]]] = {}
    for record in results[results["val_accuracy"].isna()].to_dict("records"):
        *cell, fold, seed = trial = design.trial_of(record)
        message = messages.get(trial) or "no reason is known"
        found.setdefault(tuple(cell), []).append({"fold": fold, "seed": seed, "message": message})
    return found


def versions(metrics: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return, per package, all versions that a training ran with."""
    found: dict[str, set[str]] = {}
    for record in metrics:
        for package, version in record["versions"].items():
            found.setdefault(package, set()).add(str(version))
    return [{"package": package, "versions": sorted(found[package])} for package in sorted(found)]


def devices(metrics: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return, per device, the number of trainings that ran on it."""
    counts = pd.Series([str(record["device"]) for record in metrics], dtype=str).value_counts()
    return [{"device": device, "trainings": int(counts[device])} for device in sorted(counts.index)]


def processors(metrics: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the processors of the machines that the trainings ran on, as far as recorded."""
    return sorted({str(record["processor"]) for record in metrics if record.get("processor")})


def uneven_stacks(metrics: Iterable[Mapping[str, Any]], design: Design) -> list[int]:
    """Return with how many networks trainings shared their time, if this differs between cells.

    Networks that are trained stacked have equal shares of its time, less per network the more there
    are. Where it is the same for all cells, their costs can be compared, and the list is empty.
    """
    sizes: dict[Cell, set[int]] = {}
    for record in metrics:
        sizes.setdefault(design.cell_of(record), set()).add(record.get("stacked", 1))
    differ = len(set(map(frozenset, sizes.values()))) > 1
    return sorted(set().union(*sizes.values())) if differ else []


def value(trials: pd.Series | None, published: float | None = None) -> dict[str, float | None]:
    """Return mean and standard deviation over trials, the published figure, and the difference."""
    mean = None if trials is None else known(trials.mean())
    sd = None if trials is None else known(trials.std(ddof=1))
    published = None if published is None else known(published)
    both = mean is not None and published is not None
    difference = mean - published if both else None
    return {"mean": mean, "sd": sd, "published": published, "difference": difference}


def class_rows(classes: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one row per label: precision, recall and F1 over the trials, support summed."""
    return [
        {
            "label": label,
            **{name: value(trials[name]) for name in ("precision", "recall", "f1")},
            "support": int(trials["support"].sum()),
        }
        for label, trials in classes.groupby("label", sort=False)
    ]
