"""A small experiment through the programs, in one process and without Snakemake."""

import importlib
import json
from dataclasses import dataclass
from pathlib import Path

from digits.config.models import Augmentation, Training
from digits.core.design import Design
from digits.core.results_folder import ResultsFolder

TEMPLATE = Path(__file__).parents[2] / "workflow" / "report" / "index.html.j2"
DESIGN = Design({"layers": (1, 2), "nodes": (64,)}, seeds=(5,))
CELLS = DESIGN.cells
TABLES = ["results", "history", "classes", "summary", "costs", "cells", "effects", "comparisons"]
CONFIG = {
    "experiment": "small",
    "dataset": {"train": "train.csv", "test": "test.csv", "image_shape": [28, 28], "classes": 10},
    "cross_validation": {"splits": 5, "folds": [0], "seed": 1},
    "augmentation": {"copies": 2, "translation": 0.05, "rotation": 0.03, "zoom": 0.1, "seed": 1},
    "design": {"layers": [1, 2], "nodes": [64], "seeds": [5]},
    "training": {"epochs": 15, "batch_size": 64, "optimizer": "adam", "learning_rate": 0.002}
    | {"dropout": 0.1, "patience": 15},
}
PUBLISHED = "layers,nodes,epochs,val_accuracy,kaggle_score\n1,64,9,0.95,0.94\n2,64,9,0.5,0.51\n"
COUNTS = {"splits": 5, "margin": 0.005}


@dataclass(frozen=True)
class Experiment:
    """The folder of an experiment's results, laid out as Snakemake has it."""

    results: Path

    @property
    def folder(self) -> ResultsFolder:
        return ResultsFolder(self.results, DESIGN)

    def trials(self, name: str) -> list[Path]:
        """The files of a name of all trials, in the order of the design."""
        return [self.folder.model(trial).with_name(name) for trial in DESIGN.trials]

    def __call__(self, program: str, **options: object) -> None:
        """Run a program with options; paths are those below the results unless absolute."""
        arguments = []
        for name, value in options.items():
            values = value if isinstance(value, list) else [value]
            arguments.append(f"--{name.replace('_', '-')}")
            arguments += [str(self.results / v if isinstance(v, Path) else v) for v in values]
        importlib.import_module(program).main(arguments)

    def on_all(self, program: str, **options: object) -> None:
        """Run a program that needs all trials."""
        self(program, results=self.results, design=Path("design.json"), **options)


def tables(*names: str) -> dict[str, Path]:
    """Return the options that name tables."""
    return {name: Path(f"tables/{name}.csv") for name in names}


def run_experiment(results: Path) -> Experiment:
    """Run all but the report page: scikit-learn's digits, two cells that learn them well."""
    run = Experiment(results)
    results.mkdir(parents=True, exist_ok=True)
    (results / "design.json").write_text(DESIGN.as_text())
    raw = {part: results / f"raw/{part}.csv" for part in ("train", "test", "test_labels")}
    run("make_demo", **raw)
    images = {part: Path(f"data/{part}.parquet") for part in ("train", "test")}
    found = {f"{part}_found": Path(f"data/{part}.json") for part in images}
    for part, output in images.items():
        dataset = json.dumps({"files": [str(raw[part])], "part": part})
        run("ingest_images", dataset=dataset, output=output, found=found[f"{part}_found"])
    facts = {"facts": Path("data/facts.json"), "summary": Path("tables/summary.csv")}
    run("describe_data", **images, **found, **facts, classes=10)
    parts = {part: run.folder.part(0, part) for part in ("train", "validation")}
    run("split_folds", images=images["train"], classes=10, splits=5, fold=0, seed=1, **parts)
    tensor = run.folder.tensor(CELLS[0], 0)
    warp = json.dumps(Augmentation(**CONFIG["augmentation"]).model_dump())
    run("augment_fold", **parts, fold=0, augmentation=warp, output=tensor, code="tests")
    for cell in DESIGN.cells:
        train_and_predict(run, cell, images["test"])
    (results / "published").mkdir()
    (results / "published/results.csv").write_text(PUBLISHED)
    evaluate(run)
    analyse(run)
    plot(run, images["train"], tensor)
    run("write_config", config=json.dumps(CONFIG), output=Path("config.yaml"))
    run.on_all("embed_networks", classes=10, output=Path("report/networks.json"))
    return run


