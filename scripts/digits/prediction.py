"""Class probabilities from a saved network, in NumPy: importing TensorFlow costs seconds a process.

Only the layers that ``digits.network`` builds are known; a file with any other is refused, and
nothing in a file is ever executed.
"""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Rescaling:
    """A layer that maps every value x to scale * x + offset."""

    scale: np.float32
    offset: np.float32

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Apply the layer to any array; uint8 becomes float32."""
        return values * self.scale + self.offset


@dataclass(frozen=True)
class Flatten:
    """A layer that lays out each image row by row."""

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Apply the layer to an array of shape (n, ...)."""
        return values.reshape(len(values), -1)


@dataclass(frozen=True)
class Dense:
    """A fully connected layer.

    Attributes
    ----------
    kernel : float32 array of shape (inputs, outputs)
    bias : float32 array of shape (outputs,)
    activation : a name of ``ACTIVATIONS``
    """

    kernel: np.ndarray
    bias: np.ndarray
    activation: str

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Apply the layer to an array of shape (n, inputs)."""
        return ACTIVATIONS[self.activation](values @ self.kernel + self.bias)


Layer = Rescaling | Flatten | Dense


def read_layers(path: Path) -> list[Layer]:
    """Read a saved network as the layers that an image goes through, one after the other.

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
                return [layer for named in _named(layers) for layer in _layer(*named, weights)]
    except Exception as error:  # a damaged archive, JSON or HDF5 can raise almost anything
        raise DataError(
            f"{path}: not a readable network ({error}); delete it and run again"
        ) from None


def read_network(path: Path) -> Callable[[np.ndarray], np.ndarray]:
    """Read a saved network as a function from images to class probabilities.

    Returns
    -------
    function from uint8 images of shape (n, height, width) to float32 of shape (n, classes)

    Raises
    ------
    DataError
        As :func:`read_layers`.
    """
    layers = read_layers(path)

    def predict(images: np.ndarray) -> np.ndarray:
        values = images
        try:
            for layer in layers:
                values = layer(values)
        except ValueError:  # by a product of matrices that do not fit
            shape = " x ".join(map(str, images.shape[1:]))
            raise DataError(
                f"{path}: no network for images of {shape}; delete it and run again"
            ) from None
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


def _layer(kind: str, config: dict, group: str, weights: h5py.File) -> list[Layer]:
    if kind in {"InputLayer", "Dropout"}:
        return []
    if kind == "Rescaling":
        return [Rescaling(np.float32(config["scale"]), np.float32(config["offset"]))]
    if kind == "Flatten":
        return [Flatten()]
    if kind == "Dense":
        if config["activation"] not in ACTIVATIONS:
            raise ValueError(f"unknown activation {config['activation']!r}")
        kernel, bias = weights[f"{group}/vars/0"][:], weights[f"{group}/vars/1"][:]
        return [Dense(kernel, bias, config["activation"])]
    raise ValueError(f"unknown layer {kind}")
