"""The program train_cell, as the workflow runs it; killed, it resumes with the same result."""

import itertools
import json
import os
import shutil
import subprocess
import sys

import pandas as pd
import pytest
from training_command import (
    SCRIPTS,
    TRAINING,
    command,
    killed,
    run,
    trial_folder,
    watched_keys,
    write_digits,
)

import train_cell
from digits.training import devices, gpu_locks
from digits.training.gpu_locks import visible_gpus


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
    files = trial_folder(output)
    metrics = json.loads((files / "metrics.json").read_text())
    history = pd.read_csv(files / "history.csv")
    assert history.columns.tolist() == [
        "epoch", "seconds", "accuracy", "loss", "val_accuracy", "val_loss"
    ]  # fmt: skip
    assert history["val_accuracy"].max() > 0.9
    assert (metrics["layers"], metrics["nodes"], metrics["fold"], metrics["seed"]) == (2, 32, 0, 1)
    assert metrics["epochs"] == len(history) == 6
    assert metrics["val_loss"] == history["val_loss"].iloc[-1]
    assert metrics["best_val_accuracy"] == history.loc[history["val_loss"].idxmin(), "val_accuracy"]
    assert metrics["parameters"] == 65 * 32 + 33 * 32 + 33 * 10
    assert (metrics["device"], metrics["stacked"]) == ("CPU", 1)
    assert metrics["processor"] == devices.processor()
    speed = 14_000 * 6 / metrics["training_seconds"]
    assert metrics["images_per_second"] == pytest.approx(speed, rel=0.01)
    assert metrics["failed"] is None
    assert metrics["versions"].keys() == {"python", "tensorflow", "keras", "numpy"}
    # A line about the images, one per epoch and not a word from TensorFlow.
    lines = done.stdout.splitlines()
    assert lines[0] == "2 x 32, fold 0, seed 1 | 14,000 images, 397 to validate on"
    assert len(lines) == 7
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
    files = trial_folder(stopped)
    # Snakemake removes the outputs of a killed job before it starts it again.
    (files / "history.csv").unlink()
    assert not (files / "model.keras").exists()
    assert not (files / "metrics.json").exists()
    train_cell.main(command(data, stopped)[2:])
    lines = capsys.readouterr().out.splitlines()
    assert 2 <= len(lines) < 7, "it did not start from the beginning"
    expected = trial_folder(undisturbed[0])
    assert (files / "model.keras").read_bytes() == (expected / "model.keras").read_bytes()
    ours, theirs = (
        pd.read_csv(folder / "history.csv").drop(columns="seconds") for folder in (files, expected)
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
    keys = watched_keys(monkeypatch)
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
    store = undisturbed[0] / "store"
    options = command(data, tmp_path, **{"cache": store, "cache-size": 1})[2:]
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *options],
        capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(SCRIPTS)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    taken, imported = done.stdout.splitlines()
    assert taken.startswith(f"2 x 32, fold 0, seed 1 | taken from {store}")
    assert imported == ""
    found, expected = (trial_folder(output) for output in (tmp_path, undisturbed[0]))
    for name in ("model.keras", "history.csv", "metrics.json"):
        assert (found / name).read_bytes() == (expected / name).read_bytes()


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
        ({"training": {"stack": 1}}, True),
        ({"training": {"stack": 2}}, False),
        ({"tensor": "validation.parquet"}, False),
        ({"validation": "tensor.npz"}, False),
    ],
)
def test_a_training_is_known_by_its_code_settings_and_bytes(
    data, tmp_path, monkeypatch, change, same
):
    keys = watched_keys(monkeypatch)
    (copy := tmp_path / "copied.npz").write_bytes((data / "tensor.npz").read_bytes())
    for name in ("tensor", "validation"):
        if name in change:
            change = {name: data / change[name]}
    train_cell.main(command(data, tmp_path)[2:])
    train_cell.main(command(data, tmp_path, **{"tensor": copy} | change)[2:])
    assert (keys[0] == keys[1]) == same


