"""Measure training: two at a time on a core each, against Keras's ``fit`` on all cores."""

import csv
import json
import os
import shutil
import statistics
from functools import partial
from pathlib import Path

from harness import Process, Spread, alternate, parser, piece, program, ratios, run, scratch, write
from inputs import extract, make_tensor, raw_zip

CELLS = [(2, 100), (5, 200)]
BATCH, SEED = 64, 422
CORE = {min(os.sched_getaffinity(0))}
RECIPE = {
    "batch_size": BATCH, "optimizer": "sgd", "learning_rate": 0.01, "momentum": 0,
    "nesterov": False, "weight_decay": None, "schedule": "constant", "warm_up": 0,
    "final_factor": 0, "label_smoothing": 0, "averaging": "none", "ema_momentum": 0.999,
    "averaged_epochs": 3, "dropout": 0.2, "activation": "relu", "input_scaling": "unit",
    "patience": 10, "precision": "float32", "device": "cpu", "stack": "auto",
}  # fmt: skip

TEXT = (
    "Images per second of the whole machine, on the 336,000 images of a fold: `model.fit` with all"
    " cores, and two `train_cell` side by side, a core each. Validation is part of an epoch; the"
    " first epoch, in which the loop is compiled, is left out on both sides."
)


def train(folder: Path, layers: int, nodes: int, epochs: int, number: int) -> list[str]:
    """Return the command line of a training as in the reference experiment.

    Its files are in a results folder of its own, with links to the images.
    """
    results = folder / f"results-{number}"
    images = {"tensors/fold-0.npz": "tensor.npz"}
    images |= {"folds/fold-0/validation.parquet": "validation.parquet"}
    for name, made in images.items():
        (results / name).parent.mkdir(parents=True, exist_ok=True)
        (results / name).unlink(missing_ok=True)
        (results / name).symlink_to(folder / made)
    design = {"factors": {"layers": [layers], "nodes": [nodes]}, "folds": [0], "seeds": [SEED]}
    options = {
        "results": results,
        "design": json.dumps(design | {"exclude": [], "tensors": []}),
        "classes": 10,
        "training": json.dumps(RECIPE | {"epochs": epochs}),
        "code": "benchmark",
        "cache": "",
        "checkpoints": results / "checkpoints",
    }
    return program("train_cell", *(f"--{name}={value}" for name, value in options.items()))


def epoch_seconds(folder: Path, number: int) -> float:
    """Return the mean seconds of a training's epochs after the first."""
    (history,) = (folder / f"results-{number}").glob(f"cells/*/fold-0_seed-{SEED}/history.csv")
    with history.open() as file:
        return statistics.mean([float(row["seconds"]) for row in csv.DictReader(file)][1:])


def side_by_side(folder: Path, cell: tuple[int, int], epochs: int) -> float:
    """Run two trainings at a time; return the seconds in which the machine does an epoch."""
    for number in (0, 1):
        shutil.rmtree(folder / f"results-{number}", ignore_errors=True)
    processes = [Process(train(folder, *cell, epochs, number)) for number in (0, 1)]
    for process in processes:
        process.wait()
    return 1 / sum(1 / epoch_seconds(folder, number) for number in (0, 1))


def alone(folder: Path, cell: tuple[int, int], epochs: int) -> float:
    """Run a training on one core, the other idle; return the seconds of an epoch."""
    shutil.rmtree(folder / "results-0", ignore_errors=True)
    run(train(folder, *cell, epochs, 0), cores=CORE)
    return epoch_seconds(folder, 0)


def fit(folder: Path, cell: tuple[int, int], epochs: int) -> float:
    """Run the procedure's training on all cores; return the seconds of an epoch."""
    paths = folder / "tensor.npz", folder / "validation.npz"
    return statistics.mean(run(piece("fit", *paths, *cell, epochs)).report["epochs"][1:])


def row(cell: tuple[int, int], images: int, rounds: list[tuple[float, float]]) -> dict[str, str]:
    """Return a cell's row of the table."""
    fits, pairs = zip(*rounds, strict=True)
    return {
        "cell": f"{cell[0]} x {cell[1]}",
        "fit (images/s)": str(Spread.of([images / seconds for seconds in fits])),
        "side by side (images/s)": str(Spread.of([images / seconds for seconds in pairs])),
        "ratio": str(ratios(rounds)),
    }


def prepare(raw: Path, folder: Path) -> int:
    """Make the tensor of a fold and its validation part; return the number of images."""
    make_tensor(extract(raw, "train", folder), folder)
    return run(piece("count", folder / "tensor.npz")).report["images"]


def main(argv: list[str] | None = None) -> None:
    """Run the benchmark."""
    options = parser(__doc__, repeats=2)
    options.add_argument("--epochs", type=int, default=3, help="of each training, 2 or more")
    arguments = options.parse_args(argv)
    epochs, rows, data = arguments.epochs, [], {}
    with scratch() as folder:
        raw = raw_zip(folder)
        run(piece("split", raw, folder / "training.npz", folder / "validation.npz"))
        images = prepare(raw, folder)
        for cell in CELLS:
            print(f"{cell[0]} x {cell[1]}")
            rounds = alternate(
                arguments.repeats,
                partial(fit, folder, cell, epochs),
                partial(side_by_side, folder, cell, epochs),
            )
            rows.append(row(cell, images, rounds))
            data[f"{cell[0]} x {cell[1]}"] = rounds
    write("training", "Training", TEXT, rows, data)


if __name__ == "__main__":
    main()
