"""A small experiment through the programs, in one process and without Snakemake."""

import importlib
import json
from dataclasses import dataclass
from pathlib import Path

TEMPLATE = Path(__file__).parents[2] / "workflow" / "report" / "index.html.j2"
CELLS = [(1, 64), (2, 64)]
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


@dataclass(frozen=True)
class Experiment:
    """The folder of an experiment's results, laid out as Snakemake has it."""

    results: Path

    def trial(self, layers: int, nodes: int) -> Path:
        return self.results / f"cells/layers-{layers}_nodes-{nodes}/fold-0_seed-5"

    def trials(self, name: str) -> list[Path]:
        return [self.trial(*cell) / name for cell in CELLS]

    def __call__(self, program: str, **options: object) -> None:
        """Run a program with options; paths are those below the results unless absolute."""
        arguments = []
        for name, value in options.items():
            values = value if isinstance(value, list) else [value]
            arguments.append(f"--{name.replace('_', '-')}")
            arguments += [str(self.results / v if isinstance(v, Path) else v) for v in values]
        importlib.import_module(program).main(arguments)


def run_experiment(results: Path) -> Experiment:
    """Run all but the report page: scikit-learn's digits, two cells that learn them well."""
    run = Experiment(results)
    raw = {part: results / f"raw/{part}.csv" for part in ("train", "test", "test_labels")}
    run("make_demo", **raw)
    tables = {part: Path(f"data/{part}.parquet") for part in ("train", "test")}
    for part, label in (("train", {"label": "label"}), ("test", {})):
        shape = {"image_shape": [28, 28], "classes": 10}
        run("ingest_images", source=raw[part], output=tables[part], **label, **shape)
    sources = {"train_source": raw["train"], "test_source": raw["test"]}
    facts = {"facts": Path("data/facts.json"), "summary": Path("tables/summary.csv")}
    run("describe_data", **tables, **sources, **facts, classes=10)
    parts = {part: Path(f"folds/fold-0/{part}.parquet") for part in ("train", "validation")}
    run("split_folds", images=tables["train"], classes=10, splits=5, fold=0, seed=1, **parts)
    warp = {"copies": 2, "translation": 0.05, "rotation": 0.03, "zoom": 0.1, "seed": 1, "fold": 0}
    tensor = Path("tensors/fold-0.npz")
    run("augment_fold", **parts, **warp, output=tensor, code="tests")
    for cell in CELLS:
        train_and_predict(run, cell, tensor, parts["validation"], tables["test"])
    (results / "published").mkdir()
    (results / "published/results.csv").write_text(PUBLISHED)
    evaluate(run)
    analyse(run, parts["validation"])
    plot(run, tables["train"], tensor)
    run("write_config", config=json.dumps(CONFIG), output=Path("config.yaml"))
    run(
        "embed_networks",
        metrics=run.trials("metrics.json"),
        folds=0,
        validation=parts["validation"],
        classes=10,
        output=Path("report/networks.json"),
    )
    return run


def train_and_predict(
    run: Experiment, cell: tuple[int, int], tensor: Path, validation: Path, test: Path
) -> None:
    layers, nodes = cell
    folder = run.trial(*cell)
    identity = {"layers": layers, "nodes": nodes, "fold": 0, "seed": 5, "classes": 10}
    recipe = {"epochs": 15, "batch_size": 64, "optimizer": "adam", "learning_rate": 0.002}
    recipe |= {"dropout": 0.1, "patience": 15, "device": "cpu", "code": "tests"}
    outputs = {"model": "model.keras", "history": "history.csv", "metrics": "metrics.json"}
    paths = {name: folder / file for name, file in outputs.items()}
    inputs = {"tensor": tensor, "validation": validation, "checkpoints": Path("checkpoints")}
    run("train_cell", **identity, **recipe, **inputs, **paths)
    run(
        "predict_cell",
        model=folder / "model.keras",
        validation=validation,
        test=test,
        validation_output=folder / "validation.parquet",
        test_output=folder / "test.parquet",
    )