def train_and_predict(run: Experiment, cell: tuple, test: Path) -> None:
    training = Training(**CONFIG["training"], device="cpu").model_dump()
    given = {"results": run.results, "design": DESIGN.only(cell).as_text()}
    recipe = {"training": json.dumps(training), "classes": 10, "code": "tests"}
    run("train_cell", **given, **recipe, checkpoints=Path("checkpoints"))
    run("predict_cell", **given, test=test)


def evaluate(run: Experiment) -> None:
    test = Path("data/test.parquet")
    labels = run.results / "raw/test_labels.csv"
    run.on_all("write_submissions", test=test, test_labels=labels, classes=10)
    run.on_all("tabulate_results", table=Path("tables/results.csv"), **tables("history"))
    names = {"class_table": Path("tables/classes.csv"), "confusion": Path("tables/confusion.csv")}
    run.on_all("tabulate_classes", classes=10, **names)
    run.on_all("write_submissions", test=test, classes=10, ensemble=[])
    for number, rule in enumerate(["ingest_images", "plot_data"], start=1):
        benchmark = run.results / f"benchmarks/{rule}/{rule}.tsv"
        benchmark.parent.mkdir(parents=True)
        benchmark.write_text(f"s\tmax_rss\tcpu_time\n{9.5 / number}\t{200 * number}\t8.5\n")
    rules = ["ingest_images", "plot_data"]
    run.on_all("tabulate_costs", rules=rules, output=Path("tables/costs.csv"))


def analyse(run: Experiment) -> None:
    written = tables("cells", "effects", "comparisons")
    given = {"table": Path("tables/results.csv"), "published": Path("published")} | COUNTS
    run.on_all("analyse_design", **given, **written)
    names = {"effects_plot": "effects"}
    names |= {name: name for name in ("differences", "cost", "published")}
    plots = {option: Path(f"plots/results/{name}.svg") for option, name in names.items()}
    run("plot_effects", design=Path("design.json"), **written, **plots)
    written = tables("calibration", "ece", "confused", "hardest")
    run.on_all("tabulate_errors", classes=10, **written)
    plots = ("reliability", "confusions", "worst", "common")
    run.on_all("plot_errors", **written, **{n: Path(f"plots/errors/{n}.svg") for n in plots})


def plot(run: Experiment, train: Path, tensor: Path) -> None:
    names = ["class_distribution", "pixel_correlation", "sample_digits", "mean_digits"]
    data = {name: Path(f"plots/data/{name}.svg") for name in names}
    run("plot_data", train=train, classes=10, **data)
    warp = Augmentation(**CONFIG["augmentation"]).model_dump()
    preview = {"augmentation": json.dumps(warp), "fold": 0, "classes": 10}
    preview["output"] = Path("plots/augmentation.svg")
    run("plot_augmentation", tensor=tensor, **preview)
    drawn = {f"{name}_table": Path(f"tables/{name}.csv") for name in ("confusion", "history")}
    run.on_all("plot_cells", **drawn)
    plots = {name: Path(f"plots/results/{name}.svg") for name in ("accuracy", "learning")}
    given = tables("history") | {"table": Path("tables/results.csv")}
    run("plot_results", design=Path("design.json"), **given, **plots)


def write_page(run: Experiment, output: Path) -> Path:
    """Write the report page from the results."""
    plots = run.results / "plots"
    shown = [path for path in sorted(plots.glob("*/*.svg")) if path.stem != "accuracy"]
    run.on_all(
        "write_report",
        tables=[Path(f"tables/{name}.csv") for name in [*TABLES, "ece", "hardest"]],
        facts=Path("data/facts.json"),
        config=Path("config.yaml"),
        published=Path("published"),
        networks=Path("report/networks.json"),
        rule_graph=plots / "augmentation.svg",  # a drawing will do: the graph takes seconds
        plots=[*shown, plots / "augmentation.svg"],
        template=TEMPLATE,
        output=output,
    )
    return output
