"""Every program of the workflow, step by step on a few small images, in this process.

A step knows which of its options name files to read and which name files to write, so that a test
can damage each of the former and look at the latter.
"""

import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_digits

from digits.workflow import job
from digits.config.dataset import Dataset
from digits.config.models import Augmentation, Training
from digits.config.recipes import design_of
from write_report import TABLES

ROOT = Path(__file__).parents[2]
CELLS = [(1, 4), (2, 4)]
CONFIG = {
    "experiment": "small",
    "dataset": Dataset(
        train="raw/train.csv", test="raw/test.csv", image_shape=[8, 8]
    ).model_dump(),
    "cross_validation": {"splits": 3, "folds": [0], "seed": 1},
    "augmentation": Augmentation(copies=1, zoom=0.1, seed=1).model_dump(),
    "design": {"layers": [1, 2], "nodes": [4], "seeds": [5], "exclude": []},
    "training": Training(
        epochs=2, batch_size=16, learning_rate=0.1, dropout=0.1, patience=9, device="cpu"
    ).model_dump(),
    "recipes": {},
    "analysis": {"margin": 0.005},
    "published": None,
    "kaggle_scores": None,
    "cache": None,
    "cache_size": 2000,
}  # fmt: skip

BENCHMARKS = {"split_folds": "fold-0", "train_cell": "layers-1_nodes-4"}
"""Rules with the name of one of their benchmark files."""

Files = str | list[str]


@dataclass(frozen=True)
class Step:
    """A program with its options: files by name below the results, settings as they are.

    A setting that contains a path is a function of the results folder.

    ``beside`` are files that it reads without being told, as they lie beside others.
    """

    program: str
    inputs: dict[str, Files]
    outputs: dict[str, Files]
    settings: dict[str, object] = field(default_factory=dict)
    beside: tuple[str, ...] = ()

    @property
    def read(self) -> list[str]:
        """The files that are read, those of the project apart."""
        named = [name for names in self.inputs.values() for name in as_list(names)]
        return [name for name in dict.fromkeys([*named, *self.beside]) if Path(name).suffix]

    def run(self, results: Path, outputs: Path | None = None) -> None:
        """Run the program as its command line does, its outputs in a folder of their own."""
        arguments = []
        for folder, options in ((results, self.inputs), (outputs or results, self.outputs)):
            for option, names in options.items():
                paths = [str(folder / name) for name in as_list(names)]
                arguments += [f"--{option}", *paths] if option else paths
        for option, value in self.settings.items():
            given = value(results) if callable(value) else value
            values = [str(each) for each in (given if isinstance(given, list) else [given])]
            arguments += [f"--{option}", *values] if option else values
        main = importlib.import_module(self.program).main
        job.run(lambda: main(arguments))


def as_list(names: Files) -> list[str]:
    return names if isinstance(names, list) else [names]


def trials(name: str) -> list[str]:
    return [f"cells/layers-{m}_nodes-{n}/fold-0_seed-5/{name}" for m, n in CELLS]


def tables(*names: str) -> dict[str, str]:
    return {name: f"tables/{name}.csv" for name in names}


def plots(folder: str, *names: str) -> dict[str, str]:
    return {name: f"plots/{folder}/{name.replace('-', '_')}.svg" for name in names}


IMAGES = {"train": "data/train.parquet", "test": "data/test.parquet"}
PARTS = {"train": "folds/fold-0/train.parquet", "validation": "folds/fold-0/validation.parquet"}
TENSOR = {"tensor": "tensors/fold-0.npz"}
TRAINED_ON = (TENSOR["tensor"], PARTS["validation"])
DESIGN = design_of(CONFIG)
WHOLE = {"results": ".", "design": "design.json"}
METRICS = tuple(trials("metrics.json"))
JUDGED = (*METRICS, *trials("validation.parquet"))
PUBLISHED = ("published/results.csv", "published/history.csv")


def raw_dataset(part: str) -> Callable[[Path], str]:
    """Return what describes the raw file of a part in a results folder, as JSON."""
    keys = {"image_shape": [8, 8], "part": part}
    return lambda results: json.dumps(keys | {"files": [f"{results}/raw/{part}.csv"]})


