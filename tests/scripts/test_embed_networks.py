"""The program that writes the networks for the report page."""

import base64
import json

import numpy as np
import pytest
from image_files import write_images

import embed_networks
from digits.core.design import Design
from digits.core.errors import DataError
from digits.core.results_folder import ResultsFolder
from digits.data.image_tables import ImageTable
from digits.evaluation.inference import Dense, predict_probabilities, read_layers, read_network
from digits.evaluation.predictions import write_probabilities

CLASSES = 3
GENERATOR = np.random.default_rng(3)
IMAGES = {fold: GENERATOR.integers(0, 256, (30, 5, 4), dtype=np.uint8) for fold in (0, 1)}
LABELS = GENERATOR.integers(0, CLASSES, 30).astype(np.uint8)
ROWS = np.arange(30, dtype=np.int32) * 2
METRICS = {"epochs": 1, "training_seconds": 1.0, "cpu_seconds": 1.0, "accuracy": 0.5}
METRICS |= {"val_accuracy": 0.5, "val_loss": 1.0, "best_epoch": 1, "best_val_accuracy": 0.5}
METRICS |= {"parameters": 100, "images_per_second": 9, "device": "CPU", "versions": {}}


DESIGN = Design({"layers": (3, 4), "nodes": (7,)}, folds=(0, 1), seeds=(1,))


@pytest.fixture
def folder(tmp_path, saved_network):
    """Two cells on two folds; the first cell failed on the first fold."""
    folder = ResultsFolder(tmp_path, DESIGN)
    for fold, images in IMAGES.items():
        path = folder.part(fold, "validation")
        path.parent.mkdir(parents=True)
        write_images(path, ImageTable(images, LABELS, ROWS))
    for trial in DESIGN.trials:
        layers, _, fold, _ = trial
        folder.metrics(trial).parent.mkdir(parents=True)
        metrics = dict(zip(DESIGN.trial_columns, trial, strict=True)) | METRICS
        metrics["failed"] = "the loss is no number" if (layers, fold) == (3, 0) else None
        folder.metrics(trial).write_text(json.dumps(metrics))
        folder.model(trial).write_bytes(saved_network[1].read_bytes())
        found = predict_probabilities(read_network(saved_network[1]), ImageTable(IMAGES[fold]))
        write_probabilities(folder.validation(trial), {"row": ROWS, "label": LABELS}, found)
    return folder


def embed(folder):
    output = folder.path / "networks.json"
    given = [f"--results={folder.path}", f"--design={folder.design.as_text()}"]
    embed_networks.main([*given, f"--classes={CLASSES}", f"--output={output}"])
    return json.loads(output.read_text())


def test_each_cell_gives_its_first_good_network(folder, saved_network):
    found = embed(folder)
    trials = [(network["layers"], network["fold"]) for network in found["networks"]]
    assert trials == [(3, 1), (4, 0)]
    assert (found["failed"], found["too_large"], found["behind"]) == ([], [], [])
    assert (found["classes"], found["image_shape"]) == (["0", "1", "2"], [5, 4])
    layers = [layer for layer in read_layers(saved_network[1]) if isinstance(layer, Dense)]
    written = [layer for layer in found["networks"][0]["stack"] if "kernel" in layer]
    for layer, data in zip(layers, written, strict=True):
        kernel = np.frombuffer(base64.b64decode(data["kernel"]), "<f2").reshape(-1, data["units"])
        np.testing.assert_allclose(kernel, layer.kernel, rtol=1e-3, atol=1e-6)


def test_the_images_are_those_of_the_first_fold_the_hardest_first(folder, saved_network):
    found = embed(folder)["images"]
    assert found["fold"] == 0
    probabilities = saved_network[0].predict(IMAGES[0], verbose=0)
    at = np.searchsorted(ROWS, found["rows"])
    assert LABELS[at].tolist() == found["labels"]
    assert base64.b64decode(found["pixels"]) == IMAGES[0][at].tobytes()
    true = probabilities[at, found["labels"]]
    assert len(at) == 30
    assert (np.diff(true) > -1e-6).all() and true[0] < true[-1]


def test_the_same_inputs_give_the_same_bytes(folder):
    embed(folder)
    first = (folder.path / "networks.json").read_bytes()
    embed(folder)
    assert (folder.path / "networks.json").read_bytes() == first


def test_if_all_trainings_failed_there_is_no_network_and_no_image(folder):
    for path in folder.path.glob("cells/*/*/metrics.json"):
        path.write_text(path.read_text().replace('"failed": null', '"failed": "nan"'))
    found = embed(folder)
    assert (found["networks"], found["images"]["labels"]) == ([], [])
    assert found["failed"] == [{"layers": 3, "nodes": 7}, {"layers": 4, "nodes": 7}]


def test_predictions_of_other_images_are_refused(folder):
    path = folder.validation((4, 7, 0, 1))
    write_probabilities(path, {"row": ROWS + 1, "label": LABELS}, np.full((30, 3), 1 / 3))
    with pytest.raises(
        DataError, match=r"layers-4_nodes-7/fold-0_seed-1/validation\.parquet: not of the images of"
    ):
        embed(folder)
    assert not (folder.path / "networks.json").exists()
