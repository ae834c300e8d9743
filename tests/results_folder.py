"""Results folders made by hand: small, and as the workflow writes them."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import yaml

from digits.analysis.vocabulary import cells_columns
from digits.config.dataset import Dataset
from digits.config.recipes import design_of

EPOCHS = 10
CONFIG = {
    "experiment": "small",
    "dataset": Dataset(train="a.csv", test="b.csv", image_shape=[5, 4], classes=3).model_dump(),
    "cross_validation": {"splits": 3, "folds": [0], "seed": 4},
    "augmentation": {"copies": 2, "translation": 0.1, "rotation": 0.05, "zoom": 0.15, "seed": 6},
    "design": {"layers": [2, 3], "nodes": [16, 32], "seeds": [5], "exclude": []},
    "recipes": {},
    "analysis": {"margin": 0.005},
    "training": {
        "epochs": EPOCHS, "batch_size": 64, "optimizer": "sgd", "learning_rate": 0.01,
        "dropout": 0.2, "patience": 10, "device": "auto",
    },
    "published": None,
    "cache": None,
    "cache_size": 2000,
}  # fmt: skip
OBSERVED = {
    "low": 0, "high": 255, "border": 1.5, "inside": 40.5, "height": 5.5, "width": 4.5,
    "mirrored": 0.9, "inverted": 0.8,
}  # fmt: skip
FACTS = {
    "train": {
        "source": "a.csv", "rows": 70, "columns": 21, "nulls": 0,
        "dtypes": {"label": "uint8", "pixels": "uint8"},
        "format": "CSV", "observed": OBSERVED, "notes": ["The separators are tabs."],
        "sha256": "a1" * 32, "labels": {"0": 40, "1": 20, "2": 10},
    },
    "test": {
        "source": "b.csv", "rows": 30, "columns": 20, "dtypes": {"pixels": "uint8"}, "nulls": 0,
        "format": "CSV", "observed": OBSERVED, "notes": [], "sha256": "b2" * 32,
    },
    "image_shape": [5, 4],
    "duplicates": {"train": 1, "test": 2, "test_in_train": 3, "conflicting_labels": 4},
}  # fmt: skip
VERSIONS = {"python": "3.11.7", "keras": "3.15.1"}


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def start(folder: Path, **changes: dict) -> Path:
    """Write the configuration of an experiment, with some sections changed in part."""
    config = {
        name: section | changes.get(name, {}) if isinstance(section, dict) else section
        for name, section in CONFIG.items()
    }
    write(folder / "config.yaml", yaml.safe_dump(config))
    return folder


def trial_folder(folder: Path, layers: int, nodes: int, fold: int = 0, seed: int = 5) -> Path:
    return folder / f"cells/layers-{layers}_nodes-{nodes}/fold-{fold}_seed-{seed}"


def write_metrics(folder: Path, layers: int, nodes: int, fold: int = 0, seed: int = 5, **changes):
    trial = {"layers": layers, "nodes": nodes, "fold": fold, "seed": seed}
    metrics = trial | {
        "epochs": EPOCHS, "training_seconds": 20.0, "cpu_seconds": 15.0, "accuracy": 0.8,
        "val_accuracy": 0.9, "val_loss": 0.3, "best_epoch": 9, "best_val_accuracy": 0.91,
        "images_per_second": 1000, "parameters": 100 * layers * nodes, "device": "CPU",
        "failed": None, "versions": VERSIONS,
    } | changes  # fmt: skip
    path = trial_folder(folder, layers, nodes, fold, seed) / "metrics.json"
    return write(path, json.dumps(metrics)), metrics


def write_log(folder: Path, layers: int, nodes: int, epoch: int, more: str = "") -> Path:
    """Write the log of a cell whose trial has come so far, as train_cell prints it."""
    label = f"{layers} x {nodes}, fold 0, seed 5"
    lines = [f"{label} | 1,000 images, 250 to validate on\n"]
    lines += [
        f"{label} | epoch {number:>2}/{EPOCHS} | loss 0.9000, accuracy 0.8000"
        f" | validation 0.5000, 0.{90 + number} | 1,000 images/s"
        f" | 0:{2 * (EPOCHS - number):02d} left\n"
        for number in range(1, epoch + 1)
    ]
    trial_folder(folder, layers, nodes).mkdir(parents=True, exist_ok=True)
    name = f"layers-{layers}_nodes-{nodes}.log"
    return write(folder / "logs/train_cell" / name, "".join(lines) + more)


def write_history(folder: Path, layers: int, nodes: int, seconds: list[float]) -> Path:
    rows = [f"{n},{s},0.8,0.9,0.9{n},0.5" for n, s in enumerate(seconds, start=1)]
    header = "epoch,seconds,accuracy,loss,val_accuracy,val_loss"
    return write(
        trial_folder(folder, layers, nodes) / "history.csv", "\n".join([header, *rows, ""])
    )


@contextmanager
def alive(root: Path, outputs: list[Path], started: float) -> Iterator[None]:
    """Have a run that makes these files, as digits.workflow.run_lock and Snakemake mark one."""
    names = "".join(f"{path.relative_to(root)}\n" for path in outputs)
    lock = write(root / ".snakemake/locks/0.output.lock", names)
    os.utime(lock, (started, started))
    with write(root / ".snakemake/alive/123", "").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def cell_rows(metrics: list[dict]) -> Iterator[dict]:
    """A row per cell for the table of cells, and one for the ensemble where two have a result."""
    trials = pd.DataFrame(metrics)
    means = []
    for (layers, nodes), group in trials.groupby(["layers", "nodes"]):
        right = group.loc[group["failed"].isna(), "best_val_accuracy"]
        row = {"model": f"{layers}L{nodes}N", "layers": layers, "nodes": nodes}
        row |= {"trials": len(right), "parameters": group["parameters"].iloc[0], "device": "CPU"}
        row |= {"accuracy": right.mean(), "sd": right.std(), "pareto": False, "pick": False}
        yield row | {"low": right.mean() - 0.01, "high": right.mean() + 0.01}
        means += [right.mean()] if len(right) else []
    if len(means) > 1:
        together = {"model": "ensemble", "trials": 1, "accuracy": max(means), "device": "CPU"}
        yield together | {"parameters": trials["parameters"].sum(), "pareto": False, "pick": False}


def finish(folder: Path, trials: dict[tuple[int, ...], dict], **sections: dict) -> Path:
    """Write all files of an experiment that comparisons and cards use.

    Parameters
    ----------
    trials : by layers, nodes, fold and seed, what is special about each
    """
    config = start(folder, **sections) / "config.yaml"
    design = design_of(yaml.safe_load(config.read_text()))
    write(folder / "design.json", json.dumps(design.as_data()))
    metrics = [write_metrics(folder, *key, **changes)[1] for key, changes in trials.items()]
    table = pd.DataFrame(metrics).drop(columns=["failed", "versions", "processor"], errors="ignore")
    table["score"] = [changes.get("score") for changes in trials.values()]
    write(folder / "tables/results.csv", table.to_csv(index=False))
    cells = pd.DataFrame(cell_rows(metrics), columns=cells_columns(design))
    write(folder / "tables/cells.csv", cells.to_csv(index=False))
    errors = cells.dropna(subset="accuracy")[["model"]].assign(ece=0.0125, expected_ece=0.002)
    write(folder / "tables/ece.csv", errors.to_csv(index=False))
    write(folder / "data/facts.json", json.dumps(FACTS))
    classes = [
        {name: trial[name] for name in ("layers", "nodes", "fold", "seed")}
        | {"label": label, "precision": 0.9, "recall": 0.8 + 0.01 * trial["layers"], "f1": 0.85}
        | {"support": 10 + label}
        for trial in metrics
        if not trial["failed"]
        for label in range(3)
    ]
    columns = ["layers", "nodes", "fold", "seed", "label", "precision", "recall", "f1", "support"]
    write(folder / "tables/classes.csv", pd.DataFrame(classes, columns=columns).to_csv(index=False))
    summary = [
        {"part": "train", "label": label, "images": images, "mean": 30.5, "sd": 60.0, "median": 0}
        | {"ink": 0.25}
        for label, images in [*FACTS["train"]["labels"].items(), ("all", 70)]
    ]
    write(folder / "tables/summary.csv", pd.DataFrame(summary).to_csv(index=False))
    for fold in {key[2] for key in trials}:
        check = {"train": 46, "validation": 24, "tensor": 322}
        write(folder / f"folds/fold-{fold}/check.json", json.dumps(check))
    return folder


def complete_all(folder: Path) -> list[Path]:
    """Write what else a finished experiment has whose only cell is 2 x 16."""
    names = ["data/train.parquet", "data/test.parquet", "cells/check.json"]
    names += [f"report/{name}" for name in ("index.html", "model_card.md")]
    names += [f"tables/{name}.csv" for name in ("hardest", "comparisons", "costs")]
    names += [f"plots/results/{name}.svg" for name in ("accuracy", "cost")]
    names += ["plots/errors/common.svg", "plots/cells/layers-2_nodes-16/learning.svg"]
    names += ["submissions/Model-ensemble.json"]
    paths = [write(folder / name, "") for name in names]
    paths.append(write(trial_folder(folder, 2, 16) / "test.parquet", ""))
    return [*paths, write(folder / "submissions/Model-2L16N.json", '{"score": 0.875}')]
