"""An experiment of any design with made-up predictions: its tables, plots and page, in seconds.

    PYTHONPATH=scripts:tests python tests/made_up_experiment.py OUTPUT \
        '{"layers": [2, 3], "nodes": [100, 200], "optimizer": ["sgd", "adamw"]}'

The images are scikit-learn's digits; accuracies follow from the levels, the folds and chance.
"""

import argparse
import importlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from image_files import write_images
from scipy.stats import norm

from digits.config.configuration import complete
from digits.config.recipes import design_of
from digits.core.json_records import OBSERVED
from digits.core.results_folder import ResultsFolder
from digits.data import demo
from digits.data.image_tables import ImageTable
from digits.evaluation.predictions import write_probabilities
from digits.report.networks import as_text

DEMO = {"source": "demo", "train": "data/demo/train.csv", "test": "data/demo/test.csv"}
DEMO |= {"test_labels": "data/demo/test_labels.csv", "image_shape": [28, 28], "classes": 10}
CLASSES, EPOCHS, SPLITS = 10, 10, 5
TEMPLATE = Path(__file__).parents[1] / "workflow" / "report" / "index.html.j2"
RESULTS = ("effects", "differences", "cost", "published", "accuracy", "learning")
ERRORS = ("reliability", "confusions", "worst", "common")
DATA = ("class_distribution", "pixel_correlation", "sample_digits", "mean_digits")


