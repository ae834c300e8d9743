"""Train one cell of the design on one fold with one seed, and save its best weights.

Logs one line per epoch and updates ``history.csv`` after each. The same inputs on the same kind of
machine give the same weights, bit for bit, whether it runs without interruption or is killed and
resumes from its last complete epoch. If the loss becomes NaN or infinite, the training ends; this
is logged and recorded in the metrics, and other trainings continue.
"""

import json
import os
import platform
import sys
from argparse import Namespace
from collections.abc import Callable
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

from digits.workflow import job
from digits.core import command_line, environment
from digits.core.atomic_files import sha256, write_json, write_text
from digits.core.design import SIZES, read_design
from digits.training import devices
from digits.training.recipe import Recipe, with_floats
from digits.workflow.store import Store, content_key, reuse

Source = Callable[[tuple[Any, Any], Any, dict[str, Any], int], Any]
"""Makes the source of an epoch's images of images and labels, the validation images, the settings
of the augmentation, and the fold."""


def main(
    argv: list[str] | None = None, fresh: Source | None = None, doc: str | None = __doc__
) -> None:
    """Run the program with the given arguments, those of the command line by default.

    Parameters
    ----------
    fresh : how new copies are made for each epoch; without, the images of the tensor are used
    doc : text of the help
    """
    arguments = parse(argv, doc, fresh=fresh is not None)
    inputs = [sha256(path) for path in (arguments.tensor, arguments.validation)]
    key = content_key(
        settings(arguments),
        devices.kind(arguments.training["device"]),
        environment.recorded(os.environ),
        versions(),
        inputs,
    )
    outputs = [arguments.model, arguments.history, arguments.metrics]
    checkpoint = arguments.checkpoints / f"{key}.npz"
    store = arguments.cache and Store(arguments.cache, arguments.cache_size * 10**6)
    reuse(
        store,
        key,
        outputs,
        make=lambda: train(arguments, checkpoint, fresh),
        check=lambda: job.check_code(arguments.code),
    )
    checkpoint.unlink(missing_ok=True)


def train(arguments: Namespace, checkpoint: Path, fresh: Source | None) -> None:
    """Read the images, train the network, and write it with its history and metrics."""
    # They import NumPy and PyArrow, which a training taken from the store does not need.
    from digits.augmentation.tensors import read_tensor
    from digits.data.image_tables import read_images

    device = devices.prepare(arguments.training["device"])

    # They import TensorFlow, which must be prepared first.
    from digits.training import fit, network

    # The import took seconds; code edited meanwhile must not use a checkpoint under this key.
    job.check_code(arguments.code)
    classes, recipe = arguments.classes, Recipe.from_data(arguments.training)
    images, labels = read_tensor(arguments.tensor, classes)
    shape = images.shape[1:]
    validation = read_images(arguments.validation, ["label"], classes=classes, image_shape=shape)
    trial, title = identity(arguments.trial)
    size = {name: trial[name] for name in SIZES}
    stream = fit.Stream((trial["seed"], trial["fold"], *size.values()))
    model = network.build_network(
        shape,
        classes,
        **size,
        dropout=recipe.dropout,
        seeds=stream.seeds(0, size["layers"] + 1),
        activation=recipe.activation,
        scaling=network.input_scaling(recipe.input_scaling, images),
    )
    source, count = (images, labels), len(images)
    if fresh:
        source = fresh(source, validation, arguments.augmentation, trial["fold"])
        count = len(source)

    def on_epoch(history: list[fit.Epoch]) -> None:
        if history:
            print(f"{title} | {progress(history, recipe.epochs, count)}", flush=True)
        write_text(arguments.history, history_csv(history, fit.Epoch))

    failed = None
    try:
        history = fit.train(
            model,
            source,
            (validation.images, validation.labels),
            recipe=recipe,
            stream=stream,
            on_epoch=on_epoch,
            checkpoint=checkpoint,
        )
    except fit.DivergedError as error:
        # It would diverge again, so this is the trial's result, and other trainings continue.
        history, failed = error.history, str(error)
        print(f"error: {title}: {failed}", file=sys.stderr)
        on_epoch(history)
    network.save_network(model, arguments.model)
    about = {"parameters": model.count_params(), "device": device}
    about |= {"processor": devices.processor(), "failed": failed, "versions": versions()}
    metrics = trial | summarise(history, count) | about
    write_json(arguments.metrics, metrics)


