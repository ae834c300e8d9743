"""Train one cell of the design, on each fold with each seed, and save each trial's best weights.

Logs one line per epoch and updates ``history.csv`` after each. The same inputs on the same kind of
machine give the same weights, bit for bit, whether it runs without interruption or is killed and
resumes from the last epoch whose state was saved. If the loss becomes NaN or infinite, the training
ends; this is logged and recorded in the metrics, and other trainings continue.
"""

import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from digits.workflow import job
from digits.core import command_line, environment
from digits.core.atomic_files import sha256, write_json
from digits.core.design import Trial
from digits.core.parallel import end_with_parent, in_processes, shares
from digits.core.results_folder import ResultsFolder
from digits.training import devices
from digits.training.recipe import Recipe, with_floats
from digits.training.records import summarise, versions
from digits.workflow.store import Store, content_key, put, take

Source = Callable[[dict[str, Any], tuple[Any, Any], Any, int], Any]
"""Makes the source of an epoch's images of the settings of the augmentation, images and labels, the
validation images, and the fold."""


def main(
    argv: list[str] | None = None,
    fresh: Source | None = None,
    doc: str | None = __doc__,
    program: str = __file__,
) -> None:
    """Run the program with the given arguments, those of the command line by default.

    Parameters
    ----------
    fresh : how new copies are made for each epoch; without, the images of the tensor are used
    doc, program : text of the help, and path of the program
    """
    arguments = parse(argv, doc, fresh=fresh is not None)
    folder = ResultsFolder.of(arguments.results, arguments.design)
    keys = keys_of(arguments, folder, devices.kind(arguments.training["device"]))
    make = fresh and partial(fresh, arguments.augmentation)
    if arguments.only:
        end_with_parent()
        train(arguments, folder, {trial: keys[trial] for trial in chosen(keys, arguments)}, make)
        return
    missing = not_in_store(arguments, folder, keys)
    parts = shares([[*keys].index(trial) for trial in missing], arguments.processes)
    if len(parts) > 1:
        in_processes(program, sys.argv[1:] if argv is None else argv, parts)
    elif missing:
        train(arguments, folder, missing, make)
    # They stay until the whole cell is done: killed before that, it goes on where it was.
    for checkpoint in arguments.checkpoints.glob(f"{checkpoints_of(arguments, folder)}-*.npz"):
        checkpoint.unlink(missing_ok=True)


def chosen(keys: dict[Trial, str], arguments: Namespace) -> list[Trial]:
    """Return the trials with the numbers of ``--only``."""
    trials = list(keys)
    return [trials[number] for number in arguments.only]


def keys_of(arguments: Namespace, folder: ResultsFolder, kind: str) -> dict[Trial, str]:
    """Return the key of each trial: of its code, its settings, its inputs and the machine.

    Parameters
    ----------
    kind : of the device that it is trained on, "CPU" or "GPU"
    """
    design, (cell,) = folder.design, folder.design.cells
    stacked = stack_limit(arguments.training["stack"], kind) != 1
    common = settings(arguments) | {"stacked": stacked}
    inputs = {
        fold: [
            sha256(path) for path in (folder.tensor(cell, fold), folder.part(fold, "validation"))
        ]
        for fold in design.folds
    }
    machine, packages = (kind, environment.recorded(os.environ)), versions()
    return {
        trial: content_key(
            common | {"trial": with_floats(levels_of(folder, trial))},
            *machine,
            packages,
            inputs[trial[-2]],
        )
        for trial in design.trials
    }


def settings(arguments: Namespace) -> dict[str, Any]:
    """Return the arguments that decide the outputs of all trials, but for how they are stacked.

    The sections of the configuration are the same whatever the order of their keys, and with 1
    written as 1 or as 1.0.
    """
    training = {key: value for key, value in arguments.training.items() if key != "stack"}
    return {
        "code": arguments.code,
        "classes": arguments.classes,
        "training": with_floats(training),
        "augmentation": arguments.augmentation and with_floats(arguments.augmentation),
    }


def stack_limit(setting: str | int, kind: str) -> int | None:
    """Return how many networks may be trained stacked; None for any number.

    On a GPU thirty of them take little more time than one, on a CPU thirty times as much.

    Parameters
    ----------
    kind : of the device, "CPU" or "GPU"
    """
    if setting == "auto":
        return 1 if kind == "CPU" else None
    return setting


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


def not_in_store(
    arguments: Namespace, folder: ResultsFolder, keys: dict[Trial, str]
) -> dict[Trial, str]:
    """Take the files of trials from the store; return those that it does not have, with keys."""
    return {
        trial: key for trial, key in keys.items() if not is_in_store(arguments, folder, trial, key)
    }


def checkpoints_of(arguments: Namespace, folder: ResultsFolder) -> str:
    """Return the beginning of the names of all checkpoints of this cell with these settings."""
    return content_key(settings(arguments), folder.design.cells)


def train(
    arguments: Namespace,
    folder: ResultsFolder,
    keys: dict[Trial, str],
    fresh: Callable[..., Any] | None,
) -> None:
    """Train some trials, and write their networks, histories and metrics.

    Parameters
    ----------
    keys : of these trials, on the device that is expected
    """
    setting = arguments.training["device"]
    device = devices.prepare(setting)
    kind = devices.kind_of(device)
    if kind != devices.kind(setting):
        # TensorFlow cannot use the GPU, which only it can tell: a key says what was really used.
        actual = keys_of(arguments, folder, kind)
        keys = not_in_store(arguments, folder, {trial: actual[trial] for trial in keys})

    # They import TensorFlow, which must be prepared first.
    from digits.training.checkpoints import Checkpoint
    from digits.training.fit import Trainer
    from digits.training.trials import Cell, networks_of

    # The import took seconds; code edited meanwhile must not use a checkpoint under this key.
    job.check_code(arguments.code)
    cell = Cell(folder, arguments.classes, Recipe.from_data(arguments.training), fresh)
    trainer, store = Trainer(cell.recipe), store_of(arguments)
    name = checkpoints_of(arguments, folder)
    limit = stack_limit(arguments.training["stack"], kind)
    for stack in networks_of(cell, list(keys), limit):
        stack_key = content_key(*(keys[trial] for trial in stack))
        path = arguments.checkpoints / f"{name}-{stack_key}.npz"
        checkpoint = Checkpoint(path, arguments.checkpoint_share)
        outcomes = trainer.train(list(stack.values()), checkpoint)
        about = {"device": device, "stacked": len(stack)}
        for (trial, network), outcome in zip(stack.items(), outcomes, strict=True):
            write_outputs(folder, trial, network, outcome, about)
        # All are kept at once: those of a stack that is killed are trained together again.
        job.check_code(arguments.code)
        for trial in stack if store else ():
            put(store, keys[trial], outputs_of(folder, trial))


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
    parser.add_argument(
        "--checkpoint-share", type=float, default=0.05, help="of the time that saving it may take"
    )
    command_line.add_processes(parser, "trials")
    return parser.parse_args(argv)


if __name__ == "__main__":
    job.run(main)
