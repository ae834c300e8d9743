"""A small experiment, run once through the real Snakemake in a copy of the checkout."""

import csv
import io
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import yaml
from filelock import FileLock
from sklearn.datasets import load_digits

from digits.augmentation.transforms import warp

ROOT = Path(__file__).parents[2]
PARTS = ["Snakefile", "config", "envs", "profiles", "scripts", "workflow"]
CONFIG = {
    "experiment": "small",
    "dataset": {
        "train": "data/raw/train.csv",
        "test": "data/raw/test.csv",
        "test_labels": "data/raw/answers.csv",
        "label": "digit",
        "image_shape": [8, 8],
    },
    "cross_validation": {"splits": 3, "folds": [0, 2], "seed": 7},
    "augmentation": {"copies": 1, "seed": 3},
    "design": {"layers": [1, 2], "nodes": [16], "seeds": [5]},
    "training": {"epochs": 12, "learning_rate": 0.1, "batch_size": 32, "device": "cpu"},
    "published": "published",
}


@dataclass(frozen=True)
class Experiment:
    """The folder of the run, the images that went in, and what Snakemake printed."""

    folder: Path
    images: np.ndarray
    labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    output: str

    @property
    def results(self) -> Path:
        return self.folder / "results" / "small"

    @property
    def log(self) -> str:
        """What Snakemake itself logged of the first run."""
        return min(self.folder.glob(".snakemake/log/*")).read_text()


INSTALLED = "import sys; sys.path.insert(1, 'installed'); from snakemake.cli import main; main()"
"""Snakemake where packages of the folder ``installed`` count as installed, too."""


def snakemake(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    program = ["-c", INSTALLED] if (folder / "installed").is_dir() else ["-m", "snakemake"]
    command = [sys.executable, *program, "--configfile", "small.yaml", *arguments]
    # An environment that is not activated: jobs must find the interpreter by themselves.
    environment = COMPILING | {"PATH": "/usr/local/bin:/usr/bin:/bin"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


COMPILING = {name: os.environ[name] for name in os.environ if name != "PYTHONDONTWRITEBYTECODE"}
"""The environment in which only the first of many jobs compiles the modules of a checkout."""


@cache
def compile_loops() -> None:
    """Have numba keep what it compiles in the checkout, for all copies."""
    warp(np.zeros((1, 2, 2), np.uint8), np.eye(3)[None])


def copy_checkout(source: Path, target: Path, more: list[str] | None = None) -> None:
    """Copy what belongs to the project, and more if asked, without results.

    What was compiled there goes along, but for files that another process is just writing.
    """
    compile_loops()
    for part in [*PARTS, *(more or [])]:
        if (source / part).is_dir():
            ignore = shutil.ignore_patterns("*.tmp.*", "*.pyc.*", "tmp*")
            shutil.copytree(source / part, target / part, ignore=ignore)
        else:
            shutil.copy(source / part, target / part)


def write_zip(path: Path, member: str, rows: list[list]) -> None:
    """Add a CSV to a zip, in place of an older one of its name."""
    members = {}
    if path.exists():
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (members | {member: text.getvalue().encode()}).items():
            archive.writestr(name, content)


def read_zip(path: Path, member: str) -> list[list[str]]:
    with zipfile.ZipFile(path) as archive:
        text = archive.read(member).decode()
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.fixture(scope="session")
def experiment(tmp_path_factory, worker_id) -> Experiment:
    """The finished experiment, which the first worker that needs it runs for all."""
    own = tmp_path_factory.getbasetemp()
    folder = (own if worker_id == "master" else own.parent) / "small_experiment"
    printed = folder.with_suffix(".txt")
    digits = load_digits()
    images = np.round(digits.images[:360] * 255 / 16).astype(np.uint8)
    labels = digits.target[:360].astype(np.uint8)
    with FileLock(folder.with_suffix(".lock")):
        if not printed.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            write_inputs(folder, images, labels)
            run = snakemake(folder, "--cores", str(2 * (os.cpu_count() or 1)))
            assert run.returncode == 0, run.stdout + run.stderr
            printed.write_text(run.stdout + run.stderr)
    return Experiment(
        folder, images[:300], labels[:300], images[300:], labels[300:], printed.read_text()
    )


def write_inputs(folder: Path, images: np.ndarray, labels: np.ndarray) -> None:
    """Write a copy of the checkout with raw files, published figures and a configuration."""
    copy_checkout(ROOT, folder)
    raw = folder / "data" / "raw"
    raw.mkdir(parents=True)
    header = [f"pixel{number}" for number in range(64)]
    rows = np.column_stack([labels[:300], images[:300].reshape(300, -1)])
    # As Kaggle ships them: one zip with Windows line ends, though the configuration names CSVs.
    write_zip(raw / "digits.zip", "train.csv", [["digit", *header], *rows.tolist()])
    tests = images[300:].reshape(60, -1).tolist()
    write_zip(raw / "digits.zip", "test.csv", [header, *tests])
    with (raw / "answers.csv").open("w", newline="") as file:
        answers = enumerate(labels[300:].tolist(), start=1)
        csv.writer(file).writerows([["ImageId", "Label"], *answers])
    published = folder / "published"
    published.mkdir()
    (published / "results.csv").write_text(
        "layers,nodes,epochs,training_seconds,accuracy,val_accuracy,kaggle_score\n"
        "1,16,4,12.5,0.5,0.6125,0.6\n2,16,4,13.5,0.5,0.6375,0.6\n"
    )
    (published / "history.csv").write_text(
        "layers,nodes,epoch,seconds,accuracy,loss,val_accuracy,val_loss\n"
        "1,16,1,3,0.4,1.6,0.5,1.5\n1,16,2,3,0.5,1.4,0.6125,1.2\n"
    )
    (folder / "small.yaml").write_text(yaml.safe_dump(CONFIG))


@pytest.fixture
def copy(experiment, tmp_path):
    """The finished experiment, for one test to do to it what it likes."""
    folder = tmp_path / "copy"
    shutil.copytree(experiment.folder, folder)
    yield folder
    shutil.rmtree(folder)
