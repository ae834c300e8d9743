"""The files that the report page is made from: a made-up experiment, tabulated by the programs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import yaml

import analyse_design
import tabulate_classes
import tabulate_errors
import tabulate_results
import write_report
from digits.core.design import Design
from digits.core.results_folder import ResultsFolder
from digits.evaluation.predictions import write_probabilities

TEMPLATE = Path(__file__).parents[1] / "workflow" / "report" / "index.html.j2"
FACTORS = {"layers": (2, 3), "nodes": (100, 200)}
CELLS = ((2, 100), (2, 200), (3, 100), (3, 200))
IMAGES, CLASSES = 60, 3
RIGHT = {(2, 100): 45, (2, 200): 57, (3, 100): 42, (3, 200): 54}
"""Images of a fold that a cell reads right; with further folds and seeds, up to two more."""

MESSAGE = "epoch 3: the loss is nan & <b>more</b>"
CONFIG = {
    "experiment": "tiny",
    "dataset": {"image_shape": [4, 4], "classes": CLASSES},
    "cross_validation": {"splits": 5, "folds": [0], "seed": 7},
    "augmentation": {"copies": 3, "translation": 0.1, "rotation": 0.1, "zoom": 0.15, "seed": 4},
    "design": {"layers": [2, 3], "nodes": [100, 200], "seeds": [1]},
    "training": {"epochs": 3, "batch_size": 64, "optimizer": "sgd", "learning_rate": 0.01}
    | {"dropout": 0.2, "patience": 10},
}
SUMMARY = """part,label,images,mean,sd,median,ink
train,0,30,33.5,78,0,0.25
train,1,70,31,70,0,0.2
train,all,100,32,75,0,0.22
test,all,40,32,75,0,0.21
"""
COSTS = "rule,jobs,seconds,cpu_seconds,max_rss_mb\ntrain_cell,2,75,70,900\nplot_data,1,25,,300\n"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt"><title>{}</title></svg>'
OBSERVED = {
    "low": 0, "high": 255, "border": 1.5, "inside": 40.5, "height": 5.5, "width": 4.5,
    "mirrored": 0.9, "inverted": 0.8,
}  # fmt: skip
PART = {"columns": 17, "nulls": 0, "dtypes": {"pixels": "uint8"}}
PART |= {"format": "CSV", "observed": OBSERVED, "notes": []}
FACTS = {
    "train": PART | {"source": "a.csv", "rows": 100, "sha256": "ab", "labels": {"0": 30, "1": 70}},
    "test": PART | {"source": "b.csv", "rows": 40, "sha256": "cd"},
    "image_shape": [4, 4],
    "duplicates": {"train": 1, "test": 2, "test_in_train": 3, "conflicting_labels": 4},
}


@dataclass
class Files:
    """An experiment to be written into a folder; ``failed`` are trials or, shorter, cells."""

    folder: Path
    factors: Mapping[str, tuple] = field(default_factory=lambda: FACTORS)
    folds: tuple = (0,)
    seeds: tuple = (1,)
    failed: tuple = ()
    score: float | None = None
    published: str | None = None
    config: dict = field(default_factory=lambda: CONFIG)
    exclude: tuple = ()

    def __post_init__(self) -> None:
        self.design = Design(self.factors, self.folds, self.seeds, self.exclude)
        self.results = ResultsFolder(self.folder, self.design)

    def path(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    @property
    def given(self) -> list[str]:
        """The options of the programs that need all trials."""
        return [f"--results={self.folder}", f"--design={self.path('design.json')}"]

    def prepare(self) -> "Files":
        self.path("design.json").write_text(self.design.as_text())
        for trial in self.design.trials:
            self.train(trial)
        for path in self.results.scores.values():
            self.path(str(path)).write_text(json.dumps({"rows": 40, "score": self.score}))
        if self.published is not None:
            self.path("published/results.csv").write_text(self.published)
        self.path("tables/summary.csv").write_text(SUMMARY)
        self.path("tables/costs.csv").write_text(COSTS)
        self.path("facts.json").write_text(json.dumps(FACTS))
        self.path("config.yaml").write_text(yaml.safe_dump(self.config))
        self.tabulate()
        return self

    def train(self, trial) -> None:
        *cell, fold, seed = trial
        cell = tuple(cell)
        place = self.design.cells.index(cell)
        failed = {cell, trial} & set(self.failed)
        right = RIGHT.get(cell, 50) + (place // 2 + 2 + fold + seed) % 3
        sizes = int(np.prod([level for level in cell if not isinstance(level, str)]))
        metrics = dict(zip(self.design.trial_columns, trial, strict=True))
        metrics |= {"epochs": 2, "training_seconds": 60.5, "cpu_seconds": 10.0 * (1 + place % 2)}
        metrics |= {"accuracy": 0.9, "val_accuracy": right / IMAGES, "val_loss": 0.5}
        metrics |= {"best_epoch": 2, "best_val_accuracy": right / IMAGES}
        metrics |= {"parameters": sizes, "images_per_second": 5, "device": "CPU"}
        metrics |= {"processor": f"EPYC {1 + place % 2}"}
        metrics |= {"versions": {"numpy": "2.3"}, "failed": MESSAGE if failed else None}
        self.path(str(self.results.metrics(trial))).write_text(json.dumps(metrics))
        epochs = [f"{epoch},20,0.{epoch},2.5,0.{7 + seed},0.25\n" for epoch in (1, 2)]
        header = "epoch,seconds,accuracy,loss,val_accuracy,val_loss\n"
        self.results.history(trial).write_text(header + "".join(epochs))
        label = np.arange(IMAGES) % CLASSES
        wrong = np.random.default_rng([place, fold, seed]).permutation(IMAGES) >= right
        probabilities = np.full((IMAGES, CLASSES), 0.1, np.float32)
        probabilities[np.arange(IMAGES), (label + wrong) % CLASSES] = 0.8
        keys = {"row": np.arange(IMAGES) + 1000 * fold, "label": label}
        write_probabilities(self.results.validation(trial), keys, probabilities)
        if failed:
            self.results.validation(trial).write_bytes(b"")

    def tabulate(self) -> None:
        table = {name: f"--{name}={self.path(f'tables/{name}.csv')}" for name in NAMES}
        results = self.path("tables/results.csv")
        history = f"--history={self.path('tables/history.csv')}"
        tabulate_results.main([*self.given, f"--table={results}", history])
        class_table = f"--class-table={self.path('tables/classes.csv')}"
        classes = f"--classes={CLASSES}"
        tabulate_classes.main([*self.given, classes, class_table, table["confusion"]])
        analysis = [table[name] for name in ("cells", "effects", "comparisons")]
        published = [] if self.published is None else [f"--published={self.path('published')}"]
        given = [*self.given, f"--table={results}", "--splits=5", "--margin=0.005", *published]
        analyse_design.main([*given, *analysis])
        errors = [table[name] for name in ("calibration", "ece", "confused", "hardest")]
        tabulate_errors.main([*self.given, classes, *errors])

    def write(self, *more: object) -> str:
        """Write the page of these files and of what else is given; return it."""
        for cell in self.design.cells:
            for name in ("learning", "confusion"):
                if not self.results.cell_plot(cell, name).exists():
                    self.draw(self.cell_plot(cell, name))
        arguments = [*self.given, "--tables", *sorted(map(str, self.folder.glob("tables/*.csv")))]
        arguments += ["--facts", str(self.path("facts.json"))]
        arguments += ["--config", str(self.path("config.yaml")), "--template", str(TEMPLATE)]
        if self.published is not None:
            arguments += [f"--published={self.path('published')}"]
        output = self.path("report/index.html")
        write_report.main([*arguments, "--output", str(output), *map(str, more)])
        return output.read_text(encoding="utf-8")

    def cell_plot(self, cell, name: str) -> str:
        """The name of a cell's plot, for ``draw``."""
        return f"cells/{self.design.cell_folder(cell)}/{name}"

    def draw(self, *names: str, size: int = 0) -> list[Path]:
        """Write drawings that say what they are, padded to so many bytes."""
        paths = [self.path(f"plots/{name}.svg") for name in names]
        for path, name in zip(paths, names, strict=True):
            drawing = SVG.format(f"Plot of {name}")
            path.write_text(drawing + " " * (size - len(drawing)))
        return paths


NAMES = (
    *("classes", "confusion", "cells", "effects", "comparisons"),
    *("calibration", "ece", "confused", "hardest"),
)
