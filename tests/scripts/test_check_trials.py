"""The program check_trials."""

import json
import shutil

import numpy as np
import pytest

import check_trials
import predict_cell
from digits.core.errors import TrainingError
from digits.data.image_tables import ImageTable, write_images
from digits.evaluation.predictions import write_probabilities
from digits.evaluation.trials import RESULTS

LABELS = np.arange(40, dtype=np.uint8) % 4


def metrics(folder, **failed):
    """Write trials with 30 of 40 images correct, some of them failed, and their predictions."""
    written = []
    probabilities = np.eye(4, dtype=np.float32)[np.where(np.arange(40) < 30, LABELS, 3 - LABELS)]
    for nodes, (name, message) in enumerate(failed.items(), start=8):
        trial = {"layers": 2, "nodes": nodes, "fold": 0, "seed": 1, "failed": message}
        about = dict.fromkeys(RESULTS, 1) | {"device": "CPU", "best_val_accuracy": 0.75}
        written.append(folder / name / "metrics.json")
        written[-1].parent.mkdir()
        written[-1].write_text(json.dumps(about | trial))
        predict(folder / name, probabilities)
    return written


def predict(trial, probabilities):
    keys = {"row": np.arange(40, dtype=np.int32), "label": LABELS}
    write_probabilities(trial / "validation.parquet", keys, probabilities)


def check(folder, paths):
    predictions = [path.with_name("validation.parquet") for path in paths]
    check_trials.main(
        ["--metrics", *map(str, paths), "--predictions", *map(str, predictions),
         f"--output={folder}/check.json"]
    )  # fmt: skip


def refused(folder, paths):
    with pytest.raises(TrainingError) as raised:
        check(folder, paths)
    assert not (folder / "check.json").exists()
    return str(raised.value)


def test_trainings_that_all_ended_are_counted(tmp_path):
    check(tmp_path, metrics(tmp_path, a=None, b=None))
    assert json.loads((tmp_path / "check.json").read_text()) == {"trainings": 2}


def test_failed_trainings_are_named_in_one_line_with_what_happened(tmp_path):
    paths = metrics(tmp_path, a=None, b="epoch 3: the loss is nan", c="epoch 1: the loss is inf")
    assert refused(tmp_path, paths) == (
        "2 of 3 trainings failed, the rest finished: 2 x 9, fold 0, seed 1 (epoch 3: the loss is"
        " nan); 2 x 10, fold 0, seed 1 (epoch 1: the loss is inf)"
    )


def test_predictions_that_contradict_the_training_are_told_beside_what_failed(tmp_path):
    paths = metrics(tmp_path, a=None, b=None, c="epoch 1: the loss is inf")
    predict(tmp_path / "b", np.eye(4, dtype=np.float32)[3 - LABELS])
    assert refused(tmp_path, paths) == (
        "1 of 3 trainings failed, the rest finished: 2 x 10, fold 0, seed 1 (epoch 1: the loss is"
        " inf); the predictions of 1 of 3 trials contradict their training: 2 x 9, fold 0, seed 1:"
        " training reported an accuracy of 0.7500, the predictions give 0.0000 on 40 images;"
        f" delete {tmp_path}/b and run again"
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory, network):
    """A network that was trained, its metrics, and the validation images it was judged on."""
    from digits.training import fit

    folder = tmp_path_factory.mktemp("trained")
    generator = np.random.default_rng(3)
    labels = generator.integers(4, size=400).astype(np.uint8)
    images = generator.integers(0, 256, (4, 5, 4))[labels] // 2
    images = (images + generator.integers(0, 100, images.shape)).astype(np.uint8)
    model = network.build_network((5, 4), 4, layers=1, nodes=16, dropout=0.1, seeds=[1, 2])
    parts = [(images[part], labels[part]) for part in (slice(300), slice(300, None))]
    recipe = fit.Recipe(epochs=5, batch_size=8, optimizer="adam")
    history = fit.train(model, *parts, recipe=recipe, stream=fit.Stream((1,)))
    network.save_network(model, folder / "model.keras")
    (path,) = metrics(folder, trial=None)
    reported = min(history, key=lambda epoch: epoch.val_loss).val_accuracy
    assert reported > 0.9
    about = json.loads(path.read_text()) | {"best_val_accuracy": reported}
    path.write_text(json.dumps(about))
    return folder, ImageTable(*parts[1], np.arange(100, dtype=np.int32))


@pytest.mark.parametrize("permuted", [False, True])
def test_a_network_that_sees_pixels_in_another_order_is_caught(trained, tmp_path, permuted):
    folder, table = trained
    images = table.images.transpose(0, 2, 1).reshape(table.images.shape)
    shown = ImageTable(images, table.labels, table.rows) if permuted else table
    write_images(tmp_path / "images.parquet", shown)
    write_images(tmp_path / "test.parquet", ImageTable(table.images))
    shutil.copytree(folder / "trial", tmp_path / "trial")
    predict_cell.main(
        [f"--model={folder}/model.keras", f"--validation={tmp_path}/images.parquet",
         f"--test={tmp_path}/test.parquet", f"--test-output={tmp_path}/out.parquet",
         f"--validation-output={tmp_path}/trial/validation.parquet"]
    )  # fmt: skip
    if permuted:
        assert "2 x 8, fold 0, seed 1: training reported" in refused(
            tmp_path, [tmp_path / "trial/metrics.json"]
        )
    else:
        check(tmp_path, [tmp_path / "trial/metrics.json"])
