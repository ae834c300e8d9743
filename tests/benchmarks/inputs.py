"""What the benchmarks work on: the raw data, and the steps that lead from them to a tensor."""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

from harness import RAW, ROOT, piece, program, run

AUGMENTATION = {
    "mode": "fixed", "copies": 3, "translation": 0.1, "rotation": 0.1, "zoom": 0.15, "shear": 0,
    "elastic_alpha": 0, "elastic_sigma": 4, "seed": 422,
}  # fmt: skip
ROWS = {"train": 42_000, "test": 28_000}


def raw_zip(folder: Path) -> Path:
    """Return Kaggle's zip, or else one of as many and as large images, made in ``folder``."""
    if RAW.exists():
        return RAW
    print(f"{RAW.relative_to(ROOT)} is not there: scikit-learn's digits, varied, take its place")
    demo = {part: folder / f"demo-{part}.csv" for part in [*ROWS, "test-labels"]}
    run(program("make_demo", *(f"--{part}={path}" for part, path in demo.items())))
    made = folder / RAW.name
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, rows in ROWS.items():
            run(piece("images", demo[part], rows, folder / f"{part}.csv"))
            archive.write(folder / f"{part}.csv", f"{part}.csv")
    return made


def extract(raw: Path, part: str, folder: Path) -> Path:
    """Take a CSV out of the zip."""
    with zipfile.ZipFile(raw) as archive:
        return Path(archive.extract(f"{part}.csv", folder))


@dataclass(frozen=True)
class Step:
    """A job: the rule, the command line of its program, and its input files."""

    rule: str
    command: list[str]
    inputs: list[Path]


def timed(step: Step) -> list[str]:
    """Return the command line of the same program in a process that times its work."""
    return piece("program", step.rule, *step.command[2:])


def ingest(csv: Path, output: Path, *, label: bool = True) -> Step:
    """Check a CSV of 28 x 28 pixels and write it as Parquet."""
    dataset = json.dumps({"files": [str(csv)], "part": "train" if label else "test"})
    found = output.with_suffix(".json")
    options = ["--dataset", dataset, "--output", output, "--found", found]
    return Step("ingest_images", program("ingest_images", *options), [csv])


def fold_steps(images: Path, folder: Path) -> list[Step]:
    """Split the images, as the reference experiment does, and make and check the tensor."""
    parts = [folder / "training.parquet", folder / "validation.parquet"]
    named = ["--train", parts[0], "--validation", parts[1]]
    splits = ["--images", images, "--classes", 10, "--splits", 5, "--fold", 0, "--seed", 422]
    copies = ["--augmentation", json.dumps(AUGMENTATION), "--fold", 0, "--code", "benchmark"]
    tensor = folder / "tensor.npz"
    output = ["--output", tensor]
    check = ["--tensor", tensor, "--output", folder / "check.json"]
    return [
        Step("split_folds", program("split_folds", *splits, *named), [images]),
        Step("augment_fold", program("augment_fold", *named, *copies, *output), parts),
        Step("check_fold", program("check_fold", *named, *check), [*parts, tensor]),
    ]


def look_steps(images: Path, test: Path, folder: Path) -> list[Step]:
    """Describe and draw the images."""
    found = [images.with_suffix(".json"), test.with_suffix(".json")]
    tables = [
        "--train",
        images,
        "--test",
        test,
        "--train-found",
        found[0],
        "--test-found",
        found[1],
    ]
    facts = ["--facts", folder / "facts.json", "--summary", folder / "summary.csv", "--classes", 10]
    names = ("class-distribution", "pixel-correlation", "sample-digits", "mean-digits")
    plots = [word for name in names for word in (f"--{name}", folder / f"{name}.svg")]
    draw = program("plot_data", "--train", images, "--classes", 10, *plots)
    described = [images, test, *found]
    return [
        Step("describe_data", program("describe_data", *tables, *facts), described),
        Step("plot_data", draw, [images]),
    ]


def make_tensor(csv: Path, folder: Path) -> None:
    """Make the fold and its tensor; what the programs compile for later is compiled by this too."""
    images = folder / "images.parquet"
    for step in [ingest(csv, images), *fold_steps(images, folder)]:
        run(step.command)
