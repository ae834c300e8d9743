"""A SLURM for all tests, and a checkout with small images to run on it."""

import csv
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from loopback_cluster import Cluster, UnavailableError, check_machine
from sklearn.datasets import load_digits

ROOT = Path(__file__).parents[2]
PARTS = ["Snakefile", "config", "envs", "profiles", "scripts", "workflow"]
CONFIG = {
    "experiment": "small",
    "dataset": {
        "train": "data/train.csv",
        "test": "data/test.csv",
        "test_labels": "data/answers.csv",
        "image_shape": [8, 8],
    },
    "cross_validation": {"splits": 3, "folds": [0, 2]},
    "augmentation": {"copies": 1},
    "design": {"layers": [1, 2], "nodes": [16], "seeds": [5]},
    # Trainings that take long enough to be cancelled.
    "training": {"epochs": 400, "patience": 400, "device": "cpu"},
}
COMMAND = [sys.executable, "-m", "snakemake", "--configfile", "small.yaml"]

SLURM = [
    *("--profile", "profiles/slurm", "--latency-wait", "5", "--seconds-between-status-checks", "1"),
    *("--slurm-init-seconds-before-status-checks", "1"),
]
"""What to add for the cluster: the profile, made quicker than a real one allows."""


@pytest.fixture(scope="session")
def cluster():
    """A cluster of this machine alone; where none can be started, its tests are skipped."""
    try:
        check_machine()
    except UnavailableError as reason:
        pytest.skip(str(reason))
    with tempfile.TemporaryDirectory(prefix="slurm-", ignore_cleanup_errors=True) as folder:
        hidden = Path(folder, "submit-host")
        (hidden / "tmp").mkdir(parents=True)
        cluster = Cluster(Path(folder), hidden)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()


def write_checkout(folder: Path, **sections: Any) -> Path:
    """Write a copy of the checkout with raw files and a configuration."""
    folder.mkdir()
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, folder / part)
    digits = load_digits()
    images = np.round(digits.images[:360].reshape(360, -1) * 255 / 16).astype(int)
    labels = digits.target[:360]
    pixels = [f"pixel{number}" for number in range(64)]
    tables = {
        "train": [["label", *pixels], *np.column_stack([labels, images])[:300].tolist()],
        "test": [pixels, *images[300:].tolist()],
        "answers": [["ImageId", "Label"], *enumerate(labels[300:].tolist(), start=1)],
    }
    (folder / "data").mkdir()
    for name, rows in tables.items():
        with (folder / "data" / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows(rows)
    (folder / "small.yaml").write_text(yaml.safe_dump(CONFIG | sections))
    return folder


def edit_profile(folder: Path, edits: dict[str, str]) -> None:
    """Edit the profile as a site does."""
    path = folder / "profiles/slurm/config.yaml"
    text = path.read_text()
    for old, new in edits.items():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)


def site(account: str) -> dict[str, str]:
    """The edits for the account and the partition of the cluster."""
    return {
        "slurm_account: SITE": f"slurm_account: {account}",
        "slurm_partition: SITE": "slurm_partition: main",
    }
