"""The program train_cell, as the workflow runs it; killed, it resumes with the same result."""

import json
import os
import shutil
import subprocess
import sys

import pandas as pd
import pytest
from training_command import SCRIPTS, TRAINING, command, killed, run, write_digits

import train_cell
from digits.training import devices


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    # Enough images that an epoch takes a while to be killed in.
    return write_digits(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def undisturbed(data, tmp_path_factory):
    output = tmp_path_factory.mktemp("undisturbed")
    done = run(data, output, cache=output / "store")
    assert done.returncode == 0, done.stderr
    return output, done


def test_metrics_sum_up_the_history(undisturbed):
    output, done = undisturbed
    metrics = json.loads((output / "metrics.json").read_text())
    history = pd.read_csv(output / "history.csv")
    assert history.columns.tolist() == [
        "epoch", "seconds", "accuracy", "loss", "val_accuracy", "val_loss"
    ]  # fmt: skip
    assert history["val_accuracy"].max() > 0.9
    assert (metrics["layers"], metrics["nodes"], metrics["fold"], metrics["seed"]) == (2, 32, 0, 1)
    assert metrics["epochs"] == len(history) == 6
    assert metrics["val_loss"] == history["val_loss"].iloc[-1]
    assert metrics["best_val_accuracy"] == history.loc[history["val_loss"].idxmin(), "val_accuracy"]
    assert metrics["parameters"] == 65 * 32 + 33 * 32 + 33 * 10
    assert metrics["device"] == "CPU"
    assert metrics["processor"] == devices.processor()
    speed = 14_000 * 6 / metrics["training_seconds"]
    assert metrics["images_per_second"] == pytest.approx(speed, rel=0.01)
    assert metrics["failed"] is None
    assert metrics["versions"].keys() == {"python", "tensorflow", "keras", "numpy"}
    # One line per epoch and not a word from TensorFlow.
    assert len(done.stdout.splitlines()) == 6
    assert done.stderr == ""
    assert not any((output / "checkpoints").iterdir())


@pytest.fixture(scope="module")
def once_killed(data, tmp_path_factory):
    output = tmp_path_factory.mktemp("killed")
    killed(data, output, epochs=2)
    return output


@pytest.fixture
def stopped(once_killed, tmp_path):
    """The folder of a training that was killed after two epochs."""
    return shutil.copytree(once_killed, tmp_path / "stopped")


def test_killed_it_goes_on_and_ends_with_the_same_bytes(
    data, stopped, undisturbed, network, capsys
):
    assert not (stopped / "model.keras").exists()
    assert not (stopped / "metrics.json").exists()
    # Snakemake removes the outputs of a killed job before it starts it again.
    (stopped / "history.csv").unlink()
    train_cell.main(command(data, stopped)[2:])
    lines = capsys.readouterr().out.splitlines()
    assert 1 <= len(lines) < 6, "it did not start from the beginning"
    expected = undisturbed[0]
    assert (stopped / "model.keras").read_bytes() == (expected / "model.keras").read_bytes()
    ours, theirs = (
        pd.read_csv(folder / "history.csv").drop(columns="seconds")
        for folder in (stopped, expected)
    )
    pd.testing.assert_frame_equal(ours, theirs, check_exact=True)


def test_a_checkpoint_of_other_settings_or_data_is_not_used(data, stopped, network, capsys):
    kept = list((stopped / "checkpoints").iterdir())
    assert len(kept) == 1
    for other in ({"training": {"dropout": 0.3}}, {"code": "2e"}):
        other["training"] = other.get("training", {}) | {"epochs": 1}
        train_cell.main(command(data, stopped, **other)[2:])
        assert "epoch 1/1" in capsys.readouterr().out
        assert list((stopped / "checkpoints").iterdir()) == kept


def test_what_a_user_may_set_and_changes_results_makes_it_another_training(
    data, tmp_path, monkeypatch
):
    keys = []
    monkeypatch.setattr(train_cell, "reuse", lambda store, key, *_, **__: keys.append(key))
    monkeypatch.delenv("XLA_FLAGS", raising=False)
    for flags in (None, "--xla_gpu_deterministic_ops=true", "--xla_gpu_enable_triton_gemm=false"):
        if flags:
            monkeypatch.setenv("XLA_FLAGS", flags)
        monkeypatch.setenv("TF_DETERMINISTIC_OPS", str(len(keys)))  # it is removed
        train_cell.main(command(data, tmp_path)[2:])
    assert len(set(keys)) == 3
    monkeypatch.delenv("XLA_FLAGS")
    train_cell.main(command(data, tmp_path)[2:])
    assert keys[3] == keys[0]


IMPORTED = """
import sys
import train_cell
train_cell.main()
print(*sorted({"tensorflow", "keras", "numpy", "pyarrow"} & sys.modules.keys()))
"""


def test_a_known_training_is_taken_from_the_store_and_nothing_heavy_is_imported(
    data, tmp_path, undisturbed
):
    expected = undisturbed[0]
    options = command(data, tmp_path, **{"cache": expected / "store", "cache-size": 1})[2:]
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *options],
        capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(SCRIPTS)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    taken, imported = done.stdout.splitlines()
    assert taken.startswith(f"taken from {expected / 'store'}")
    assert imported == ""
    for name in ("model.keras", "history.csv", "metrics.json"):
        assert (tmp_path / name).read_bytes() == (expected / name).read_bytes()


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"checkpoints": "elsewhere"}, True),
        ({"cache-size": 7}, True),
        ({"training": {"dropout": 0.2}, "levels": {"seed": 1}}, True),
        ({"training": {"momentum": 0.0, "epochs": 6.0}}, True),
        ({"code": "2e"}, False),
        ({"levels": {"seed": 2}}, False),
        ({"levels": {"nodes": 33}}, False),
        ({"levels": {"recipe": "fast"}}, False),
        ({"training": {"learning_rate": 0.002}}, False),
        ({"training": {"averaging": "ema"}}, False),
        ({"tensor": "validation.parquet"}, False),
        ({"validation": "tensor.npz"}, False),
    ],
)
def test_a_training_is_known_by_its_code_settings_and_bytes(
    data, tmp_path, monkeypatch, change, same
):
    keys = []
    monkeypatch.setattr(train_cell, "reuse", lambda store, key, *_, **__: keys.append(key))
    (copy := tmp_path / "copied.npz").write_bytes((data / "tensor.npz").read_bytes())
    for name in ("tensor", "validation"):
        if name in change:
            change = {name: data / change[name]}
    train_cell.main(command(data, tmp_path)[2:])
    train_cell.main(command(data, tmp_path, **{"tensor": copy} | change)[2:])
    assert (keys[0] == keys[1]) == same