def data_steps() -> list[Step]:
    found = {part: f"data/{part}.json" for part in IMAGES}
    facts = {"facts": "data/facts.json", "summary": "tables/summary.csv"}
    names = ("class-distribution", "pixel-correlation", "sample-digits", "mean-digits")
    fold = {"splits": 3, "fold": 0, "seed": 1, "classes": 10}
    warp = {"augmentation": json.dumps(CONFIG["augmentation"]), "fold": 0}
    return [
        Step("write_design", {}, {"output": "design.json"}, {"design": DESIGN.as_text()}),
        *(Step("ingest_images", {}, {"output": IMAGES[part], "found": found[part]},
               {"dataset": raw_dataset(part)}, (f"raw/{part}.csv",))
          for part in IMAGES),
        Step("check_data", {"images": list(IMAGES.values()), "found": list(found.values())},
             {"table": "data/check.txt", "pictures": "data/check.png"}, {"classes": 10}),
        Step("split_test", {"images": IMAGES["train"], "found": found["train"]},
             {f"{part}{end}": f"split/{part}{end}.{kind}" for part in IMAGES
              for end, kind in (("", "parquet"), ("-found", "json"))},
             {"classes": 10, "share": 0.25, "seed": 1}),
        Step("check_references",
             {"test": IMAGES["test"], "test-labels": "raw/answers.csv", "published": "published"},
             {"output": "data/references.json"}, {"classes": 10}, PUBLISHED),
        Step("describe_data", IMAGES | {f"{part}-found": path for part, path in found.items()},
             facts, {"classes": 10}),
        Step("plot_data", {"train": IMAGES["train"]}, plots("data", *names), {"classes": 10}),
        Step("split_folds", {"images": IMAGES["train"]}, PARTS, fold),
        Step("augment_fold", PARTS, {"output": TENSOR["tensor"]}, warp | {"code": "tests"}),
        Step("check_fold", PARTS | TENSOR, {"output": "folds/fold-0/check.json"}),
        Step("plot_augmentation", TENSOR, {"output": "plots/augmentation.svg"},
             warp | {"classes": 10}),
    ]  # fmt: skip


def cell_steps(layers: int, nodes: int) -> list[Step]:
    folder = f"cells/layers-{layers}_nodes-{nodes}/fold-0_seed-5"
    model = f"{folder}/model.keras"
    own = DESIGN.only((layers, nodes)).as_text()
    recipe = {"design": own, "training": json.dumps(CONFIG["training"])}
    return [
        Step("train_cell", {"results": "."}, {"checkpoints": "checkpoints"},
             recipe | {"classes": 10, "code": "tests"}, TRAINED_ON),
        Step("predict_cell", {"results": ".", "test": IMAGES["test"]}, {}, {"design": own},
             (model, PARTS["validation"])),
    ]  # fmt: skip


def table_steps() -> list[Step]:
    scores = [f"submissions/Model-{m}L{n}N.json" for m, n in CELLS]
    errors = ("calibration", "ece", "confused", "hardest")
    analysis = ("cells", "effects", "comparisons")
    benchmarks = [f"benchmarks/{rule}/{name}.tsv" for rule, name in BENCHMARKS.items()]
    submitted = WHOLE | {"test": IMAGES["test"], "test-labels": "raw/answers.csv"}
    votes = (*METRICS, *trials("test.parquet"))
    return [
        Step("write_submissions", submitted, {}, {"classes": 10}, votes),
        Step("write_submissions", submitted, {}, {"ensemble": [], "classes": 10}, votes),
        Step("tabulate_results", WHOLE,
             {"table": "tables/results.csv", "history": "tables/history.csv"}, {},
             (*METRICS, *trials("history.csv"), *scores)),
        Step("tabulate_classes", WHOLE,
             {"class-table": "tables/classes.csv"} | tables("confusion"), {"classes": 10}, JUDGED),
        Step("tabulate_errors", WHOLE, tables(*errors), {"classes": 10}, JUDGED),
        Step("tabulate_costs", WHOLE, {"output": "tables/costs.csv"}, {"rules": list(BENCHMARKS)},
             (*benchmarks, METRICS[0])),
        Step("analyse_design",
             WHOLE | {"table": "tables/results.csv", "published": "published"},
             tables(*analysis), {"splits": 3, "margin": 0.005}, (*JUDGED, PUBLISHED[0])),
        Step("check_trials", WHOLE, {"output": "cells/check.json"}, {}, JUDGED),
        Step("embed_networks", WHOLE, {"output": "report/networks.json"}, {"classes": 10},
             (*JUDGED, PARTS["validation"], *trials("model.keras"))),
    ]  # fmt: skip


