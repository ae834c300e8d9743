"""Class probabilities from a saved network, in NumPy: importing TensorFlow takes seconds.

Only networks as ``digits.training.network`` builds them are supported; a file with any other is
refused. Nothing in a file is executed, nothing outside the file is read, and reading takes no more
memory than the file's size.
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
    """Return the softmax over the last axis of an array of any shape."""
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def elu(values: np.ndarray) -> np.ndarray:
    """Return the exponential linear unit of values."""
    return np.where(values > 0, values, np.expm1(np.minimum(values, 0)))


def selu(values: np.ndarray) -> np.ndarray:
    """Return the scaled exponential linear unit: Klambauer et al. (2017), arXiv:1706.02515."""
    scale, alpha = np.float32(1.0507009873554805), np.float32(1.6732632423543772)
    return scale * np.where(values > 0, values, alpha * np.expm1(np.minimum(values, 0)))


def gelu(values: np.ndarray) -> np.ndarray:
    """Return the Gaussian error linear unit, in its exact form."""
    from scipy.special import erf  # importing it takes longer than most networks need

    return values * (1 + erf(values * np.float32(math.sqrt(0.5)))) / 2


def silu(values: np.ndarray) -> np.ndarray:
    """Return values times their logistic function, in a form that does not overflow."""
    return values * (1 + np.tanh(values / 2)) / 2


ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda values: np.maximum(values, 0),
    "elu": elu,
    "selu": selu,
    "gelu": gelu,
    "silu": silu,
    "tanh": np.tanh,
    "softmax": softmax,
}
"""The activations of the networks that the project builds, by Keras's names."""


@dataclass(frozen=True)
class Rescaling:
    """A layer that maps each value x to scale * x + offset."""

    scale: np.float32
    offset: np.float32

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Apply the layer to any array; uint8 becomes float32."""
        return values * self.scale + self.offset


@dataclass(frozen=True)
class Flatten:
    """A layer that flattens each image row by row."""

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
    activation : a key of ``ACTIVATIONS``
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
    """Read a saved network as a list of layers, to be applied in order.

    Raises
    ------
    DataError
        If the file is missing, damaged, or does not contain a network of this project.
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
                stack = [layer for each in named for layer in _layer(*each, weights)]
        _check(stack)
    return stack


def read_network(path: Path) -> Callable[[np.ndarray], np.ndarray]:
    """Read a saved network as a function from images to class probabilities.

    Returns
    -------
    function from uint8 images of shape (n, *image_shape) to float32 of shape (n, classes)

    Raises
    ------
    DataError
        As :func:`read_layers`.
    """
    stack = read_layers(path)
    inputs, _ = sizes(stack)

    def predict(images: np.ndarray) -> np.ndarray:
        pixels = math.prod(images.shape[1:])
        with reading(path):
            if pixels != inputs:
                raise ContentError(
                    f"expected a network for {pixels} pixels, found one for {inputs}"
                )
        values = images
        for layer in stack:
            values = layer(values)
        return values

    return predict


def sizes(stack: list[Layer]) -> tuple[int, int]:
    """Return the number of pixels that a network takes, and of classes that it predicts."""
    dense = [layer for layer in stack if isinstance(layer, Dense)]
    return len(dense[0].kernel), len(dense[-1].bias)


def predict_probabilities(network: Callable[[np.ndarray], np.ndarray], table: Images) -> np.ndarray:
    """Apply a network to a table of images, chunk by chunk.

    It uses one thread, because the number of threads in a matrix product affects its rounding.

    Returns
    -------
    float32 array of shape (n, classes)
    """
    with threadpool_limits(1):
        return np.concatenate([network(chunk.images) for chunk in table.chunks()])


def _named(stack: list[dict]) -> list[tuple[str, dict, str]]:
    # Keras names weights by the layer's class and its number in that class: dense, dense_1 …
    named, seen = [], {}
    for layer in stack:
        kind = layer["class_name"]
        number = seen[kind] = seen.get(kind, -1) + 1
        group = f"layers/{kind.lower()}" + (f"_{number}" if number else "")
        named.append((kind, layer["config"], group))
    return named


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Read a member that is uncompressed, as Keras writes it, so it cannot exceed the file."""
    if archive.getinfo(name).compress_type != zipfile.ZIP_STORED:
        raise ContentError(f"{name} is compressed")
    return archive.read(name)


def _elsewhere(name: str, link: object) -> str | None:
    """Return the name of a soft or external link; None for a hard link."""
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
    """Read an array of finite float32 numbers that is stored contiguously in the file itself."""
    data = weights[name]
    if not isinstance(data, h5py.Dataset) or data.external or data.is_virtual:
        raise ContentError(f"{name} is not stored in the file")
    if data.dtype != np.float32 or data.ndim != dimensions or not data.size:
        raise ContentError(f"{name} is no array of {dimensions} dimensions in single precision")
    # Chunks may be missing or shared, so a small file could fill the memory.
    if data.chunks or data.id.get_storage_size() != data.nbytes:
        raise ContentError(f"{name} is not stored number by number")
    values = data[:]
    if not np.isfinite(values).all():
        raise ContentError(f"{name} contains NaN or infinity")
    return values


def _check(stack: list[Layer]) -> None:
    """Check that the layers have the order of ``digits.training.network`` and matching shapes."""
    dense = [layer for layer in stack if isinstance(layer, Dense)]
    kinds = [Rescaling, Flatten, *[Dense] * len(dense)]
    if not dense or [type(layer) for layer in stack] != kinds:
        raise ContentError("its layers are not rescaling, flattening and then dense ones")
    if dense[-1].activation != "softmax":
        raise ContentError("its last layer gives no probabilities")
    outputs = [layer.kernel.shape[1] for layer in dense]
    if outputs != [len(layer.bias) for layer in dense] or outputs[:-1] != [
        len(layer.kernel) for layer in dense[1:]
    ]:
        raise ContentError("its layers do not fit each other")
