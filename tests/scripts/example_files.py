"""Small files in the layout of each known data set, at the paths that its example names."""

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import layouts
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

Writer = Callable[[Path, np.ndarray, np.ndarray], None]
WRITERS: dict[str, Writer] = {}
"""How the files of an example are written; the path is that of the images, or of both."""


def layout(*names: str) -> Callable[[Writer], Writer]:
    """Register how the files of some examples are written."""

    def register(write: Writer) -> Writer:
        WRITERS.update(dict.fromkeys(names, write))
        return write

    return register


def table(images: np.ndarray, first: int = 0, form: str = "pixel{}") -> pd.DataFrame:
    rows = images.reshape(len(images), -1)
    return pd.DataFrame(rows, columns=[form.format(first + n) for n in range(rows.shape[1])])


def by_columns(images: np.ndarray) -> np.ndarray:
    return images.transpose(0, 2, 1)


@layout("az-handwritten", "mnist-csv")
def without_a_header(path: Path, images: np.ndarray, labels: np.ndarray) -> None:
    rows = np.column_stack([labels.astype(int), images.reshape(len(images), -1)])
    np.savetxt(path, rows, delimiter=",", fmt="%d")


@layout("emnist-letters")
def without_a_header_by_columns(path: Path, images: np.ndarray, labels: np.ndarray) -> None:
    without_a_header(path, by_columns(images), labels)


@layout("mnist-idx")
def idx(path: Path, images: np.ndarray, labels: np.ndarray) -> None:
    path.write_bytes(gzip.compress(layouts.idx(images)))
    beside = path.with_name(path.name.replace("images-idx3", "labels-idx1"))
    beside.write_bytes(gzip.compress(layouts.idx(labels.astype(np.uint8))))


@layout("qmnist")
def idx_with_columns_of_labels(path: Path, images: np.ndarray, labels: np.ndarray) -> None:
    path.write_bytes(gzip.compress(layouts.idx(images)))
    columns = np.zeros((len(labels), 8), ">i4")
    columns[:, 0], columns[:, 1] = labels.astype(int), 7
    head = struct.pack(">HBB2I", 0, 12, 2, *columns.shape)
    beside = path.with_name(path.name.replace("images-idx3-ubyte", "labels-idx2-int"))
    beside.write_bytes(gzip.compress(head + columns.tobytes()))


@layout("mnist-npz")
def npz(path: Path, images: np.ndarray, labels: np.ndarray) -> None:
    arrays = {"x_train": images, "y_train": labels.astype(int)}
    np.savez(path, **arrays, x_test=images[:50], y_test=labels[:50].astype(int))


@layout("kmnist")
def two_npz(path: Path, images: np.ndarray, labels: np.ndarray) -> None:
    np.savez_compressed(path, images)
    np.savez_compressed(
        path.with_name(path.name.replace("imgs", "labels")), labels.astype(np.uint8)
    )


@layout("mnist-openml")
def label_last(path: Path, images: np.ndarray, labels: np.ndarray) -> None:
    table(images, 1).assign(**{"class": labels}).to_csv(path, index=False)


@layout("cifar-10")
def colours_in_parquet(path: Path, images: np.ndarray, labels: np.ndarray) -> None:
    pictures_in_parquet(path, images, labels, "img")


@layout("mnist-huggingface")
def pictures_in_parquet(
    path: Path, images: np.ndarray, labels: np.ndarray, column: str = "image"
) -> None:
    encoded = [{"bytes": layouts.png(image), "path": f"{n}.png"} for n, image in enumerate(images)]
    columns = pa.table({column: encoded, "label": labels.astype(np.int64)})
    pq.write_table(columns, path.with_name(path.name.replace("*", "00000-of-00001")))


@layout("kannada-mnist")
def kaggle_with_ids(path: Path, images: np.ndarray, labels: np.ndarray) -> None:
    frame = table(images)
    if path.stem == "test":
        frame.insert(0, "id", range(len(frame)))
    else:
        frame.insert(0, "label", labels)
    frame.to_csv(path, index=False)


@layout("hmnist", "hmnist-rgb")
def padded_names_and_label_last(path: Path, images: np.ndarray, labels: np.ndarray) -> None:
    table(images, 0, "pixel{:04d}").assign(label=labels).to_csv(path, index=False)


@layout("devanagari")
def padded_names_and_text_last(path: Path, images: np.ndarray, labels: np.ndarray) -> None:
    table(images, 0, "pixel_{:04d}").assign(character=labels).to_csv(path, index=False)


@layout("sign-mnist")
def label_first(path: Path, images: np.ndarray, labels: np.ndarray) -> None:
    frame = table(images, 1)
    frame.insert(0, "label", labels)
    frame.to_csv(path, index=False)


@layout("scikit-learn-digits")
def scikit_learn(path: Path, images: np.ndarray, labels: np.ndarray) -> None:
    frame = table(sixteenths(images).astype(float), 0)
    frame.columns = [f"pixel_{row}_{column}" for row in range(8) for column in range(8)]
    frame.assign(target=labels).to_csv(path)


@layout("optdigits")
def uci(path: Path, images: np.ndarray, labels: np.ndarray) -> None:
    rows = np.column_stack([sixteenths(images).reshape(len(images), -1), labels.astype(int)])
    np.savetxt(path, rows, delimiter=",", fmt="%d")


def sixteenths(images: np.ndarray) -> np.ndarray:
    return np.round(images / 255 * 16).astype(int)


@layout("arabic-characters")
def two_csvs_by_columns(path: Path, images: np.ndarray, labels: np.ndarray) -> None:
    np.savetxt(path, by_columns(images).reshape(len(images), -1), delimiter=",", fmt="%d")
    name = path.name.replace("Images", "Label").replace("x1024", "x1")
    np.savetxt(path.with_name(name), labels.astype(int), fmt="%d")


@layout("pictures")
def folder(path: Path, images: np.ndarray, labels: np.ndarray) -> None:
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        file = path / str(label) / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(layouts.png(image))
