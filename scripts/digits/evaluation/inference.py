"""Class probabilities from a saved network, in NumPy: importing TensorFlow costs seconds a process.

Only networks as ``digits.training.network`` builds them are known; a file with any other is
refused, and nothing in a file is ever executed. Nor is anything read that lies outside of it, or
that takes more memory than the file is large.
"""

import io
import json
import math
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from threadpoolctl import threadpool_limits

from digits.core.intermediate_files import ContentError, reading
from digits.data.image_tables import Images


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

MOST = float(np.finfo(np.float32).max)
"""The largest number in single precision."""


def read_layers(path: Path) -> list[Layer]:
    """Read a saved network as the layers that an image goes through, one after the other.

    Raises
    ------
    DataError
        If the file is missing, damaged, or holds a network that is not one of the project's.
    """
    with reading(path):
        with zipfile.ZipFile(path) as archive:
            model = json.loads(_member(archive, "config.json"))
            if model["class_name"] != "Sequential":
                raise ContentError("its layers do not follow one another")
            named = _named(model["config"]["layers"])
            with h5py.File(io.BytesIO(_member(archive, "model.weights.h5"))) as weights:
                link = weights.visititems_links(_elsewhere)
                if link:
                    raise ContentError(f"{link} is a link")
                layers = [layer for each in named for layer in _layer(*each, weights)]
        _check(layers)
    return layers


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
    inputs, _ = sizes(layers)

    def predict(images: np.ndarray) -> np.ndarray:
        pixels = math.prod(images.shape[1:])
        with reading(path):
            if pixels != inputs:
                raise ContentError(
                    f"expected a network for {pixels} pixels, found one for {inputs}"
                )
        values = images
        for layer in layers:
            values = layer(values)
        return values

    return predict


def sizes(layers: list[Layer]) -> tuple[int, int]:
    """Return how many pixels a network takes, and of how many classes it tells."""
    dense = [layer for layer in layers if isinstance(layer, Dense)]
    return len(dense[0].kernel), len(dense[-1].bias)


def predict_probabilities(network: Callable[[np.ndarray], np.ndarray], table: Images) -> np.ndarray:
    """Apply a network to a table of images, chunk by chunk.

    One thread does it: how many share a product of matrices decides how its sums are rounded.
    """
    with threadpool_limits(1):
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


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Read a member that is stored as it is, as Keras does: it cannot grow beyond the file."""
    if archive.getinfo(name).compress_type != zipfile.ZIP_STORED:
        raise ContentError(f"{name} is compressed")
    return archive.read(name)


def _elsewhere(name: str, link: object) -> str | None:
    """Return the name of a link to something by its name, in this file or in another one."""
    return None if isinstance(link, h5py.HardLink) else repr(name)


def _layer(kind: str, config: dict, group: str, weights: h5py.File) -> list[Layer]:
    if kind in {"InputLayer", "Dropout"}:
        return []
    if kind == "Rescaling":
        numbers = [config["scale"], config["offset"]]
        if not all(isinstance(number, int | float) and abs(number) <= MOST for number in numbers):
            raise ContentError(f"no rescaling by {numbers[0]!r:.20} and {numbers[1]!r:.20}")
        return [Rescaling(*map(np.float32, numbers))]
    if kind == "Flatten":
        if config.get("data_format", "channels_last") != "channels_last":
            raise ContentError("pixels are not in the order of the image")
        return [Flatten()]
    if kind == "Dense":
        if config["activation"] not in ACTIVATIONS:
            raise ContentError(f"unknown activation {config['activation']!r:.40}")
        kernel = _array(weights, f"{group}/vars/0", 2)
        return [Dense(kernel, _array(weights, f"{group}/vars/1", 1), config["activation"])]
    raise ContentError(f"unknown layer {kind!r:.40}")


def _array(weights: h5py.File, name: str, dimensions: int) -> np.ndarray:
    """Read finite float32 numbers that lie in the file itself, one by one."""
    data = weights[name]
    if not isinstance(data, h5py.Dataset) or data.external or data.is_virtual:
        raise ContentError(f"{name} is not stored in the file")
    if data.dtype != np.float32 or data.ndim != dimensions or not data.size:
        raise ContentError(f"{name} is no array of {dimensions} dimensions in single precision")
    # Chunks need not be there, or may all be the same one: a small file could fill the memory.
    if data.chunks or data.id.get_storage_size() != data.nbytes:
        raise ContentError(f"{name} is not stored number by number")
    values = data[:]
    if not np.isfinite(values).all():
        raise ContentError(f"{name} holds what is no number")
    return values


def _check(layers: list[Layer]) -> None:
    """Check that layers follow one another as ``digits.training.network`` has them, and fit."""
    dense = [layer for layer in layers if isinstance(layer, Dense)]
    kinds = [Rescaling, Flatten, *[Dense] * len(dense)]
    if not dense or [type(layer) for layer in layers] != kinds:
        raise ContentError("its layers are not rescaling, flattening and then dense ones")
    if dense[-1].activation != "softmax":
        raise ContentError("its last layer gives no probabilities")
    outputs = [layer.kernel.shape[1] for layer in dense]
    if outputs != [len(layer.bias) for layer in dense] or outputs[:-1] != [
        len(layer.kernel) for layer in dense[1:]
    ]:
        raise ContentError("its layers do not fit each other")
