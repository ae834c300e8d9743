"""Class probabilities from a saved network, in NumPy: importing TensorFlow costs seconds a process.

Only the layers that ``digits.network`` builds are known; a file with any other is refused, and
nothing in a file is ever executed.
"""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

from digits.errors import DataError
from digits.images import Images


def softmax(values: np.ndarray) -> np.ndarray:
    """Return the softmax over the last axis."""
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda values: np.maximum(values, 0),
    "softmax": softmax,
}


def read_network(path: Path) -> Callable[[np.ndarray], np.ndarray]:
    """Read a saved network as a function from images to class probabilities.

    Returns
    -------
    function from uint8 images of shape (n, height, width) to float32 of shape (n, classes)

    Raises
    ------
    DataError
        If the file is missing, damaged, or holds a layer that is not one of the project's.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            model = json.loads(archive.read("config.json"))
            if model["class_name"] != "Sequential":
                raise ValueError("its layers do not follow one another")
            layers = model["config"]["layers"]
            with h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as weights:
                steps = [step for layer in _named(layers) for step in _step(*layer, weights)]
    except Exception as error:  # a damaged archive, JSON or HDF5 can raise almost anything
        raise DataError(
            f"{path}: not a readable network ({error}); delete it and run again"
        ) from None

    def predict(images: np.ndarray) -> np.ndarray:
        values = images
        for step in steps:
            values = step(values)
        return values

    return predict


def predict_probabilities(network: Callable[[np.ndarray], np.ndarray], table: Images) -> np.ndarray:
    """Apply a network to a table of images, chunk by chunk."""
    return np.concatenate([network(chunk.images) for chunk in table.chunks()])


def _named(layers: list[dict]) -> list[tuple[str, dict, str]]:
    # Keras files weights under the layer's class and its number among its kind: dense, dense_1 …
    named, seen = [], {}
    for layer in layers:
        kind = layer["class_name"]
        number = seen[kind] = seen.get(kind, -1) + 1
        group = f"layers/{kind.lower()}" + (f"_{number}" if number else "")
        named.append((kind, layer["config"], group))
    return named


def _step(
    kind: str, config: dict, group: str, weights: h5py.File
) -> list[Callable[[np.ndarray], np.ndarray]]:
    if kind in {"InputLayer", "Dropout"}:
        return []
    if kind == "Rescaling":
        scale, offset = np.float32(config["scale"]), np.float32(config["offset"])
        return [lambda values: values * scale + offset]
    if kind == "Flatten":
        return [lambda values: values.reshape(len(values), -1)]
    if kind == "Dense":
        kernel, bias = weights[f"{group}/vars/0"][:], weights[f"{group}/vars/1"][:]
        activation = ACTIVATIONS[config["activation"]]
        return [lambda values: activation(values @ kernel + bias)]
    raise ValueError(f"unknown layer {kind}")