def plot_steps() -> list[Step]:
    errors = tables("calibration", "ece", "confused", "hardest")
    published = {"published": "published"}
    design = {"design": "design.json"}
    return [
        Step("plot_cells",
             WHOLE | published
             | {f"{name}-table": f"tables/{name}.csv" for name in ("confusion", "history")},
             {}, {}, PUBLISHED[1:]),
        Step("plot_results",
             design | {"table": "tables/results.csv"} | tables("history") | published,
             plots("results", "accuracy", "learning"), {}, PUBLISHED),
        Step("plot_effects", design | tables("cells", "effects", "comparisons"),
             {"effects-plot": "plots/results/effects.svg"}
             | plots("results", "differences", "cost", "published")),
        Step("plot_errors", WHOLE | errors,
             plots("errors", "reliability", "confusions", "worst", "common"), {},
             (PARTS["validation"],)),
    ]  # fmt: skip


def report_steps() -> list[Step]:
    config = {"config": json.dumps(CONFIG)}
    about = WHOLE | {"facts": "data/facts.json", "config": "config.yaml"}
    templates = ROOT / "workflow/report"
    cell = f"plots/cells/{DESIGN.cell_folder(CELLS[0])}"
    return [
        Step("write_config", {}, {"output": "config.yaml"}, config),
        Step("write_cards",
             about | {"table": "tables/results.csv"} | tables("cells", "ece", "classes", "summary"),
             {"model-card": "report/model_card.md", "data-card": "report/data_card.md"},
             {"model-template": templates / "model_card.md.j2",
              "data-template": templates / "data_card.md.j2"},
             (*METRICS, "folds/fold-0/check.json")),
        Step("write_report",
             about
             | {"tables": [f"tables/{name}.csv" for name in TABLES],
                "networks": "report/networks.json", "published": "published",
                "rule-graph": "plots/augmentation.svg",
                "plots": ["plots/augmentation.svg", "plots/data/class_distribution.svg",
                          "plots/results/accuracy.svg"]},
             {"output": "report/index.html"}, {"template": templates / "index.html.j2"},
             (*METRICS, PUBLISHED[0], f"{cell}/learning.svg", f"{cell}/confusion.svg",
              *(f"submissions/Model-{m}L{n}N.json" for m, n in CELLS),
              "submissions/Model-ensemble.json")),
    ]  # fmt: skip


def fresh_step() -> Step:
    """Train the first cell once more, on new copies of the images in each epoch."""
    augmentation = json.dumps(CONFIG["augmentation"] | {"mode": "fresh"})
    recipe = {"training": json.dumps(CONFIG["training"]), "augmentation": augmentation}
    cell = {"design": DESIGN.only(CELLS[0]).as_text(), "classes": 10, "code": "tests"}
    return Step("train_fresh", {"results": "."}, {"checkpoints": "checkpoints"}, recipe | cell,
                TRAINED_ON)  # fmt: skip


STEPS = [
    *data_steps(),
    fresh_step(),
    *(step for cell in CELLS for step in cell_steps(*cell)),
    *table_steps(),
    *plot_steps(),
    *report_steps(),
]


def write_raw(results: Path) -> None:
    """Write 150 of scikit-learn's digits as raw files, and what the workflow itself adds."""
    digits = load_digits()
    images = np.round(digits.images * 255 / 16).astype(int).reshape(-1, 64)
    names = [f"pixel{number}" for number in range(64)]
    for folder in ("raw", "published", "benchmarks/split_folds", "benchmarks/train_cell"):
        (results / folder).mkdir(parents=True)
    train = pd.DataFrame(images[:120], columns=names)
    train.insert(0, "label", digits.target[:120])
    train.to_csv(results / "raw/train.csv", index=False)
    pd.DataFrame(images[120:150], columns=names).to_csv(results / "raw/test.csv", index=False)
    answers = pd.DataFrame({"ImageId": range(1, 31), "Label": digits.target[120:150]})
    answers.to_csv(results / "raw/answers.csv", index=False)
    cells = [{"layers": m, "nodes": n} for m, n in CELLS]
    figures = {"training_seconds": 9.5, "accuracy": 0.5, "val_accuracy": 0.6, "kaggle_score": 0.6}
    pd.DataFrame([cell | figures for cell in cells]).to_csv(
        results / "published/results.csv", index=False
    )
    curve = {"seconds": 3.5, "accuracy": 0.5, "loss": 1.5, "val_accuracy": 0.6, "val_loss": 1.2}
    pd.DataFrame([cell | {"epoch": 1} | curve for cell in cells]).to_csv(
        results / "published/history.csv", index=False
    )
    for rule, name in BENCHMARKS.items():
        (results / f"benchmarks/{rule}/{name}.tsv").write_text(
            "s\th:m:s\tmax_rss\tcpu_time\n9.5\t0:00:09\t200.25\t8.5\n"
        )


def run_experiment(results: Path) -> Path:
    """Run every step into a results folder."""
    write_raw(results)
    for step in STEPS:
        step.run(results)
    return results
