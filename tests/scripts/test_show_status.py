"""The program show_status, on folders made by hand and on a training that truly runs."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from image_files import write_images
from results_folder import alive, complete_all, finish, start, trial_folder, write, write_metrics

import show_status
from digits.augmentation.tensors import write_tensor
from digits.config.models import Training
from digits.core.design import Design
from digits.core.results_folder import ResultsFolder
from digits.data.image_tables import ImageTable

SCRIPTS = Path(__file__).parents[2] / "scripts"


def shown(capsys, *arguments: str) -> str:
    show_status.main([*arguments])
    return capsys.readouterr().out


def test_an_experiment_is_named_or_its_folder_given(tmp_path, monkeypatch, capsys):
    folder = start(tmp_path / "results" / "small")
    write_metrics(folder, 2, 16)
    monkeypatch.chdir(tmp_path)
    text = shown(capsys, "--experiment", "small")
    assert text.startswith("Experiment small: 1 of 4 trainings finished, 3 waiting")
    assert shown(capsys, "--results", str(folder)) == text
    assert "\x1b" not in text


def test_an_experiment_not_started_is_reported_in_a_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert shown(capsys) == "Experiment demo: not started, it has no results yet.\n"


def test_without_a_terminal_watching_prints_it_once(tmp_path, capsys):
    start(tmp_path / "small")
    text = shown(capsys, "--watch", "--results", str(tmp_path / "small"))
    assert text.count("Experiment small") == 1


def test_every_trial_is_shown_if_asked_for(tmp_path, capsys):
    folder = start(tmp_path / "small", design={"layers": list(range(1, 41))})
    assert "more cells" in shown(capsys, "--results", str(folder))
    text = shown(capsys, "--all", "--results", str(folder))
    assert len(re.findall(r"^ +\d+ +(?:16|32) +waiting", text, re.MULTILINE)) == 80


def watch(folder: Path, act) -> tuple[int, str]:
    """Watch a folder in a terminal of 80 x 40, act once there is a table, return what was shown."""
    ours, theirs = pty.openpty()
    # Tests that run in the background of a script ignore Ctrl-C, and would pass that on.
    command = ["env", "--default-signal=INT", sys.executable, str(SCRIPTS / "show_status.py")]
    command += ["--watch", "--interval", "0.1"]
    process = subprocess.Popen(
        [*command, "--results", str(folder)], stdin=theirs, stdout=theirs, stderr=theirs,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "80", "LINES": "40"},
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    text, acted, end = "", False, time.monotonic() + 60
    try:
        while time.monotonic() < end:
            if select.select([ours], [], [], 0.1)[0]:
                try:
                    text += os.read(ours, 65536).decode()
                except OSError:  # the other end is closed
                    break
            if not acted and "trainings finished" in text:
                act(process)
                acted = True
        status = process.wait(timeout=10)
    finally:
        process.kill()
        os.close(ours)
    return status, text


def test_watching_ends_quietly_when_it_is_interrupted(tmp_path):
    folder = start(tmp_path / "results" / "small")
    status, text = watch(folder, lambda process: process.send_signal(signal.SIGINT))
    assert status == 0
    assert "Traceback" not in text
    assert text.rstrip("\r\n").endswith("\x1b[?25h"), "the cursor is back"


def test_watching_ends_by_itself_when_the_experiment_is_finished(tmp_path):
    folder = tmp_path / "results" / "small"
    finish(folder, {(2, 16, 0, 5): {}}, design={"layers": [2], "nodes": [16]})

    def complete(_) -> None:
        complete_all(folder)

    status, text = watch(folder, complete)
    assert status == 0
    assert "no run is working on it" in text
    assert "validation accuracy 0.9000" in text
    assert "0.8750" in text


def test_a_training_is_seen_while_it_runs_and_when_it_is_killed(tmp_path, capsys):
    epochs = 4000
    folder = start(
        tmp_path / "results" / "small",
        design={"layers": [1], "nodes": [4]},
        training={"epochs": epochs},
    )
    images = np.random.default_rng(1).integers(0, 256, (60, 5, 4), dtype=np.uint8)
    labels = np.arange(60, dtype=np.uint8) % 3
    write_tensor(folder / "tensors/fold-0.npz", [images], labels, (5, 4))
    rows = np.arange(60, dtype=np.int32)
    write_images(folder / "folds/fold-0/validation.parquet", ImageTable(images, labels, rows))
    made = trial_folder(folder, 1, 4)
    design = Design({"layers": (1,), "nodes": (4,)}, seeds=(5,))
    settings = {"epochs": epochs, "batch_size": 8, "patience": epochs, "device": "cpu"}
    options = {
        "results": folder, "design": design.as_text(),
        "training": json.dumps(Training(**settings).model_dump()),
        "classes": 3, "code": "1f", "checkpoints": folder / "checkpoints",
    }  # fmt: skip
    flags = [str(part) for name, value in options.items() for part in (f"--{name}", value)]
    log = write(folder / "logs/train_cell/layers-1_nodes-4.log", "")
    with alive(tmp_path, [made / "metrics.json"], time.time() - 60), log.open("w") as file:
        training = subprocess.Popen(
            [sys.executable, str(SCRIPTS / "train_cell.py"), *flags], stdout=file, stderr=file
        )
        try:
            end = time.monotonic() + 120
            while log.read_text().count("\n") < 3 and time.monotonic() < end:
                time.sleep(0.05)
            running = shown(capsys, "--results", str(folder))
        finally:
            training.kill()
            training.wait()
    row = re.search(rf"1 +4 +running +(\d+)/{epochs} +0\.\d{{4}} +\d+ s +\S.*", running)
    assert row, running
    assert 0 < int(row[1]) < epochs
    assert re.search(r"1 running; about .* left$", running, re.MULTILINE)
    killed = shown(capsys, "--results", str(folder))
    assert re.search(rf"1 +4 +killed +\d+/{epochs} +0\.\d{{4}}", killed), killed


def test_trials_of_any_factors_are_shown_by_their_levels_in_the_order_of_the_design(
    tmp_path, capsys
):
    factors = {"optimizer": ["sgd", "adamw"], "dropout": [0.0, 0.25], "layers": [2], "nodes": [16]}
    excluded = {"exclude": [{"optimizer": "sgd", "dropout": 0.25}]}
    folder = start(tmp_path / "mixed", design=factors | excluded)
    design = Design({"layers": (2,), "nodes": (16,), "optimizer": ("sgd", "adamw"),
                     "dropout": (0.0, 0.25)}, seeds=(5,))  # fmt: skip
    results = ResultsFolder(folder, design)
    about = {"best_val_accuracy": 0.9125, "training_seconds": 20.0, "epochs": 10}
    for cell, failed in ((("sgd", 0.0), None), (("adamw", 0.25), "epoch 2: the loss is nan")):
        trial = (2, 16, *cell, 0, 5)
        metrics = dict(zip(design.trial_columns, trial, strict=True)) | about | {"failed": failed}
        write(results.metrics(trial), json.dumps(metrics))
    text = shown(capsys, "--results", str(folder))
    assert text.startswith("Experiment mixed: 1 of 3 trainings finished, 1 failed, 1 waiting")
    rows = [line.split()[:3] for line in text.splitlines() if re.match(r" +\w+ +0(\.\d+)? ", line)]
    assert rows == [
        ["sgd", "0", "finished"], ["adamw", "0", "waiting"], ["adamw", "0.25", "failed"],
    ]  # fmt: skip
    assert "adamw, dropout 0.25, fold 0, seed 5: epoch 2: the loss is nan" in text
