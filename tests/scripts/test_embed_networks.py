"""The program that writes the networks for the report page."""

import base64
import json

import numpy as np
import pytest

import embed_networks
from digits.core.errors import DataError
from digits.data.image_tables import ImageTable, write_images
from digits.evaluation.inference import Dense, predict_probabilities, read_layers, read_network
from digits.evaluation.predictions import write_probabilities

CLASSES = 3
GENERATOR = np.random.default_rng(3)
IMAGES = {fold: GENERATOR.integers(0, 256, (30, 5, 4), dtype=np.uint8) for fold in (0, 1)}
LABELS = GENERATOR.integers(0, CLASSES, 30).astype(np.uint8)
ROWS = np.arange(30, dtype=np.int32) * 2


@pytest.fixture
def folder(tmp_path, saved_network):
    """Two cells on two folds; the first cell failed on the first fold."""
    for fold, images in IMAGES.items():
        write_images(tmp_path / f"fold-{fold}.parquet", ImageTable(images, LABELS, ROWS))
    for layers in (3, 4):
        for fold, images in IMAGES.items():
            place = tmp_path / f"{layers}-{fold}"
            place.mkdir()
            failed = "the loss is no number" if (layers, fold) == (3, 0) else None
            metrics = {"layers": layers, "nodes": 7, "fold": fold, "seed": 1, "failed": failed}
            metrics |= {"parameters": 100, "val_accuracy": 0.5}
            (place / "metrics.json").write_text(json.dumps(metrics))
            (place / "model.keras").write_bytes(saved_network[1].read_bytes())
            found = predict_probabilities(read_network(saved_network[1]), ImageTable(images))
            write_probabilities(place / "validation.parquet", {"row": ROWS, "label": LABELS}, found)
    return tmp_path


def embed(folder):
    arguments = ["--metrics", *sorted(map(str, folder.glob("*/metrics.json")))]
    arguments += ["--folds", "0", "1", "--classes", str(CLASSES)]
    arguments += ["--validation", *(str(folder / f"fold-{fold}.parquet") for fold in (0, 1))]
    embed_networks.main([*arguments, "--output", str(folder / "networks.json")])
    return json.loads((folder / "networks.json").read_text())


def test_each_cell_gives_its_first_good_network(folder, saved_network):
    found = embed(folder)
    trials = [(network["layers"], network["fold"]) for network in found["networks"]]
    assert trials == [(3, 1), (4, 0)]
    assert (found["failed"], found["too_large"]) == ([], [])
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
    first = (folder / "networks.json").read_bytes()
    embed(folder)
    assert (folder / "networks.json").read_bytes() == first


def test_if_all_trainings_failed_there_is_no_network_and_no_image(folder):
    for path in folder.glob("*/metrics.json"):
        path.write_text(path.read_text().replace('"failed": null', '"failed": "nan"'))
    found = embed(folder)
    assert (found["networks"], found["images"]["labels"]) == ([], [])
    assert [cell["layers"] for cell in found["failed"]] == [3, 4]


def test_predictions_of_other_images_are_refused(folder):
    path = folder / "4-0" / "validation.parquet"
    write_probabilities(path, {"row": ROWS + 1, "label": LABELS}, np.full((30, 3), 1 / 3))
    with pytest.raises(DataError, match=r"4-0/validation\.parquet: not of the images of"):
        embed(folder)
    assert not (folder / "networks.json").exists()
