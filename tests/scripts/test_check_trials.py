"""The program check_trials."""

import json
from dataclasses import replace

import numpy as np
import pytest
from image_files import write_images
from made_trials import MIXED, Trials

import check_trials
import predict_cell
from digits.core.design import Design
from digits.core.errors import TrainingError
from digits.data.image_tables import ImageTable

LABELS = np.arange(40) % 4
PREDICTED = np.where(np.arange(40) < 30, LABELS, 3 - LABELS)
DESIGN = Design({"layers": (2,), "nodes": (8, 9, 10)}, seeds=(1,))
FIRST, SECOND, THIRD = DESIGN.trials


def made(folder, design=DESIGN):
    """Write trials with 30 of 40 images correct, which their trainings reported."""
    trials = Trials(folder, design)
    for trial in design.trials:
        trials.write(trial, best_val_accuracy=0.75, failed=None)
        trials.answer(trial, LABELS, np.eye(4)[PREDICTED])
    return trials


def check(trials):
    check_trials.main([*trials.given, f"--output={trials.path}/check.json"])
    return json.loads((trials.path / "check.json").read_text())


def refused(trials):
    with pytest.raises(TrainingError) as raised:
        check(trials)
    assert not (trials.path / "check.json").exists()
    return str(raised.value)


def test_trainings_that_all_ended_are_counted(tmp_path):
    assert check(made(tmp_path)) == {"trainings": 3}


def test_failed_trainings_are_named_in_one_line_with_what_happened(tmp_path):
    trials = made(tmp_path)
    trials.write(SECOND, failed="epoch 3: the loss is nan")
    trials.write(THIRD, failed="epoch 1: the loss is inf")
    assert refused(trials) == (
        "2 of 3 trainings failed, the rest finished: 2 x 9, fold 0, seed 1 (epoch 3: the loss is"
        " nan); 2 x 10, fold 0, seed 1 (epoch 1: the loss is inf)"
    )


def test_predictions_that_contradict_the_training_are_told_beside_what_failed(tmp_path):
    trials = made(tmp_path)
    trials.answer(SECOND, LABELS, np.eye(4)[3 - LABELS])
    trials.write(THIRD, failed="epoch 1: the loss is inf")
    assert refused(trials) == (
        "1 of 3 trainings failed, the rest finished: 2 x 10, fold 0, seed 1 (epoch 1: the loss is"
        " inf); the predictions of 1 of 3 trials contradict their training: 2 x 9, fold 0, seed 1:"
        " training reported an accuracy of 0.7500, the predictions give 0.0000 on 40 images;"
        f" delete {trials.results.validation(SECOND).parent} and run again"
    )


def test_trials_of_any_factors_are_counted_and_named_by_their_levels(tmp_path):
    trials = made(tmp_path, MIXED)
    assert check(trials) == {"trainings": 6}
    (tmp_path / "check.json").unlink()
    trials.fail((2, 8, "sgd", 0.0, 1, 5))
    trials.answer((2, 8, "adamw", 0.25, 0, 5), LABELS, np.eye(4)[3 - LABELS])
    told = refused(trials)
    failed, wrong = told.split("; the predictions of ")
    assert failed == (
        "1 of 6 trainings failed, the rest finished: sgd, dropout 0, fold 1, seed 5 (epoch 1: nan)"
    )
    assert wrong.startswith(
        "1 of 6 trials contradict their training: adamw, dropout 0.25, fold 0, seed 5: training"
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory, network):
    """A trained network's file, the accuracy that it reported, and its validation images."""
    from digits.training import fit
    from digits.training.loop import Tensor

    path = tmp_path_factory.mktemp("trained") / "model.keras"
    generator = np.random.default_rng(3)
    labels = generator.integers(4, size=400).astype(np.uint8)
    images = generator.integers(0, 256, (4, 5, 4))[labels] // 2
    images = (images + generator.integers(0, 100, images.shape)).astype(np.uint8)
    model = network.build_network((5, 4), 4, layers=1, nodes=16, dropout=0.1, seeds=[1, 2])
    parts = [(images[part], labels[part]) for part in (slice(300), slice(300, None))]
    trainer = fit.Trainer(fit.Recipe(epochs=5, batch_size=8, optimizer="adam"))
    source, validation = (Tensor.side_by_side([part])[0] for part in parts)
    (outcome,) = trainer.train([fit.Network(model, source, validation, fit.Stream((1,)))])
    network.save_network(model, path)
    reported = outcome.best.val_accuracy
    assert reported > 0.9
    return path, reported, ImageTable(*parts[1], np.arange(100, dtype=np.int32))


@pytest.mark.parametrize("permuted", [False, True])
def test_a_network_that_sees_pixels_in_another_order_is_caught(trained, tmp_path, permuted):
    model, reported, table = trained
    images = table.images.transpose(0, 2, 1).reshape(table.images.shape)
    shown = ImageTable(images, table.labels, table.rows) if permuted else table
    one = replace(DESIGN.only((2, 8)), folds=FIRST[-2:-1], seeds=FIRST[-1:])
    trials = Trials(tmp_path, one)
    trials.write(FIRST, best_val_accuracy=reported)
    write_images(trials.results.part(0, "validation"), shown)
    trials.results.model(FIRST).symlink_to(model)
    predict_cell.main([f"--results={tmp_path}", f"--design={one.as_text()}"])
    if permuted:
        assert "2 x 8, fold 0, seed 1: training reported" in refused(trials)
    else:
        assert check(trials) == {"trainings": 1}
