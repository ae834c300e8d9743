"""What a training logs and records: its epochs, its metrics, the versions that computed them."""

import platform
from collections.abc import Sequence
from dataclasses import fields
from importlib.metadata import version
from typing import Any

from digits.training.outcomes import Epoch


def history_csv(history: Sequence[Epoch]) -> str:
    """Format epochs as the content of ``history.csv``.

    Importing pandas for this would take longer than all of the training's other imports.
    """
    columns = [field.name for field in fields(Epoch) if field.name != "cpu_seconds"]
    rows = [[str(getattr(epoch, column)) for column in columns] for epoch in history]
    return "".join(",".join(row) + "\n" for row in [columns, *rows])


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that compute."""
    packages = {package: version(package) for package in ("tensorflow", "keras", "numpy")}
    return {"python": platform.python_version()} | packages


def progress(history: Sequence[Epoch], epochs: int, images: int, sharing: int = 1) -> str:
    """Describe the last epoch in one line: progress, losses, accuracies, speed, time left.

    Parameters
    ----------
    sharing : number of networks that share the time of an epoch
    """
    last, seconds = history[-1], sum(epoch.seconds for epoch in history)
    left = round(sharing * seconds / last.epoch * (epochs - last.epoch))
    return (
        f"epoch {last.epoch:>{len(str(epochs))}}/{epochs}"
        f" | loss {last.loss:.4f}, accuracy {last.accuracy:.4f}"
        f" | validation {last.val_loss:.4f}, {last.val_accuracy:.4f}"
        f" | {images / last.seconds:,.0f} images/s"
        f" | {left // 60}:{left % 60:02d} left"
    )


def summarise(history: Sequence[Epoch], images: int) -> dict[str, Any]:
    """Summarise a training for the results table; times are in seconds."""
    seconds = sum(epoch.seconds for epoch in history)
    last = history[-1] if history else None
    best = min(history, key=lambda epoch: epoch.val_loss) if history else None
    return {
        "epochs": len(history),
        "training_seconds": round(seconds, 3),
        "cpu_seconds": round(sum(epoch.cpu_seconds for epoch in history), 3),
        "accuracy": last and last.accuracy,
        "val_accuracy": last and last.val_accuracy,
        "val_loss": last and last.val_loss,
        "best_epoch": best and best.epoch,
        "best_val_accuracy": best and best.val_accuracy,
        "images_per_second": round(images * len(history) / seconds) if history else None,
    }
