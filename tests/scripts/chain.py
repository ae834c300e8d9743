"""The programs one after the other, in one process and without Snakemake, on images made up."""

import csv
import importlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from digits.core.tables import read_table


@dataclass(frozen=True)
class Data:
    """What raw files look like; the test set is labelled if the last is true."""

    shape: tuple[int, int]
    classes: int | list[int | str]
    label: str = "label"
    pixel: str = "pixel1"
    labelled: bool = True

    @property
    def labels(self) -> list[str]:
        return list(map(str, self.given))

    @property
    def given(self) -> list[int | str]:
        return list(range(self.classes)) if isinstance(self.classes, int) else self.classes


@dataclass(frozen=True)
class Chain:
    folder: Path
    data: Data

    def __call__(self, program: str, **options: object) -> None:
        """Run a program; paths are those below the folder."""
        arguments = []
        for name, value in options.items():
            values = value if isinstance(value, list | tuple) else [value]
            values = [str(self.folder / v if isinstance(v, Path) else v) for v in values]
            flag = f"--{name.replace('_', '-')}"
            arguments += [f"{flag}={values[0]}"] if len(values) == 1 else [flag, *values]
        importlib.import_module(program).main(arguments)

    @property
    def classes(self) -> str:
        return json.dumps(self.data.classes)

    def table(self, name: str) -> pd.DataFrame:
        return read_table(self.folder / name, [])

    def raw(self, part: str) -> list[list[str]]:
        with (self.folder / f"{part}.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.reader(file))[1:]


def write_raw(folder: Path, data: Data) -> None:
    """Write images of which each class has its own random pattern, with some noise."""
    rng, pixels = np.random.default_rng(4), int(np.prod(data.shape))
    patterns = rng.integers(0, 200, (len(data.given), pixels))
    prefix, first = data.pixel[:-1], int(data.pixel[-1])
    header = [f"{prefix}{first + place}" for place in range(pixels)]
    for part, each in (("train", 4), ("test", 1)):
        numbers = rng.permutation(np.repeat(np.arange(len(data.given)), each))
        images = patterns[numbers] + rng.integers(0, 56, (len(numbers), pixels))
        rows = [[data.given[n], *image.tolist()] for n, image in zip(numbers, images, strict=True)]
        unlabelled = part == "test" and not data.labelled
        with (folder / f"{part}.csv").open("w", newline="", encoding="utf-8") as file:
            lines = [[data.label, *header], *rows]
            csv.writer(file).writerows([line[unlabelled:] for line in lines])


def prepare(run: Chain) -> None:
    layout = {"image_shape": run.data.shape, "label": run.data.label, "classes": run.classes}
    for part, flags in (("train", {}), ("test", {"test": ()})):
        files = {"source": run.folder / f"{part}.csv", "output": Path(f"{part}.parquet")}
        run("ingest_images", **files, **layout, **flags)
    raw = {f"{part}_source": run.folder / f"{part}.csv" for part in ("train", "test")}
    tables = {part: Path(f"{part}.parquet") for part in ("train", "test")}
    facts = {"facts": Path("facts.json"), "summary": Path("summary.csv")}
    run("describe_data", **tables, **raw, classes=run.classes, **facts)
    parts = {"train": Path("fold/train.parquet"), "validation": Path("fold/validation.parquet")}
    split = {"splits": 2, "fold": 0, "seed": 1, "classes": run.classes}
    run("split_folds", images=Path("train.parquet"), **split, **parts)
    warp = {"copies": 1, "translation": 0.1, "rotation": 0.1, "zoom": 0.1, "seed": 1, "fold": 0}
    run("augment_fold", **parts, **warp, output=Path("tensor.npz"), code="tests")


def train(run: Chain) -> None:
    trial = {"layers": 1, "nodes": 16, "fold": 0, "seed": 5, "classes": len(run.data.given)}
    recipe = {"epochs": 1, "batch_size": 8, "optimizer": "adam", "learning_rate": 0.01}
    recipe |= {"dropout": 0.1, "patience": 1, "device": "cpu", "code": "tests"}
    paths = {"tensor": Path("tensor.npz"), "validation": Path("fold/validation.parquet")}
    paths |= {"checkpoints": Path("checkpoints"), "model": Path("cell/model.keras")}
    outputs = {"history": Path("cell/history.csv"), "metrics": Path("cell/metrics.json")}
    run("train_cell", **trial, **recipe, **paths, **outputs)
    run(
        "predict_cell",
        model=Path("cell/model.keras"),
        validation=Path("fold/validation.parquet"),
        test=Path("test.parquet"),
        validation_output=Path("cell/validation.parquet"),
        test_output=Path("cell/test.parquet"),
    )


def evaluate(run: Chain) -> None:
    metrics, cell = {"metrics": Path("cell/metrics.json")}, {"layers": 1, "nodes": 16}
    tests = {"predictions": Path("cell/test.parquet"), "test": Path("test.parquet"), **cell}
    made = {"submission": Path("submission.csv"), "score": Path("score.json")}
    run("write_submission", **tests, **metrics, classes=run.classes, **made)
    validation = {"predictions": Path("cell/validation.parquet"), **metrics}
    tables = {"class_table": Path("classes.csv"), "confusion": Path("confusion.csv")}
    run("tabulate_classes", **validation, classes=run.classes, **tables)
    names = ("calibration", "ece", "confused", "hardest")
    tables = {name: Path(f"{name}.csv") for name in names}
    run("tabulate_errors", **validation, classes=run.classes, **tables)
    page = {"folds": 0, "validation": Path("fold/validation.parquet"), "classes": run.classes}
    run("embed_networks", **metrics, **page, output=Path("networks.json"))


def draw(run: Chain) -> None:
    tables = {name: Path(f"{name}.csv") for name in ("calibration", "ece", "confused", "hardest")}
    plots = ("reliability", "confusions", "worst", "common")
    drawn = {name: Path(f"{name}.svg") for name in plots}
    run("plot_errors", **tables, images=Path("fold/validation.parquet"), **drawn)
    plots = ("class_distribution", "pixel_correlation", "sample_digits", "mean_digits")
    drawn = {name: Path(f"{name}.svg") for name in plots}
    run("plot_data", train=Path("train.parquet"), classes=run.classes, **drawn)
    tensor = {"tensor": Path("tensor.npz"), "copies": 1, "classes": run.classes}
    run("plot_augmentation", **tensor, output=Path("augmentation.svg"))
    history = run.table("cell/history.csv").assign(layers=1, nodes=16, fold=0, seed=5)
    history.to_csv(run.folder / "history.csv", index=False)
    tables = {"confusion_table": Path("confusion.csv"), "history_table": Path("history.csv")}
    drawn = {"confusion": Path("confusion.svg"), "learning": Path("learning.svg")}
    run("plot_cell", **tables, layers=1, nodes=16, **drawn)


def run_chain(folder: Path, data: Data) -> Chain:
    """Run the programs from raw files to plots, with one small cell trained for an epoch."""
    run = Chain(folder, data)
    write_raw(folder, data)
    prepare(run)
    train(run)
    evaluate(run)
    draw(run)
    return run