def test_sections_are_known_in_any_order(data, tmp_path, monkeypatch):
    keys = watched_keys(monkeypatch)
    for section in (TRAINING, dict(reversed(TRAINING.items()))):
        train_cell.main(command(data, tmp_path, **{"training": section})[2:])
    assert keys[0] == keys[1]


def test_a_damaged_checkpoint_is_not_used(data, stopped, network, capsys):
    (kept,) = (stopped / "checkpoints").iterdir()
    kept.write_bytes(kept.read_bytes()[:-100])
    train_cell.main(command(data, stopped)[2:])
    assert len(capsys.readouterr().out.splitlines()) == 7


def test_a_gpu_that_is_not_there_is_told_in_one_line(data, tmp_path):
    done = run(data, tmp_path, training={"device": "gpu"})
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("error: training.device: gpu, but TensorFlow finds no GPU")
    assert not (tmp_path / "cells").exists()
    assert not (tmp_path / "checkpoints").exists()


@pytest.fixture
def useless_gpu(tmp_path, monkeypatch):
    """A machine with a GPU that nvidia-smi lists and TensorFlow cannot use."""
    tool = tmp_path / "bin" / "nvidia-smi"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\necho 0\n")
    tool.chmod(0o755)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    runs = itertools.count()

    def present(here: bool) -> None:
        # The lock of a GPU is held until the process ends.
        monkeypatch.setattr(gpu_locks, "LOCKS", tmp_path / f"locks{next(runs)}")
        monkeypatch.setenv("PATH", f"{tool.parent}:{os.environ['PATH']}" if here else "/usr/bin")
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

    return present


def test_a_gpu_that_tensorflow_cannot_use_is_noted_and_the_training_is_kept_as_one_on_a_cpu(
    data, tmp_path, network, capsys, useless_gpu
):
    options = command(
        data, tmp_path, SEEDS, {"epochs": 1, "device": "auto"}, cache=tmp_path / "store"
    )[2:]
    useless_gpu(True)
    train_cell.main(options)
    note, *lines = capsys.readouterr().out.splitlines()
    assert note.startswith("note: TensorFlow cannot use the machine's GPU")
    assert "taken from" not in " ".join(lines)
    assert "stacked" not in " ".join(lines)
    metrics = json.loads((trial_folder(tmp_path) / "metrics.json").read_text())
    assert (metrics["device"], metrics["stacked"]) == ("CPU", 1)
    assert not any((tmp_path / "checkpoints").iterdir())
    # It is known as a training on the CPU, with the GPU and without it.
    for here in (True, False):
        useless_gpu(here)
        train_cell.main(options)
        assert capsys.readouterr().out.count("taken from") == 3


def test_a_training_that_diverges_is_noted_as_failed_and_is_no_error_of_the_program(
    data, tmp_path, network, capsys
):
    settings = {"optimizer": "sgd", "learning_rate": 1e30}
    train_cell.main(command(data, tmp_path, training=settings)[2:])
    told = "2 x 32, fold 0, seed 1: epoch 1: the loss is"
    printed = capsys.readouterr().err
    assert printed.startswith(f"error: {told}")
    assert len(printed.splitlines()) == 1
    files = trial_folder(tmp_path)
    metrics = json.loads((files / "metrics.json").read_text())
    assert metrics["failed"].startswith("epoch 1: the loss is")
    assert (metrics["epochs"], metrics["val_accuracy"], metrics["best_epoch"]) == (0, None, None)
    assert (files / "history.csv").read_text() == (
        "epoch,seconds,accuracy,loss,val_accuracy,val_loss\n"
    )
    assert (files / "model.keras").exists()


SEEDS = {"seed": (1, 2, 3)}


@pytest.fixture(scope="module")
def of_three_seeds(data, tmp_path_factory, network):
    """The folder of a cell of three trials, trained one after the other."""
    output = tmp_path_factory.mktemp("seeds")
    train_cell.main(command(data, output, SEEDS, {"epochs": 2}, cache=output / "store")[2:])
    return output


def weights(folder):
    return [(trial_folder(folder, seed) / "model.keras").read_bytes() for seed in (1, 2, 3)]


