"""The command lines of trainings on scikit-learn's digits, for the programs that train."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
from image_files import write_images
from sklearn.datasets import load_digits

import train_cell
from digits.augmentation.tensors import write_tensor
from digits.config.models import Augmentation, Training
from digits.core.design import Design
from digits.core.results_folder import ResultsFolder
from digits.data.image_tables import ImageTable

SCRIPTS = Path(__file__).parents[2] / "scripts"


def write_digits(folder: Path, repeats: int = 10) -> Path:
    """Write a tensor of 1,400 images, each repeated, and 397 validation images."""
    bunch = load_digits()
    images = (bunch.images * 255 / 16).astype(np.uint8)
    labels = bunch.target.astype(np.uint8)
    tensor = [images[:1400]] * repeats, np.tile(labels[:1400], repeats)
    write_tensor(folder / "tensor.npz", *tensor, (8, 8))
    rows = np.arange(1400, 1797, dtype=np.int32)
    write_images(folder / "validation.parquet", ImageTable(images[1400:], labels[1400:], rows))
    return folder


TRAINING = Training().model_dump() | {
    "epochs": 6, "batch_size": 16, "optimizer": "adam", "learning_rate": 0.001, "device": "cpu",
}  # fmt: skip
AUGMENTATION = Augmentation().model_dump() | {"mode": "fresh", "copies": 0}
TRIAL = {"layers": 2, "nodes": 32, "fold": 0, "seed": 1}


def design_of(layers: int, nodes: int, fold: int, seed: int | tuple[int, ...], **levels) -> Design:
    """The design of a cell on a fold, with one seed or several."""
    factors = {
        name: (level,) for name, level in {"layers": layers, "nodes": nodes, **levels}.items()
    }
    return Design(factors, folds=(fold,), seeds=seed if isinstance(seed, tuple) else (seed,))


def trial_folder(results: Path, seed: int = 1) -> Path:
    """The folder of the files of the trial that is trained if no levels are given."""
    return results / f"cells/layers-2_nodes-32/fold-0_seed-{seed}"


def command(data: Path, output: Path, levels=None, training=None, **changes) -> list[str]:
    """The command line of the trainings of a cell, on new copies if it has ``augmentation``.

    The keys of ``training`` are settings; ``changes`` are options, or other images.
    """
    design = design_of(**TRIAL | (levels or {}))
    folder = ResultsFolder(output, design)
    images = {
        "tensor": (folder.tensor(design.cells[0], 0), data / "tensor.npz"),
        "validation": (folder.part(0, "validation"), data / "validation.parquet"),
    }
    for name, (path, given) in images.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to(changes.pop(name, given))
    options = {
        "results": output, "design": design.as_text(), "classes": 10,
        "training": json.dumps(TRAINING | (training or {})), "code": "1f",
        "checkpoints": output / "checkpoints", "checkpoint-share": 1,
    } | changes  # fmt: skip
    flags = [str(part) for name, value in options.items() for part in (f"--{name}", value)]
    program = "train_fresh" if "augmentation" in changes else "train_cell"
    return [sys.executable, str(SCRIPTS / f"{program}.py"), *flags]


def run(*arguments, **changes) -> subprocess.CompletedProcess:
    return subprocess.run(
        command(*arguments, **changes), capture_output=True, text=True, check=False
    )


def watched_keys(monkeypatch) -> list[str]:
    """Return a list that gets the keys of trainings, which are taken to be in the store."""
    keys: list[str] = []
    monkeypatch.setattr(train_cell, "is_in_store", lambda *given: keys.append(given[-1]) or True)
    return keys


def killed(data: Path, output: Path, epochs: int, **changes) -> list[str]:
    """Run the program and kill it as soon as it has logged a number of epochs; return its lines."""
    process = subprocess.Popen(
        command(data, output, **changes), stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    lines = []
    while sum("epoch" in line for line in lines) < epochs:
        lines.append(process.stdout.readline())
        assert lines[-1], "it has come to an end"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    return lines
