"""The multilayer perceptron of a cell: building it in Keras, and saving it."""

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np

from digits.core.atomic_files import replacing

UNIT = (1 / 255, 0.0)
"""The scaling of grey levels to 0-1."""

AT_ONCE = 8192
"""Images counted at a time, which bounds the memory."""


def input_scaling(name: str, images: np.ndarray) -> tuple[float, float]:
    """Return how the networks' inputs are scaled: the ``scale`` and ``offset`` of grey levels.

    unit: to 0-1. centered: to -1 to 1. standard: to mean 0 and standard deviation 1 over all pixels
    (in colour over all channels) of all training images; to mean 0 alone, where all are equal.

    Parameters
    ----------
    images : uint8 array of shape (n, ...), the training images
    """
    if name == "unit":
        return UNIT
    if name == "centered":
        return 1 / 127.5, -1.0
    counts = np.zeros(256, np.int64)
    for start in range(0, len(images), AT_ONCE):
        counts += np.bincount(images[start : start + AT_ONCE].ravel(), minlength=256)
    levels = np.arange(256)
    average = (counts @ levels) / counts.sum()
    deviation = np.sqrt(counts @ (levels - average) ** 2 / counts.sum()) or 1.0
    return float(1 / deviation), float(-average / deviation)


def build_network(
    image_shape: tuple[int, ...],
    classes: int,
    *,
    layers: int,
    nodes: int,
    dropout: float,
    seeds: list[int],
    activation: str = "relu",
    scaling: tuple[float, float] = UNIT,
) -> keras.Model:
    """Build a network from images as they are stored to class probabilities.

    Rescaling, flattening, then ``layers`` times Dense(``nodes``) with an activation and Dropout,
    then Dense(``classes``, softmax), with Keras's default initial weights.

    Parameters
    ----------
    image_shape : (height, width), or (height, width, 3) in colour
    activation : of the hidden layers, by Keras's name
    scaling : see :func:`input_scaling`
    seeds : a seed for the initial weights of each of the ``layers`` + 1 Dense layers

    Returns
    -------
    model from uint8 images of shape (n, *image_shape) to float32 of shape (n, classes)
    """
    *hidden_seeds, output_seed = seeds
    scale, offset = scaling
    stack = [
        keras.Input(image_shape, dtype="uint8", name="image"),
        keras.layers.Rescaling(scale, offset, name="rescaling"),
        keras.layers.Flatten(name="flatten"),
    ]
    for number, seed in zip(range(1, layers + 1), hidden_seeds, strict=True):
        initializer = keras.initializers.GlorotUniform(seed)
        stack += [
            keras.layers.Dense(
                nodes, activation, kernel_initializer=initializer, name=f"hidden{number}"
            ),
            # The seed does not matter: the training loop draws the masks itself.
            keras.layers.Dropout(dropout, seed=number, name=f"dropout{number}"),
        ]
    initializer = keras.initializers.GlorotUniform(output_seed)
    stack.append(
        keras.layers.Dense(classes, "softmax", kernel_initializer=initializer, name="probabilities")
    )
    return keras.Sequential(stack, name=f"mlp{layers}x{nodes}")


def save_network(model: keras.Model, path: Path) -> None:
    """Save a model in Keras's format; the same weights give the same bytes.

    Keras includes the time of saving and addresses of Python objects; both are removed.
    """
    with replacing(path) as temporary, _scratch_folder(path) as folder:
        saved = folder / "model.keras"
        model.save(saved)
        with zipfile.ZipFile(saved) as source, zipfile.ZipFile(temporary, "w") as target:
            for name in sorted(source.namelist()):
                content = source.read(name)
                if name.endswith(".json"):
                    content = json.dumps(json.loads(content, object_hook=_lasting)).encode()
                target.writestr(zipfile.ZipInfo(name), content)


@contextmanager
def _scratch_folder(path: Path) -> Iterator[Path]:
    """Create a folder beside ``path`` for all temporary files, those of Keras included.

    The system's temporary folder may be full or too small for a network.
    """
    folder = path.with_name(f".{path.name}.saving")
    shutil.rmtree(folder, ignore_errors=True)  # left by a killed process
    folder.mkdir()
    usual = tempfile.tempdir
    try:
        tempfile.tempdir = str(folder)
        yield folder
    finally:
        tempfile.tempdir = usual
        shutil.rmtree(folder, ignore_errors=True)


def _lasting(values: dict[str, Any]) -> dict[str, Any]:
    passing = {"date_saved", "shared_object_id"}
    return {key: value for key, value in values.items() if key not in passing}