def evaluate(run: Experiment) -> None:
    scores, test = [], Path("data/test.parquet")
    for layers, nodes in CELLS:
        submission = Path(f"submissions/Model-{layers}L{nodes}N.csv")
        trial = run.trial(layers, nodes)
        files = {"predictions": trial / "test.parquet", "metrics": trial / "metrics.json"}
        scores.append(submission.with_suffix(".json"))
        files |= {"test": test, "test_labels": run.results / "raw/test_labels.csv"}
        cell = {"layers": layers, "nodes": nodes, "classes": 10}
        run("write_submission", **files, **cell, submission=submission, score=scores[-1])
    metrics = run.trials("metrics.json")
    tables = {"results": Path("tables/results.csv"), "histories": Path("tables/history.csv")}
    history = run.trials("history.csv")
    run("tabulate_results", metrics=metrics, history=history, scores=scores, **tables)
    tables = {"class_table": Path("tables/classes.csv"), "confusion": Path("tables/confusion.csv")}
    predictions = run.trials("validation.parquet")
    run("tabulate_classes", metrics=metrics, predictions=predictions, classes=10, **tables)
    submission = Path("submissions/Model-ensemble.csv")
    files = {"predictions": run.trials("test.parquet"), "metrics": metrics, "test": test}
    score = submission.with_suffix(".json")
    run("write_submission", **files, classes=10, submission=submission, score=score)
    for number, rule in enumerate(["ingest_images", "train_cell"], start=1):
        benchmark = run.results / f"benchmarks/{rule}/{rule}.tsv"
        benchmark.parent.mkdir(parents=True)
        benchmark.write_text(f"s\tmax_rss\tcpu_time\n{9.5 / number}\t{200 * number}\t8.5\n")
    benchmarks = sorted(run.results.glob("benchmarks/*/*.tsv"))
    run("tabulate_costs", benchmarks=benchmarks, output=Path("tables/costs.csv"))


def analyse(run: Experiment, validation: Path) -> None:
    predictions = run.trials("validation.parquet")
    trials = {"metrics": run.trials("metrics.json"), "predictions": predictions}
    tables = {name: Path(f"tables/{name}.csv") for name in TABLES[5:]}
    given = {"results": Path("tables/results.csv"), "published": Path("published")}
    run("analyse_design", **given, **trials, splits=5, **tables)
    names = {"effects_plot": "effects"}
    names |= {name: name for name in ("differences", "cost", "published")}
    plots = {option: Path(f"plots/results/{name}.svg") for option, name in names.items()}
    run("plot_effects", **tables, **plots)
    names = ("calibration", "ece", "confused", "hardest")
    tables = {name: Path(f"tables/{name}.csv") for name in names}
    run("tabulate_errors", **trials, classes=10, **tables)
    plots = ("reliability", "confusions", "worst", "common")
    plots = {name: Path(f"plots/errors/{name}.svg") for name in plots}
    run("plot_errors", **tables, images=validation, **plots)


def plot(run: Experiment, train: Path, tensor: Path) -> None:
    names = ["class_distribution", "pixel_correlation", "sample_digits", "mean_digits"]
    data = {name: Path(f"plots/data/{name}.svg") for name in names}
    run("plot_data", train=train, classes=10, **data)
    run(
        "plot_augmentation",
        tensor=tensor,
        copies=2,
        classes=10,
        output=Path("plots/augmentation.svg"),
    )
    for layers, nodes in CELLS:
        folder = Path(f"plots/cells/layers-{layers}_nodes-{nodes}")
        run(
            "plot_cell",
            confusion_table=Path("tables/confusion.csv"),
            history_table=Path("tables/history.csv"),
            layers=layers,
            nodes=nodes,
            confusion=folder / "confusion.svg",
            learning=folder / "learning.svg",
        )
    tables = {"results": Path("tables/results.csv"), "history": Path("tables/history.csv")}
    plots = {name: Path(f"plots/results/{name}.svg") for name in ("accuracy", "learning")}
    run("plot_results", **tables, **plots)


def write_page(run: Experiment, output: Path) -> Path:
    """Write the report page from the results."""
    plots = run.results / "plots"
    shown = [path for path in sorted(plots.glob("*/*.svg")) if path.stem != "accuracy"]
    run(
        "write_report",
        tables=[Path(f"tables/{name}.csv") for name in [*TABLES, "ece", "hardest"]],
        facts=Path("data/facts.json"),
        config=Path("config.yaml"),
        published=Path("published"),
        metrics=run.trials("metrics.json"),
        submissions=sorted(run.results.glob("submissions/*.json")),
        networks=Path("report/networks.json"),
        rule_graph=plots / "augmentation.svg",  # a drawing will do: the graph takes seconds
        plots=[*shown, plots / "augmentation.svg"],
        cell_plots=sorted(plots.glob("cells/*/*.svg")),
        template=TEMPLATE,
        output=output,
    )
    return output
