"""1,440 trials, made up instead of trained: no command grows with them, and no job's memory."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import snakemake, write_inputs
from scipy.stats import norm
from sklearn.datasets import load_digits

from digits.config.configuration import complete
from digits.config.recipes import design_of
from digits.core.results_folder import ResultsFolder
from digits.data.image_tables import ImageFile
from digits.evaluation.predictions import write_probabilities

CONFIG = {
    "experiment": "small",
    "dataset": {
        "train": "data/raw/train.csv",
        "test": "data/raw/test.csv",
        "label": "digit",
        "image_shape": [8, 8],
    },
    "cross_validation": {"splits": 3, "folds": [0, 2], "seed": 7},
    "augmentation": {"copies": 0},
    "design": {
        "layers": [1],
        "nodes": [4],
        "optimizer": ["sgd", "adamw"],
        "seeds": [*range(360)],
    },
    "training": {"device": "cpu"},
}
MOST_COMMAND = 4_000
"""Characters; the system takes 131,072 in one argument, which a command of a shell is."""

MOST_MEMORY = 1500
"""Of any job, MiB."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A checkout whose experiment lacks nothing of its trials but what gathers them."""
    folder = tmp_path_factory.mktemp("many")
    digits = load_digits()
    images = np.round(digits.images[:360] * 255 / 16).astype(np.uint8)
    write_inputs(folder, images, digits.target[:360].astype(np.uint8))
    (folder / "small.yaml").write_text(yaml.safe_dump(CONFIG))
    checks = [f"results/small/folds/fold-{fold}/check.json" for fold in (0, 2)]
    done = snakemake(folder, "--cores", "2", "results/small/data/test.parquet", *checks)
    assert done.returncode == 0, done.stderr
    full = yaml.safe_load((folder / "small.yaml").read_text())
    complete(full)
    make_up_trials(ResultsFolder(folder / "results" / "small", design_of(full)))
    return folder


MOST_MEMORY_TO_PLAN = 500
"""MiB; 260 were measured."""

# A process of its own, since the peak of a child is at least the memory of the process it leaves.
MEASURE = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(done.returncode)
"""


def make_up_trials(results: ResultsFolder) -> None:
    """Write what trainings and predictions leave: accuracies by the cell, the fold and chance."""
    # TensorFlow takes seconds to import.
    from digits.training.network import build_network, save_network

    generator, design = np.random.default_rng(3), results.design
    parts = {fold: ImageFile(results.part(fold, "validation"), ["row", "label"]) for fold in (0, 2)}
    networks = {}
    for number, trial in enumerate(design.trials):
        *cell, fold, _ = trial
        levels = dict(zip(design.trial_columns, trial, strict=True))
        folder = results.model(trial).parent
        folder.mkdir(parents=True)
        if tuple(cell) not in networks:
            size = {"layers": levels["layers"], "nodes": levels["nodes"]}
            network = build_network((8, 8), 10, **size, dropout=0, seeds=[1, 2])
            save_network(network, results.model(trial))
            networks[tuple(cell)] = results.model(trial), network.count_params()
        else:
            results.model(trial).hardlink_to(networks[tuple(cell)][0])
        rows, labels = parts[fold].rows, parts[fold].labels
        skill = 1 + 0.1 * sum(design.rank(tuple(cell))) + 0.1 * generator.normal()
        right = generator.random(len(labels)) < norm.cdf(skill)
        predicted = np.where(right, labels, (labels + 1) % 10)
        keys = {"row": rows, "label": labels}
        write_probabilities(results.validation(trial), keys, probabilities_of(predicted))
        tests = np.arange(60) * (1 + number % 7) % 10
        ids = {"ImageId": np.arange(1, 61, dtype=np.int32)}
        write_probabilities(results.test(trial), ids, probabilities_of(tests))
        accuracy = float(right.mean())
        results.history(trial).write_text(
            f"epoch,seconds,accuracy,loss,val_accuracy,val_loss\n1,1.5,0.9,0.4,{accuracy},0.3\n"
        )
        metrics = levels | {"epochs": 1, "training_seconds": 1.5, "cpu_seconds": 1.5}
        metrics |= {"accuracy": 0.9, "val_accuracy": accuracy, "val_loss": 0.3, "best_epoch": 1}
        metrics |= {"best_val_accuracy": accuracy, "parameters": networks[tuple(cell)][1]}
        metrics |= {"images_per_second": 1000, "device": "CPU", "failed": None}
        results.metrics(trial).write_text(json.dumps(metrics | {"versions": {"keras": "3"}}))
        for rule in ("train_cell", "predict_cell"):
            path = results.path / "benchmarks" / rule / f"{design.trial_stem(trial)}.tsv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("s\tmax_rss\tcpu_time\n1.5\t300.5\t1.4\n")


def probabilities_of(predicted: np.ndarray) -> np.ndarray:
    table = np.full((len(predicted), 10), 0.01, np.float32)
    table[np.arange(len(predicted)), predicted] = 0.91
    return table


def test_the_commands_of_1440_trials_are_short_and_the_plan_is_small(folder):
    command = ["snakemake", "--configfile", "small.yaml", "-n", "-p"]
    measured = [sys.executable, "-c", MEASURE, sys.executable, "-m", *command]
    done = subprocess.run(measured, cwd=folder, capture_output=True, text=True, check=False)
    printed = done.stdout
    assert done.returncode == 0, done.stderr
    assert int(done.stderr.splitlines()[-1]) < MOST_MEMORY_TO_PLAN * 1024
    assert "_cell  " not in re.search(r"Job stats:(.*?)plot_cell", printed, re.DOTALL)[1]
    commands = re.findall(r"^Shell command: (python .*)$", printed, re.MULTILINE)
    assert len(commands) > 20
    assert max(map(len, commands)) < MOST_COMMAND


def test_1440_trials_are_gathered_into_tables_plots_and_the_page(folder):
    done = snakemake(folder, "--cores", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    results = folder / "results" / "small"
    assert len(pd.read_csv(results / "tables/results.csv")) == 1440
    cells = pd.read_csv(results / "tables/cells.csv")
    assert cells["trials"].tolist() == [720, 720, 720]
    assert "1,440" in (results / "report/index.html").read_text()
    for path in (results / "benchmarks").rglob("*.tsv"):
        memory = pd.read_csv(path, sep="\t", na_values="-")["max_rss"].iloc[-1]
        assert not memory > MOST_MEMORY, path
