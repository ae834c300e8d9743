"""The programs one after the other, in one process and without Snakemake, on images made up."""

import csv
import importlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from digits.config.models import Augmentation, Training
from digits.core.design import Design
from digits.core.tables import read_table

DESIGN = Design({"layers": (1,), "nodes": (16,)}, folds=(0,), seeds=(5,))
CELL = Path("cells/layers-1_nodes-16/fold-0_seed-5")
TENSOR = Path("tensors/fold-0.npz")
SETTINGS = {"epochs": 1, "batch_size": 8, "optimizer": "adam", "dropout": 0.1, "patience": 1}
RECIPE = {
    "training": Training(**SETTINGS, device="cpu").model_dump(),
    "augmentation": Augmentation(copies=1, zoom=0.1, seed=1).model_dump(),
}


def part_of_fold(part: str) -> Path:
    return Path(f"folds/fold-0/{part}.parquet")


@dataclass(frozen=True)
class Data:
    """What raw files look like; in colour with a third side, with a labelled test set or not."""

    shape: tuple[int, ...]
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

    def table(self, name: str | Path) -> pd.DataFrame:
        return read_table(self.folder / name, [], DESIGN)

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
    layout = {"image_shape": run.data.shape[:2], "channels": 3 if run.data.shape[2:] else 1}
    layout |= {"label": run.data.label, "classes": run.data.classes}
    for part in ("train", "test"):
        dataset = json.dumps(layout | {"files": [str(run.folder / f"{part}.csv")], "part": part})
        outputs = {"output": Path(f"{part}.parquet"), "found": Path(f"{part}.json")}
        run("ingest_images", dataset=dataset, **outputs)
    raw = {f"{part}_found": Path(f"{part}.json") for part in ("train", "test")}
    tables = {part: Path(f"{part}.parquet") for part in ("train", "test")}
    facts = {"facts": Path("facts.json"), "summary": Path("summary.csv")}
    run("describe_data", **tables, **raw, classes=run.classes, **facts)
    parts = {part: part_of_fold(part) for part in ("train", "validation")}
    split = {"splits": 2, "fold": 0, "seed": 1, "classes": run.classes}
    run("split_folds", images=Path("train.parquet"), **split, **parts)
    warp = json.dumps(RECIPE["augmentation"])
    run("augment_fold", **parts, augmentation=warp, fold=0, output=TENSOR, code="tests")
    run("write_design", design=DESIGN.as_text(), output=Path("design.json"))


def train(run: Chain) -> None:
    cell = {"results": Path(), "design": DESIGN.as_text()}
    settings = {"training": json.dumps(RECIPE["training"]), "classes": len(run.data.given)}
    run("train_cell", **cell, **settings, code="tests", checkpoints=Path("checkpoints"))
    run("predict_cell", **cell, test=Path("test.parquet"))


def evaluate(run: Chain) -> None:
    whole = {"results": Path(), "design": Path("design.json"), "classes": run.classes}
    run("write_submissions", **whole, test=Path("test.parquet"))
    tables = {"class_table": Path("classes.csv"), "confusion": Path("confusion.csv")}
    run("tabulate_classes", **whole, **tables)
    names = ("calibration", "ece", "confused", "hardest")
    tables = {name: Path(f"{name}.csv") for name in names}
    run("tabulate_errors", **whole, **tables)
    run("embed_networks", **whole, output=Path("networks.json"))


def draw(run: Chain) -> None:
    tables = {name: Path(f"{name}.csv") for name in ("calibration", "ece", "confused", "hardest")}
    plots = ("reliability", "confusions", "worst", "common")
    drawn = {name: Path(f"{name}.svg") for name in plots}
    run("plot_errors", results=Path(), design=Path("design.json"), **tables, **drawn)
    plots = ("class_distribution", "pixel_correlation", "sample_digits", "mean_digits")
    drawn = {name: Path(f"{name}.svg") for name in plots}
    run("plot_data", train=Path("train.parquet"), classes=run.classes, **drawn)
    tensor = {"tensor": TENSOR, "fold": 0, "classes": run.classes}
    tensor["augmentation"] = json.dumps(RECIPE["augmentation"])
    run("plot_augmentation", **tensor, output=Path("augmentation.svg"))
    history = run.table(CELL / "history.csv").assign(layers=1, nodes=16, fold=0, seed=5)
    history.to_csv(run.folder / "history.csv", index=False)
    tables = {"confusion_table": Path("confusion.csv"), "history_table": Path("history.csv")}
    run("plot_cells", **tables, results=Path(), design=DESIGN.as_text())


def run_chain(folder: Path, data: Data) -> Chain:
    """Run the programs from raw files to plots, with one small cell trained for an epoch."""
    run = Chain(folder, data)
    write_raw(folder, data)
    prepare(run)
    train(run)
    evaluate(run)
    draw(run)
    return run
