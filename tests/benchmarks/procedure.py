"""The published procedure as a plain script, to measure the workflow against.

What a data scientist's notebook does: pandas reads the CSVs, Keras's own layers augment the
training part of the first fold, ``model.fit`` trains the six cells one after the other with all
cores, and each cell gets its plots and its submission. Nothing is checked, cached or resumed.
How long each stage took, by the clock and on all processors, is printed as JSON at the end.
"""

import argparse
import json
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from keras import layers
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import StratifiedKFold

SEED = 422
CELLS = [(2, 100), (2, 200), (3, 100), (3, 200), (5, 100), (5, 200)]

Labelled = tuple[np.ndarray, np.ndarray]


def read(raw: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the training and the test table from Kaggle's zip."""
    with zipfile.ZipFile(raw) as archive:
        return pd.read_csv(archive.open("train.csv")), pd.read_csv(archive.open("test.csv"))


def scale(pixels: pd.DataFrame) -> np.ndarray:
    """Make images of 0 to 1, float64 of shape (n, side, side, 1), of a table of pixels."""
    side = round(pixels.shape[1] ** 0.5)
    return pixels.to_numpy().reshape(-1, side, side, 1) / 255.0


def split(images: np.ndarray, labels: np.ndarray) -> tuple[Labelled, Labelled]:
    """Give the training and the validation part of the first of five stratified folds."""
    folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=SEED)
    training, validation = next(folds.split(images, labels))
    return (images[training], labels[training]), (images[validation], labels[validation])


def augment(images: np.ndarray, labels: np.ndarray, copies: int = 3) -> Labelled:
    """Add random copies of three kinds by Keras's preprocessing layers: ten images for one."""
    translation = layers.RandomTranslation(0.1, 0.1, fill_mode="constant")
    zoom = layers.RandomZoom(0.15, 0.15, fill_mode="constant")
    rotation = layers.RandomRotation(0.1, fill_mode="constant")
    kinds = [
        keras.Sequential([translation, rotation]),
        keras.Sequential([translation, zoom]),
        keras.Sequential([translation, zoom, rotation]),
    ]
    parts = [images]
    for kind in kinds:
        for _ in range(copies):
            parts.append(np.array(kind(images, training=True)))
    return np.concatenate(parts), np.tile(labels, len(parts))


def build(depth: int, nodes: int, image_shape: tuple[int, ...]) -> keras.Model:
    """Build and compile the network of one cell."""
    model = keras.Sequential([keras.Input(image_shape), layers.Flatten()])
    for _ in range(depth):
        model.add(layers.Dense(nodes, activation="relu"))
        model.add(layers.Dropout(0.2))
    model.add(layers.Dense(10, activation="softmax"))
    model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def fit(
    model: keras.Model,
    training: Labelled,
    validation: Labelled,
    epochs: int = 10,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> pd.DataFrame:
    """Train with Keras's defaults and early stopping; return the history, a row per epoch."""
    stopping = keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)
    history = model.fit(
        *training,
        batch_size=64,
        epochs=epochs,
        validation_data=validation,
        callbacks=[stopping, *callbacks],
        verbose=2,
    )
    return pd.DataFrame(history.history)


def plot_cell(history: pd.DataFrame, confusion: np.ndarray, path: Path) -> None:
    """Draw the learning curves and the confusion matrix of a cell."""
    figure, (loss, accuracy, matrix) = plt.subplots(1, 3, figsize=(18, 5))
    history[["loss", "val_loss"]].plot(ax=loss, xlabel="epoch", ylabel="loss")
    history[["accuracy", "val_accuracy"]].plot(ax=accuracy, xlabel="epoch", ylabel="accuracy")
    sns.heatmap(confusion, annot=True, fmt="d", cmap="Blues", ax=matrix)
    matrix.set(xlabel="predicted", ylabel="true")
    figure.savefig(path)
    plt.close(figure)


def evaluate(
    model: keras.Model, history: pd.DataFrame, validation: Labelled, test: np.ndarray, stem: Path
) -> None:
    """Write the plots of a cell and its submission for Kaggle."""
    predicted = model.predict(validation[0], verbose=0).argmax(axis=1)
    plot_cell(history, confusion_matrix(validation[1], predicted), stem.with_suffix(".png"))
    classes = model.predict(test, verbose=0).argmax(axis=1)
    submission = pd.DataFrame({"ImageId": np.arange(1, len(test) + 1), "Label": classes})
    submission.to_csv(stem.with_suffix(".csv"), index=False)


Seconds = dict[str, float]


def run(raw: Path, output: Path, cells: list[tuple[int, int]], epochs: int) -> dict[str, Seconds]:
    """Run everything; return the seconds of each stage, by the clock and of the processors."""
    stages = {}

    def timed(stage: str, function: Callable, *arguments: object) -> object:
        clock, processors = time.perf_counter(), time.process_time()
        result = function(*arguments)
        seconds = time.perf_counter() - clock
        stages[stage] = {"seconds": seconds, "cpu_seconds": time.process_time() - processors}
        print(f"{stage}: {seconds:.1f} s", flush=True)
        return result

    mpl.use("agg")
    keras.utils.set_random_seed(SEED)
    output.mkdir(parents=True, exist_ok=True)
    table, test = timed("read", read, raw)
    images, labels = scale(table.drop(columns="label")), table["label"].to_numpy()
    training, validation = split(images, labels)
    training = timed("augment", augment, *training)
    rows = []
    for depth, nodes in cells:
        name = f"Model-{depth}L{nodes}N"
        model = build(depth, nodes, images.shape[1:])
        history = timed(f"fit {name}", fit, model, training, validation, epochs)
        timed(f"evaluate {name}", evaluate, model, history, validation, scale(test), output / name)
        rows.append({"layers": depth, "nodes": nodes} | history.iloc[-1].to_dict())
    pd.DataFrame(rows).to_csv(output / "results.csv", index=False)
    return stages


def main(argv: list[str] | None = None) -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path, required=True, help="Kaggle's digit-recognizer.zip")
    parser.add_argument("--output", type=Path, required=True, help="folder to write to")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--cells", type=int, default=len(CELLS), help="train the first so many")
    arguments = parser.parse_args(argv)
    cells = CELLS[: arguments.cells]
    print(json.dumps(run(arguments.raw, arguments.output, cells, arguments.epochs)))


if __name__ == "__main__":
    main()
