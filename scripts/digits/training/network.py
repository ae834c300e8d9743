"""The multilayer perceptron of a cell: building it in Keras, and saving it reproducibly."""

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras

from digits.core.atomic_files import replacing


def build_network(
    image_shape: tuple[int, int],
    classes: int,
    *,
    layers: int,
    nodes: int,
    dropout: float,
    seeds: list[int],
) -> keras.Model:
    """Build a network from images as they are stored to class probabilities.

    Rescaling to 0-1, flattening, then ``layers`` times Dense(``nodes``, ReLU) and Dropout, then
    Dense(``classes``, softmax), with Keras's default initial weights.

    Parameters
    ----------
    seeds : a seed for the initial weights of each of the ``layers`` + 1 Dense layers

    Returns
    -------
    model from uint8 images of shape (n, height, width) to float32 of shape (n, classes)
    """
    *hidden_seeds, output_seed = seeds
    stack = [
        keras.Input(image_shape, dtype="uint8", name="image"),
        keras.layers.Rescaling(1 / 255, name="rescaling"),
        keras.layers.Flatten(name="flatten"),
    ]
    for number, seed in zip(range(1, layers + 1), hidden_seeds, strict=True):
        initializer = keras.initializers.GlorotUniform(seed)
        stack += [
            keras.layers.Dense(
                nodes, "relu", kernel_initializer=initializer, name=f"hidden{number}"
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