def identity(text: str) -> tuple[dict[str, Any], str]:
    """Return the levels, the fold and the seed of a trial, by name, and its label for the log.

    Parameters
    ----------
    text : JSON of a design with this trial alone
    """
    design = read_design(text)
    (trial,) = design.trials
    return dict(zip(design.trial_columns, trial, strict=True)), design.ascii_label(trial)


def history_csv(history: list, kind: type) -> str:
    """Format the epochs, all of one dataclass, as the content of ``history.csv``.

    Importing pandas for this would take longer than all of the training's other imports.
    """
    columns = [field.name for field in fields(kind) if field.name != "cpu_seconds"]
    rows = [[str(getattr(epoch, column)) for column in columns] for epoch in history]
    return "".join(",".join(row) + "\n" for row in [columns, *rows])


def settings(arguments: Namespace) -> dict[str, Any]:
    """Return the arguments that decide the outputs, together with the content of the inputs.

    The sections of the configuration are the same whatever the order of their keys, and with 1
    written as 1 or as 1.0.
    """
    values = {
        name: value
        for name, value in vars(arguments).items()
        if name != "cache_size" and not isinstance(value, Path | None)
    }
    sections = {name: value for name, value in values.items() if isinstance(value, dict)}
    values |= {name: with_floats(section) for name, section in sections.items()}
    return values | {"trial": with_floats(identity(arguments.trial)[0])}


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that compute."""
    packages = {package: version(package) for package in ("tensorflow", "keras", "numpy")}
    return {"python": platform.python_version()} | packages


def progress(history: list, epochs: int, images: int) -> str:
    """Describe the last epoch in one line: progress, losses, accuracies, speed, time left."""
    last, seconds = history[-1], sum(epoch.seconds for epoch in history)
    left = round(seconds / last.epoch * (epochs - last.epoch))
    return (
        f"epoch {last.epoch:>{len(str(epochs))}}/{epochs}"
        f" | loss {last.loss:.4f}, accuracy {last.accuracy:.4f}"
        f" | validation {last.val_loss:.4f}, {last.val_accuracy:.4f}"
        f" | {images / last.seconds:,.0f} images/s"
        f" | {left // 60}:{left % 60:02d} left"
    )


def summarise(history: list, images: int) -> dict:
    """Summarise a training for the results table; times are in seconds."""
    seconds = sum(epoch.seconds for epoch in history)
    last = history[-1] if history else None
    best = min(history, key=lambda epoch: epoch.val_loss) if history else None
    return {
        "epochs": len(history),
        "training_seconds": round(seconds, 3),
        "cpu_seconds": round(sum(epoch.cpu_seconds for epoch in history), 3),
        "accuracy": last and last.accuracy,
        "val_accuracy": last and last.val_accuracy,
        "val_loss": last and last.val_loss,
        "best_epoch": best and best.epoch,
        "best_val_accuracy": best and best.val_accuracy,
        "images_per_second": round(images * len(history) / seconds) if history else None,
    }


def parse(argv: list[str] | None, doc: str | None, *, fresh: bool) -> Namespace:
    """Parse the command line, which has the augmentation if copies are made afresh."""
    parser = command_line.parser(doc, code_required=True)
    parser.add_argument("--tensor", type=Path, required=True, help="training images, augmented")
    parser.add_argument("--validation", type=Path, required=True, help="validation images")
    parser.add_argument(
        "--trial", required=True, help="what is trained: JSON of a design with this trial alone"
    )
    parser.add_argument("--classes", type=int, required=True)
    parser.add_argument(
        "--training", type=json.loads, required=True, help="JSON: how networks are trained"
    )
    if fresh:
        parser.add_argument(
            "--augmentation",
            type=json.loads,
            required=True,
            help="JSON: how the images of the tensor are copied anew in each epoch",
        )
    parser.add_argument(
        "--cache",
        type=lambda text: Path(text) if text else None,
        help="folder of the store to take the training from, or to keep it in",
    )
    parser.add_argument("--cache-size", type=int, default=2000, help="MB to prune the store to")
    parser.add_argument(
        "--checkpoints", type=Path, required=True, help="folder for the state of trainings"
    )
    parser.add_argument("--model", type=Path, required=True, help="Keras file to write")
    parser.add_argument("--history", type=Path, required=True, help="CSV to write")
    parser.add_argument("--metrics", type=Path, required=True, help="JSON to write")
    return parser.parse_args(argv)


if __name__ == "__main__":
    job.run(main)