def test_trials_have_the_same_bytes_together_in_one_process_in_several_and_alone(
    data, tmp_path, of_three_seeds, network
):
    expected = weights(of_three_seeds)
    assert len(set(expected)) == 3
    done = run(data, tmp_path / "two", SEEDS, {"epochs": 2}, processes=2)
    assert done.returncode == 0, done.stderr
    assert weights(tmp_path / "two") == expected
    train_cell.main(command(data, tmp_path / "one", {"seed": 2}, {"epochs": 2})[2:])
    model = trial_folder(tmp_path / "one", 2) / "model.keras"
    assert model.read_bytes() == expected[1]


def test_a_new_seed_trains_only_itself(data, tmp_path, of_three_seeds, network, capsys):
    store = {"cache": of_three_seeds / "store"}
    train_cell.main(command(data, tmp_path, {"seed": (1, 2, 3, 4)}, {"epochs": 2}, **store)[2:])
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(" | ")[0] for line in lines if "taken from" in line] == [
        f"2 x 32, fold 0, seed {seed}" for seed in (1, 2, 3)
    ]
    assert all("seed 4" in line for line in lines[3:])
    assert weights(tmp_path) == weights(of_three_seeds)


def test_a_cell_that_is_killed_goes_on_after_the_trials_that_are_done(
    data, tmp_path, of_three_seeds, network, capsys
):
    lines = killed(data, tmp_path, 3, levels=SEEDS, training={"epochs": 2})
    assert "seed 2 | epoch 1/2" in lines[-1]
    shutil.rmtree(tmp_path / "cells")
    train_cell.main(command(data, tmp_path, SEEDS, {"epochs": 2})[2:])
    epochs = [line for line in capsys.readouterr().out.splitlines() if "epoch" in line]
    # It logs the last epoch that it finds.
    assert ["1/2" in line for line in epochs if "seed 1" in line] == [False]
    assert ["1/2" in line for line in epochs if "seed 3" in line] == [True, False]
    assert weights(tmp_path) == weights(of_three_seeds)
    assert not any((tmp_path / "checkpoints").iterdir())


def test_stacked_trials_have_files_of_their_own_and_a_share_of_the_time(
    data, tmp_path, of_three_seeds, network, capsys
):
    settings = {"epochs": 2, "stack": 3}
    train_cell.main(command(data, tmp_path, SEEDS, settings, cache=tmp_path / "store")[2:])
    printed = capsys.readouterr().out.splitlines()
    assert printed[1].endswith(
        "seed 2 | 14,000 images, 397 to validate on, one of 3 stacked networks"
    )
    lines = [line.partition(" | epoch ") for line in printed]
    assert [(label[-1], rest[:3]) for label, _, rest in lines if rest] == [
        *(("1", "1/2"), ("2", "1/2"), ("3", "1/2")), *(("1", "2/2"), ("2", "2/2"), ("3", "2/2"))
    ]  # fmt: skip
    for seed in (1, 2, 3):
        stacked, alone = (
            json.loads((trial_folder(folder, seed) / "metrics.json").read_text())
            for folder in (tmp_path, of_three_seeds)
        )
        assert (stacked["stacked"], alone["stacked"]) == (3, 1)
        assert stacked["seed"] == seed
        assert stacked["val_accuracy"] == pytest.approx(alone["val_accuracy"], abs=0.02)
        assert stacked["parameters"] == alone["parameters"]
    again = tmp_path / "again"
    train_cell.main(command(data, again, SEEDS, settings, cache=tmp_path / "store")[2:])
    assert capsys.readouterr().out.count("taken from") == 3
    assert weights(again) == weights(tmp_path)


@pytest.mark.skipif(not visible_gpus(), reason="there is no GPU")
def test_on_a_gpu_two_processes_give_the_same_bytes(data, tmp_path):
    for name in ("one", "two"):
        done = run(data, tmp_path / name, SEEDS, {"epochs": 2, "device": "gpu"})
        assert done.returncode == 0, done.stderr
    assert weights(tmp_path / "one") == weights(tmp_path / "two")