class Experiment:
    """The results folder of an experiment that nobody has run."""

    def __init__(
        self, output: Path, factors: Mapping[str, Any], *, folds: int = 5, seeds: int = 1
    ) -> None:
        section = {**factors, "seeds": list(range(1, seeds + 1))}
        split = {"folds": list(range(folds))}
        self.config = {"experiment": output.name, "dataset": DEMO, "design": section}
        self.config["cross_validation"] = split
        complete(self.config)
        self.design = design_of(self.config)
        self.folder = ResultsFolder(output, self.design)
        images, labels = demo.load_digits()
        self.rows = np.random.default_rng(1).permutation(len(labels))
        self.images, self.labels = images, labels

    def path(self, name: str | Path) -> Path:
        """Return the path of a file, whose folder is made."""
        path = self.folder.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def run(self, program: str, *options: str, design: str = "", results: bool = True) -> None:
        """Run a program with the options for all trials, or for a part of the design."""
        given = [f"--design={design or self.path('design.json')}"]
        given += [f"--results={self.folder.path}"] if results else []
        importlib.import_module(program).main([*given, *options])

    def table(self, *names: str, **options: str) -> list[str]:
        """Return options that name tables."""
        named = dict(zip(names, names, strict=True)) | options
        return [f"--{option}={self.path(f'tables/{name}.csv')}" for option, name in named.items()]

    def plots(self, group: str, *names: str) -> list[str]:
        """Return options that name plots of a group."""
        options = {name: name.replace("_", "-") for name in names}
        return [
            f"--{option}={self.path(f'plots/{group}/{n}.svg')}" for n, option in options.items()
        ]

    def write(self) -> None:
        """Write what trainings and predictions would leave."""
        self.path("design.json").write_text(self.design.as_text())
        self.path("config.yaml").write_text(yaml.safe_dump(self.config))
        generator = np.random.default_rng(422)
        for fold in self.design.folds:
            rows = self.rows[fold::SPLITS]
            part = ImageTable(self.images[rows], self.labels[rows], rows.astype(np.int32))
            write_images(
                self.path(self.folder.part(fold, "validation").relative_to(self.folder.path)), part
            )
        hard = generator.normal(size=len(self.labels))
        for trial in self.design.trials:
            self.train(trial, hard, generator)
        for path in self.folder.scores.values():
            self.path(path.relative_to(self.folder.path)).write_text('{"rows": 360, "score": 0.95}')
        write_images(
            self.path("data/train.parquet"),
            ImageTable(self.images, self.labels, np.arange(len(self.labels), dtype=np.int32)),
        )
        self.path("data/facts.json").write_text(json.dumps(self.facts()))
        self.path("tables/costs.csv").write_text(
            "rule,jobs,seconds,cpu_seconds,max_rss_mb\n"
            "train_cell,30,7500.5,7400.2,900\nplot_data,1,2.5,,\nwrite_config,1,0.2,,\n"
        )

    def train(self, trial: tuple, hard: np.ndarray, generator: np.random.Generator) -> None:
        """Write what the training and the prediction of a trial would."""
        design = self.design
        *cell, fold, _ = trial
        places = [
            design.rank(tuple(cell))[number] / max(len(levels) - 1, 1)
            for number, levels in enumerate(design.factors.values())
        ]
        skill = 1.6 + sum(place / (2 + n) for n, place in enumerate(places)) + 0.2 * np.prod(places)
        skill += 0.04 * generator.normal()
        rows = self.rows[fold::SPLITS]
        own = generator.normal(size=len(rows))
        margin = skill - np.sqrt(0.7) * hard[rows] - np.sqrt(0.3) * own
        label, share = self.labels[rows].astype(int), norm.cdf(1.5 * margin)
        other = (label + generator.choice([1, 3, 5, 7], size=len(rows))) % CLASSES
        probabilities = np.full((len(rows), CLASSES), 1e-4)
        probabilities[np.arange(len(rows)), label] += share
        probabilities[np.arange(len(rows)), other] += 1 - share
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        right = float((probabilities.argmax(axis=1) == label).mean())
        levels = dict(zip(design.trial_columns, trial, strict=True))
        depth, width = cell[:2]
        parameters = int(785 * width + (depth - 1) * width * (width + 1) + 10 * (width + 1))
        seconds = parameters / 1500 * (1 + 0.05 * generator.normal())
        metrics = levels | {"epochs": EPOCHS, "training_seconds": 1.1 * seconds}
        metrics |= {"cpu_seconds": seconds, "accuracy": right - 0.02, "val_accuracy": right - 0.001}
        metrics |= {"val_loss": 1 - right, "best_epoch": 9, "best_val_accuracy": right}
        metrics |= {"parameters": parameters, "images_per_second": 40_000, "device": "CPU"}
        metrics |= {"failed": None, "versions": {"keras": "3.15.1", "numpy": "2.3.5"}}
        place = self.path(self.folder.metrics(trial).relative_to(self.folder.path))
        place.write_text(json.dumps(metrics))
        lines = ["epoch,seconds,accuracy,loss,val_accuracy,val_loss"]
        for epoch in range(1, EPOCHS + 1):
            gap = 1 - right + 0.5 * np.exp(-epoch / 1.5)
            lines.append(f"{epoch},{seconds / EPOCHS},{1 - 1.2 * gap},{gap},{1 - gap},{gap}")
        place.with_name("history.csv").write_text("\n".join([*lines, ""]))
        keys = {"row": rows.astype(np.int32), "label": label.astype(np.uint8)}
        write_probabilities(place.with_name("validation.parquet"), keys, probabilities.astype("f4"))

    def facts(self) -> dict[str, Any]:
        """Return facts of the data."""
        labels = {str(label): int((self.labels == label).sum()) for label in range(CLASSES)}
        part = {"source": "data/demo/train.csv", "rows": 1797, "columns": 785, "nulls": 0}
        part |= {"dtypes": {"pixels": "uint8"}, "sha256": "ab" * 32, "format": "CSV", "notes": []}
        part["observed"] = dict.fromkeys(OBSERVED, 1.5)
        counts = ("train", "test", "test_in_train", "conflicting_labels")
        facts = {"train": part | {"labels": labels}, "test": part, "image_shape": [28, 28]}
        return facts | {"duplicates": dict.fromkeys(counts, 0)}

    def tabulate(self) -> None:
        """Write the tables by their programs."""
        classes = f"--classes={CLASSES}"
        self.run("tabulate_results", *self.table("history", table="results"))
        names = {"class-table": "classes", "confusion": "confusion"}
        self.run("tabulate_classes", classes, *self.table(**names))
        tables = self.table("cells", "effects", "comparisons", table="results")
        self.run("analyse_design", f"--splits={SPLITS}", "--margin=0.005", *tables)
        self.run(
            "tabulate_errors", classes, *self.table("calibration", "ece", "confused", "hardest")
        )
        self.path("tables/summary.csv").write_text(
            "part,label,images,mean,sd,median,ink\ntrain,all,1797,33,78,0,0.2\n"
        )

    def draw(self) -> None:
        """Draw the plots by their programs."""
        names = {"effects_plot": "effects"} | {name: name for name in RESULTS[1:3]}
        plots = [
            f"--{option.replace('_', '-')}={self.path(f'plots/results/{name}.svg')}"
            for option, name in names.items()
        ]
        tables = self.table("cells", "effects", "comparisons")
        self.run("plot_effects", *tables, *plots, results=False)
        tables = self.table("cells", "history", table="results")
        self.run(
            "plot_results", *tables, *self.plots("results", "accuracy", "learning"), results=False
        )
        tables = self.table("calibration", "ece", "confused", "hardest")
        self.run("plot_errors", *tables, *self.plots("errors", *ERRORS))
        tables = self.table(**{"confusion-table": "confusion", "history-table": "history"})
        self.run("plot_cells", *tables)

    def embed(self) -> None:
        """Write networks to try that know nothing."""
        first = [(c, self.design.folds[0], self.design.seeds[0]) for c in self.design.cells[:12]]
        kernel = np.random.default_rng(2).normal(size=(784, CLASSES)).astype(np.float32) / 50
        stack = [
            {"scale": 1 / 255, "offset": 0.0},
            {"activation": "softmax", "units": CLASSES, "kernel": as_text(kernel)}
            | {"bias": as_text(np.zeros(CLASSES, np.float32))},
        ]
        networks = [
            dict(zip(self.design.trial_columns, (*cell, fold, seed), strict=True))
            | {"stack": stack}
            for cell, fold, seed in first
        ]
        images = {"fold": 0, "rows": list(range(40)), "labels": self.labels[:40].tolist()}
        content = {"networks": networks, "classes": [str(label) for label in range(CLASSES)]}
        content |= {"images": images | {"pixels": as_text(self.images[:40])}}
        content |= {"image_shape": [28, 28], "failed": [], "too_large": []}
        content |= {"drawing": {"extent": 0.7, "centre": [14.5, 14.5], "pen": 2.5}}
        behind = [
            dict(zip(self.design.cell_columns, cell, strict=True))
            for cell in self.design.cells[12:]
        ]
        self.path("report/networks.json").write_text(json.dumps(content | {"behind": behind}))

    def page(self) -> Path:
        """Write the page of all files that are there."""
        output = self.path("report/index.html")
        shown = sorted(self.folder.path.glob("plots/*/*.svg"))
        hidden = {"accuracy"} if len(self.design.varied) <= 2 else set()
        plots = [str(path) for path in shown if path.stem not in hidden]
        tables = sorted(map(str, self.folder.path.glob("tables/*.csv")))
        files = {"facts": "data/facts.json", "config": "config.yaml"}
        files |= {"networks": "report/networks.json", "output": "report/index.html"}
        options = [f"--{option}={self.path(name)}" for option, name in files.items()]
        options += [f"--template={TEMPLATE}", "--tables", *tables, "--plots", *plots]
        self.run("write_report", *options)
        return output


def main() -> None:
    """Make up an experiment, step by step, and say how long each took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("factors", type=json.loads, help="the levels of each factor, as JSON")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument(
        "--steps", nargs="+", default=["write", "tabulate", "draw", "embed", "page"]
    )
    args = parser.parse_args()

    experiment = Experiment(args.output, args.factors, folds=args.folds, seeds=args.seeds)
    for step in args.steps:
        start = time.perf_counter()
        getattr(experiment, step)()
        print(f"{step}: {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
