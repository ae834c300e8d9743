"""Scikit-learn's digits in the layouts in which data sets come: one function each.

Each writes its files into a folder and returns what ``dataset.train`` is then, relative to it.
"""

import gzip
import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image
from sklearn.datasets import load_digits

ROWS = 300


def digits() -> tuple[np.ndarray, np.ndarray]:
    """Return images of 8 x 8 pixels from 0 to 255, and their labels."""
    bundle = load_digits()
    images = np.floor(bundle.images[:ROWS] * 255 / 16 + 0.5).astype(np.uint8)
    return images, bundle.target[:ROWS].astype(np.uint8)


def frame(images: np.ndarray, labels: np.ndarray, prefix: str = "pixel") -> pd.DataFrame:
    names = [f"{prefix}{number}" for number in range(64)]
    table = pd.DataFrame(images.reshape(-1, 64), columns=names)
    table.insert(0, "label", labels)
    return table


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def png(image: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def write_csv(folder: Path, images: np.ndarray, labels: np.ndarray) -> Any:
    frame(images, labels).to_csv(folder / "train.csv", index=False)
    return "train.csv"


def write_idx(folder: Path, images: np.ndarray, labels: np.ndarray) -> Any:
    content = {"images-idx3": idx(images), "labels-idx1": idx(labels)}
    for name, array in content.items():
        (folder / f"train-{name}-ubyte.gz").write_bytes(gzip.compress(array))
    return "train-images-idx3-ubyte.gz"


def write_npz(folder: Path, images: np.ndarray, labels: np.ndarray) -> Any:
    others = {"x_test": images[:5], "y_test": labels[:5]}
    np.savez_compressed(folder / "mnist.npz", x_train=images, y_train=labels, **others)
    return "mnist.npz"


def write_two_npz(folder: Path, images: np.ndarray, labels: np.ndarray) -> Any:
    np.savez_compressed(folder / "imgs.npz", images)
    np.savez_compressed(folder / "labels.npz", labels)
    return {"images": "imgs.npz", "labels": "labels.npz"}


def write_npy(folder: Path, images: np.ndarray, labels: np.ndarray) -> Any:
    np.save(folder / "x.npy", images[..., None])
    np.save(folder / "y.npy", labels.astype(np.int64))
    return {"images": "x.npy", "labels": "y.npy"}


def write_parquet(folder: Path, images: np.ndarray, labels: np.ndarray) -> Any:
    frame(images, labels).to_parquet(folder / "train.parquet", index=False)
    return "train.parquet"


def write_lists_in_parquet(folder: Path, images: np.ndarray, labels: np.ndarray) -> Any:
    lists = pa.array(images.tolist(), pa.list_(pa.list_(pa.uint8(), 8)))
    pq.write_table(pa.table({"image": lists, "label": labels}), folder / "train.parquet")
    return "train.parquet"


def write_pictures_in_parquet(folder: Path, images: np.ndarray, labels: np.ndarray) -> Any:
    rows = [{"bytes": png(image), "path": f"{n}.png"} for n, image in enumerate(images)]
    table = pa.table({"image": rows, "label": labels.astype(np.int64)})
    pq.write_table(table, folder / "train-00000-of-00001.parquet")
    return "train-00000-of-00001.parquet"


def write_two_csvs(folder: Path, images: np.ndarray, labels: np.ndarray) -> Any:
    np.savetxt(folder / "images.csv", images.reshape(-1, 64), delimiter=",", fmt="%d")
    np.savetxt(folder / "labels.csv", labels, fmt="%d")
    return {"images": "images.csv", "labels": "labels.csv"}


def write_folder(folder: Path, images: np.ndarray, labels: np.ndarray) -> Any:
    """Sort by class: so are the pictures of a folder when they are read."""
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        path = folder / "pictures" / str(label) / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(image))
    (folder / "pictures" / ".DS_Store").write_bytes(b"junk")
    return "pictures"
