"""720 trials, made up instead of trained: no command grows with them, and no job's memory."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import CONFIG, copy_checkout
from scipy.stats import norm

from digits.config.configuration import complete
from digits.config.recipes import design_of
from digits.core.results_folder import ResultsFolder
from digits.data.image_tables import ImageFile
from digits.evaluation.predictions import write_probabilities

FACTORS = {"layers": [1], "nodes": [16], "optimizer": ["sgd", "adamw"]}
DESIGN = {"design": {**FACTORS, "seeds": [*range(180)]}, "published": None}
GATHERING = [
    *("write_config", "write_design", "check_references"),
    *("write_submissions", "write_ensemble", "tabulate_results"),
    *("tabulate_classes", "tabulate_errors", "analyse_design", "plot_cells", "plot_results"),
    *("plot_effects", "plot_errors", "embed_networks", "write_cards", "tabulate_costs"),
    *("write_report", "check_trials"),
]
"""The rules that are left, but for the graphs, whose size is bounded: each after what it takes."""

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt"></svg>'

MOST_COMMAND = 4_000
"""Characters; the system takes 131,072 in one argument, which a command of a shell is."""

MOST_MEMORY = 1500
"""Of any job, MiB."""


@pytest.fixture(scope="module")
def folder(experiment, tmp_path_factory) -> Path:
    """The finished experiment with another design, which lacks but what gathers its trials."""
    folder = tmp_path_factory.mktemp("many")
    made = [f"results/small/{part}" for part in ("data", "folds", "tensors", "benchmarks")]
    made += [
        "results/small/plots/data",
        "results/small/plots/augmentation.svg",
        "results/small/tables/summary.csv",
    ]
    for parent in ("plots", "tables"):
        (folder / "results/small" / parent).mkdir(parents=True)
    copy_checkout(experiment.folder, folder, ["data", ".snakemake", *made])
    (folder / "small.yaml").write_text(yaml.safe_dump(CONFIG | DESIGN))
    full = yaml.safe_load((folder / "small.yaml").read_text())
    complete(full)
    # One copy, whose date is later than that of all that it is made from.
    network = folder / "model.keras"
    trained = experiment.results / "cells/layers-1_nodes-16/fold-0_seed-5"
    shutil.copyfile(trained / "model.keras", network)
    parameters = json.loads((trained / "metrics.json").read_text())["parameters"]
    results = ResultsFolder(folder / "results" / "small", design_of(full))
    make_up_trials(results, network, parameters)
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


def make_up_trials(results: ResultsFolder, network: Path, parameters: int) -> None:
    """Write what trainings and predictions leave: accuracies by the cell, the fold and chance.

    The network is the same for all.
    """
    generator, design = np.random.default_rng(3), results.design
    parts = {fold: ImageFile(results.part(fold, "validation"), ["row", "label"]) for fold in (0, 2)}
    for number, trial in enumerate(design.trials):
        *cell, fold, _ = trial
        levels = dict(zip(design.trial_columns, trial, strict=True))
        folder = results.model(trial).parent
        folder.mkdir(parents=True)
        results.model(trial).hardlink_to(network)
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
        metrics |= {"best_val_accuracy": accuracy, "parameters": parameters}
        metrics |= {"images_per_second": 1000, "device": "CPU", "stacked": 1, "failed": None}
        results.metrics(trial).write_text(json.dumps(metrics | {"versions": {"keras": "3"}}))
    for rule in ("train_cell", "predict_cell"):
        for cell in design.cells:
            path = results.path / "benchmarks" / rule / f"{design.cell_folder(cell)}.tsv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("s\tmax_rss\tcpu_time\n1500.5\t300.5\t1400.4\n")


def probabilities_of(predicted: np.ndarray) -> np.ndarray:
    table = np.full((len(predicted), 10), 0.01, np.float32)
    table[np.arange(len(predicted)), predicted] = 0.91
    return table


@pytest.fixture(scope="module")
def plan(folder) -> str:
    """What a dry run prints, whose peak of memory is in its last line."""
    command = ["snakemake", "--configfile", "small.yaml", "-n", "-p"]
    return measured(folder, sys.executable, "-m", *command)


def measured(folder: Path, *command: str) -> str:
    """Run a command; return what it prints and, in a last line, its peak of memory in KiB."""
    program = [sys.executable, "-c", MEASURE, *command]
    scripts = {"SCRIPTS": "scripts", "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    done = subprocess.run(
        program, cwd=folder, env=os.environ | scripts, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command[-1]}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr.splitlines()[-1]


def test_the_plan_of_720_trials_is_small_and_its_commands_are_short(plan):
    assert "_cell  " not in re.search(r"Job stats:(.*?)plot_cells", plan, re.DOTALL)[1]
    assert int(plan.splitlines()[-1]) < MOST_MEMORY_TO_PLAN * 1024
    commands = re.findall(r"^Shell command: (python .*)$", plan, re.MULTILINE)
    assert len(commands) > 15
    assert max(map(len, commands)) < MOST_COMMAND


def test_720_trials_are_gathered_into_tables_plots_and_the_page(folder, plan):
    # The planned commands themselves: Snakemake's own work on so many files takes minutes.
    jobs = re.findall(r"^(?:local)?rule (\w+):$.*?^Shell command: (.*?)$", plan, re.M | re.DOTALL)
    assert {rule for rule, _ in jobs} == {*GATHERING, "draw_graphs", "all"}
    results = folder / "results" / "small"
    (results / "report").mkdir()
    (results / "report/rulegraph.svg").write_text(SVG)
    for rule, command in sorted(jobs, key=lambda job: [*GATHERING, job[0]].index(job[0])):
        if rule not in GATHERING:
            continue
        for path in re.findall(r"results/small/\S+\.\w+", command):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
        memory = measured(folder, "bash", "-c", command).splitlines()[-1]
        assert int(memory) < MOST_MEMORY * 1024, command
    assert len(pd.read_csv(results / "tables/results.csv")) == 720
    assert pd.read_csv(results / "tables/cells.csv")["trials"].tolist() == [360, 360, 360]
    assert re.search(r"\b720\b", (results / "report/index.html").read_text())
