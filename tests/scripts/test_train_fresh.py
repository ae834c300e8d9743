"""The program train_fresh, which trains as train_cell does, on new copies in each epoch."""

import json

import numpy as np
import pytest
from training_command import (
    AUGMENTATION,
    command,
    killed,
    trial_folder,
    watched_keys,
    write_digits,
)

import train_cell
import train_fresh
from digits.augmentation.tensors import read_tensor
from digits.data.image_tables import ImageTable

STILL = dict.fromkeys(("translation", "rotation", "zoom", "shear", "elastic_alpha"), 0)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_digits(tmp_path_factory.mktemp("data"), repeats=1)


def trained(data, output, levels=None, **augmentation):
    """Train for two epochs, and return the file of the network and the metrics."""
    options = {"levels": levels, "training": {"epochs": 2}}
    settings = json.dumps(AUGMENTATION | augmentation)
    train_fresh.main(command(data, output, **options, augmentation=settings)[2:])
    files = trial_folder(output)
    metrics = json.loads((files / "metrics.json").read_text())
    return (files / "model.keras").read_bytes(), metrics


def test_killed_it_goes_on_with_the_copies_of_the_next_epoch_and_ends_with_the_same_bytes(
    data, tmp_path, network, capsys
):
    fresh = {
        "training": {"epochs": 3, "averaging": "ema", "schedule": "one_cycle", "warm_up": 0.3},
        "levels": {"mode": "fresh", "dropout": 0.2},
        "augmentation": json.dumps(
            AUGMENTATION | {"copies": 1, "elastic_alpha": 5, "elastic_sigma": 2}
        ),
    }
    train_fresh.main(command(data, tmp_path, **fresh)[2:])
    about, line, *_ = capsys.readouterr().out.splitlines()
    label = "2 x 32, fresh, dropout 0.2, fold 0, seed 1"
    assert about == f"{label} | 5,600 images, 397 to validate on"
    assert line.startswith(f"{label} | epoch 1/3 | loss")
    folder = "cells/layers-2_nodes-32_mode-fresh_dropout-0.2/fold-0_seed-1"
    metrics = json.loads((tmp_path / folder / "metrics.json").read_text())
    assert (metrics["mode"], metrics["dropout"], metrics["layers"]) == ("fresh", 0.2, 2)
    again = tmp_path / "again"
    again.mkdir()
    killed(data, again, 2, **fresh)
    train_fresh.main(command(data, again, **fresh)[2:])
    assert "epoch 1/3" not in capsys.readouterr().out, "it did not start from the beginning"
    model = f"{folder}/model.keras"
    assert (again / model).read_bytes() == (tmp_path / model).read_bytes()


def test_copies_that_do_not_move_are_as_good_as_the_images_themselves(data, tmp_path, network):
    train_cell.main(command(data, tmp_path, training={"epochs": 2})[2:])
    expected = (trial_folder(tmp_path) / "model.keras").read_bytes()
    assert trained(data, tmp_path / "still", **STILL)[0] == expected
    assert trained(data, tmp_path / "moved")[0] != expected


def test_each_image_counts_as_often_as_it_is_copied(data, tmp_path, network):
    for copies in (0, 1):
        _, metrics = trained(data, tmp_path / str(copies), copies=copies)
        speed = 2 * (1 + 3 * copies) * 1400 / metrics["training_seconds"]
        assert metrics["images_per_second"] == pytest.approx(speed, rel=0.01)


def test_the_copies_depend_on_the_seed_of_the_augmentation_and_on_the_fold(data):
    images, labels = read_tensor(data / "tensor.npz", 10)
    nothing = ImageTable(images[:0], labels[:0])
    places = np.arange(1400, dtype=np.int32)[None]

    def copies(fold=0, validation=nothing, **changes):
        settings = AUGMENTATION | changes
        source = train_fresh.fresh_copies(settings, (images, labels), validation, fold)
        return source.epoch(1)(places)[0]

    once = copies()
    assert np.array_equal(copies(), once)
    assert not np.array_equal(copies(fold=1), once)
    assert not np.array_equal(copies(seed=1), once)
    # A copy that is a validation image gives way to the image that it is of.
    seen = copies(validation=ImageTable(once[5:7], labels[5:7]))
    assert np.array_equal(seen[5:7], images[5:7])


def test_a_training_is_known_by_its_augmentation_and_is_none_of_train_cell(
    data, tmp_path, monkeypatch
):
    keys = watched_keys(monkeypatch)
    train_cell.main(command(data, tmp_path)[2:])
    for settings in (AUGMENTATION, AUGMENTATION | {"rotation": 0.2}, AUGMENTATION):
        options = command(data, tmp_path, augmentation=json.dumps(settings))
        train_fresh.main(options[2:])
    assert len(set(keys)) == 3
    assert keys[3] == keys[1]


def test_it_needs_to_know_the_augmentation(data, tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        train_fresh.main(command(data, tmp_path)[2:])
    assert stopped.value.code == 2
    assert "arguments are required: --augmentation" in capsys.readouterr().err


def test_fresh_copies_are_known_by_their_settings(data, tmp_path, monkeypatch):
    keys = watched_keys(monkeypatch)
    for changes in ({}, {"shear": 0.1}, {"shear": 0.0}):
        settings = {"augmentation": json.dumps(AUGMENTATION | changes)}
        train_fresh.main(command(data, tmp_path, **settings)[2:])
    train_cell.main(command(data, tmp_path)[2:])
    assert keys[0] == keys[2]
    assert len(set(keys)) == 3
