"""Train one cell of the design, on each fold with each seed, and save each trial's best weights.

Logs one line per epoch and updates ``history.csv`` after each. The same inputs on the same kind of
machine give the same weights, bit for bit, whether it runs without interruption or is killed and
resumes from its last complete epoch. If the loss becomes NaN or infinite, the training ends; this
is logged and recorded in the metrics, and other trainings continue.
"""

import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from digits.workflow import job
from digits.core import command_line, environment
from digits.core.atomic_files import sha256, write_json
from digits.core.design import Trial
from digits.core.parallel import in_processes, shares
from digits.core.results_folder import ResultsFolder
from digits.training import devices
from digits.training.recipe import Recipe, with_floats
from digits.training.records import summarise, versions
from digits.workflow.store import Store, content_key, put, take

Source = Callable[[dict[str, Any], tuple[Any, Any], Any, int], Any]
"""Makes the source of an epoch's images of the settings of the augmentation, images and labels, the
validation images, and the fold."""


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
    folder = ResultsFolder.of(arguments.results, arguments.design)
    keys = keys_of(arguments, folder)
    missing = [trial for trial in keys if not is_in_store(arguments, folder, trial, keys[trial])]
    make = fresh and partial(fresh, arguments.augmentation)
    work = partial(train, arguments, folder, keys, make)
    used = in_processes(work, shares(missing, arguments.processes))
    # They stay until the whole cell is done: killed before that, it goes on where it was.
    finished = [checkpoint_of(arguments, [key]) for key in keys.values()]
    for checkpoint in chain(finished, *used):
        checkpoint.unlink(missing_ok=True)


def keys_of(arguments: Namespace, folder: ResultsFolder) -> dict[Trial, str]:
    """Return the key of each trial: of its code, its settings, its inputs and the machine."""
    design = folder.design
    (cell,) = design.cells
    inputs = {
        fold: [
            sha256(path) for path in (folder.tensor(cell, fold), folder.part(fold, "validation"))
        ]
        for fold in design.folds
    }
    return {
        trial: content_key(
            settings(arguments) | {"trial": with_floats(levels_of(folder, trial))},
            devices.kind(arguments.training["device"]),
            environment.recorded(os.environ),
            versions(),
            inputs[trial[-2]],
        )
        for trial in design.trials
    }


def settings(arguments: Namespace) -> dict[str, Any]:
    """Return the arguments that decide the outputs of all trials.

    The sections of the configuration are the same whatever the order of their keys, and with 1
    written as 1 or as 1.0.
    """
    training = {key: value for key, value in arguments.training.items() if key != "stack"}
    return {
        "code": arguments.code,
        "classes": arguments.classes,
        "training": with_floats(training),
        "augmentation": arguments.augmentation and with_floats(arguments.augmentation),
        "stacked": stack_limit(arguments.training) != 1,
    }


def stack_limit(training: dict[str, Any]) -> int | None:
    """Return how many networks may be trained stacked; None for any number.

    On a GPU thirty of them take twice the time of one, on a CPU thirty times as long.
    """
    if training["stack"] == "auto":
        return None if devices.kind(training["device"]) == "GPU" else 1
    return training["stack"]


def levels_of(folder: ResultsFolder, trial: Trial) -> dict[str, Any]:
    """Return the levels of a trial, its fold and its seed, by name."""
    return dict(zip(folder.design.trial_columns, trial, strict=True))


def outputs_of(folder: ResultsFolder, trial: Trial) -> list[Path]:
    """Return the files of a trial."""
    return [folder.model(trial), folder.history(trial), folder.metrics(trial)]


def store_of(arguments: Namespace) -> Store | None:
    """Return the store that trainings are taken from and kept in."""
    return arguments.cache and Store(arguments.cache, arguments.cache_size * 10**6)


def is_in_store(arguments: Namespace, folder: ResultsFolder, trial: Trial, key: str) -> bool:
    """Take the files of a trial from the store; return whether they were there."""
    store = store_of(arguments)
    if not store or not take(store, key, outputs_of(folder, trial)):
        return False
    print(f"{folder.design.log_label(trial)} | taken from {store.folder / key}", flush=True)
    return True


def checkpoint_of(arguments: Namespace, keys: Sequence[str]) -> Path:
    """Return the checkpoint of the trials with these keys that are trained together."""
    name = keys[0] if len(keys) == 1 else content_key(*keys)
    return arguments.checkpoints / f"{name}.npz"


def train(
    arguments: Namespace,
    folder: ResultsFolder,
    keys: dict[Trial, str],
    fresh: Callable[..., Any] | None,
    trials: Sequence[Trial],
) -> list[Path]:
    """Train some of the trials, and write their networks, histories and metrics.

    Returns
    -------
    the checkpoints
    """
    device = devices.prepare(arguments.training["device"])

    # They import TensorFlow, which must be prepared first.
    from digits.training.fit import Trainer
    from digits.training.trials import Cell, networks_of

    # The import took seconds; code edited meanwhile must not use a checkpoint under this key.
    job.check_code(arguments.code)
    cell = Cell(folder, arguments.classes, Recipe.from_data(arguments.training), fresh)
    trainer, store, used = Trainer(cell.recipe), store_of(arguments), []
    for stack in networks_of(cell, trials, stack_limit(arguments.training)):
        used.append(checkpoint_of(arguments, [keys[trial] for trial in stack]))
        outcomes = trainer.train(list(stack.values()), used[-1])
        about = {"device": device, "stacked": len(stack)}
        for (trial, network), outcome in zip(stack.items(), outcomes, strict=True):
            write_outputs(folder, trial, network, outcome, about)
            job.check_code(arguments.code)
            if store:
                put(store, keys[trial], outputs_of(folder, trial))
    return used


def write_outputs(
    folder: ResultsFolder, trial: Trial, network: Any, outcome: Any, about: dict[str, Any]
) -> None:
    """Write the network of a trial and its metrics.

    Parameters
    ----------
    about : more for the metrics
    """
    from digits.training.network import save_network

    if outcome.failed:
        # It would diverge again, so this is the trial's result, and other trainings continue.
        print(f"error: {folder.design.log_label(trial)}: {outcome.failed}", file=sys.stderr)
    save_network(network.model, folder.model(trial))
    metrics = levels_of(folder, trial) | summarise(outcome.history, len(network.source))
    metrics |= {"parameters": network.model.count_params()} | about
    metrics |= {"processor": devices.processor(), "failed": outcome.failed, "versions": versions()}
    write_json(folder.metrics(trial), metrics)


def parse(argv: list[str] | None, doc: str | None, *, fresh: bool) -> Namespace:
    """Parse the command line, which has the augmentation if copies are made afresh."""
    parser = command_line.parser(doc, code_required=True)
    command_line.add_results(parser)
    parser.add_argument("--classes", type=int, required=True)
    parser.add_argument(
        "--training", type=json.loads, required=True, help="JSON: how networks are trained"
    )
    parser.set_defaults(augmentation=None)
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
        help="folder of the store to take trainings from, and to keep them in",
    )
    parser.add_argument("--cache-size", type=int, default=2000, help="MB to prune the store to")
    parser.add_argument(
        "--checkpoints", type=Path, required=True, help="folder for the state of trainings"
    )
    command_line.add_processes(parser, "trials")
    return parser.parse_args(argv)


if __name__ == "__main__":
    job.run(main)