def test_sections_are_known_in_any_order(data, tmp_path, monkeypatch):
    keys = []
    monkeypatch.setattr(train_cell, "reuse", lambda store, key, *_, **__: keys.append(key))
    for section in (TRAINING, dict(reversed(TRAINING.items()))):
        train_cell.main(command(data, tmp_path, **{"training": section})[2:])
    assert keys[0] == keys[1]


def test_a_damaged_checkpoint_is_not_used(data, stopped, network, capsys):
    (kept,) = (stopped / "checkpoints").iterdir()
    kept.write_bytes(kept.read_bytes()[:-100])
    train_cell.main(command(data, stopped)[2:])
    assert len(capsys.readouterr().out.splitlines()) == 6


def test_a_gpu_that_is_not_there_is_told_in_one_line(data, tmp_path):
    done = run(data, tmp_path, training={"device": "gpu"})
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("error: training.device: gpu, but TensorFlow finds no GPU")
    assert list(tmp_path.iterdir()) == []


def test_a_training_that_diverges_is_noted_as_failed_and_is_no_error_of_the_program(
    data, tmp_path, network, capsys
):
    settings = {"optimizer": "sgd", "learning_rate": 1e30}
    train_cell.main(command(data, tmp_path, training=settings)[2:])
    told = "2 x 32, fold 0, seed 1: epoch 1: the loss is"
    printed = capsys.readouterr().err
    assert printed.startswith(f"error: {told}")
    assert len(printed.splitlines()) == 1
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics["failed"].startswith("epoch 1: the loss is")
    assert (metrics["epochs"], metrics["val_accuracy"], metrics["best_epoch"]) == (0, None, None)
    assert (tmp_path / "history.csv").read_text() == (
        "epoch,seconds,accuracy,loss,val_accuracy,val_loss\n"
    )
    assert (tmp_path / "model.keras").exists()
