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

from digits.augmentation.tensors import write_tensor
from digits.config.models import Augmentation, Training
from digits.core.design import Design
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


def trial_of(layers: int, nodes: int, fold: int, seed: int, **levels) -> str:
    levels = {"layers": layers, "nodes": nodes} | levels
    factors = {name: (level,) for name, level in levels.items()}
    return Design(factors, folds=(fold,), seeds=(seed,)).as_text()


def command(data: Path, output: Path, levels=None, training=None, **changes) -> list[str]:
    """The command line of a training, on new copies if it has the option ``augmentation``.

    The keys of ``training`` are settings; ``changes`` are options.
    """
    options = {
        "tensor": data / "tensor.npz", "validation": data / "validation.parquet",
        "trial": trial_of(**TRIAL | (levels or {})), "classes": 10,
        "training": json.dumps(TRAINING | (training or {})), "code": "1f",
        "checkpoints": output / "checkpoints",
        "model": output / "model.keras", "history": output / "history.csv",
        "metrics": output / "metrics.json",
    } | changes  # fmt: skip
    flags = [str(part) for name, value in options.items() for part in (f"--{name}", value)]
    program = "train_fresh" if "augmentation" in changes else "train_cell"
    return [sys.executable, str(SCRIPTS / f"{program}.py"), *flags]


def run(*arguments, **changes) -> subprocess.CompletedProcess:
    return subprocess.run(
        command(*arguments, **changes), capture_output=True, text=True, check=False
    )


def killed(data: Path, output: Path, epochs: int, **changes) -> None:
    """Run the program and kill it as soon as it has logged a number of epochs."""
    process = subprocess.Popen(
        command(data, output, **changes), stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    for _ in range(epochs):
        assert "epoch" in process.stdout.readline()
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
