"""The demo's data: scikit-learn's bundled handwritten digits in the format of MNIST.

All arithmetic is on integers, so that every machine writes the same bytes.
"""

from collections.abc import Iterable

import numpy as np

SIDE = 28
INK_SIDE = 20
SEED = 422
TEST_SHARE = 0.2
FULL_INK = 16


def load_digits() -> tuple[np.ndarray, np.ndarray]:
    """Load the bundled digits, enlarged to 28 x 28.

    Returns
    -------
    images : uint8 array of shape (1797, 28, 28), 0 = background
    labels : uint8 array of shape (1797,), 0-9
    """
    # scikit-learn takes a second to import.
    from sklearn import datasets

    bundle = datasets.load_digits()
    return enlarge(bundle.images.astype(np.int64)), bundle.target.astype(np.uint8)


def enlarge(images: np.ndarray) -> np.ndarray:
    """Enlarge small images to the size of MNIST's digits: 20 x 20, centred in 28 x 28.

    Parameters
    ----------
    images : int64 array of shape (n, side, side)
        Values from 0 (background) to 16.

    Returns
    -------
    uint8 array of shape (n, 28, 28)
        Values 0-255, interpolated bilinearly and rounded half up.
    """
    weights = _bilinear_weights(images.shape[1], INK_SIDE)
    unit = (2 * INK_SIDE) ** 2 * FULL_INK
    ink = (weights @ images @ weights.T * 255 + unit // 2) // unit
    margin = (SIDE - INK_SIDE) // 2
    return np.pad(ink.astype(np.uint8), ((0, 0), (margin, margin), (margin, margin)))


def split(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split images into 80% for training and 20% for testing, stratified by label.

    Returns
    -------
    train, test : int arrays
        Indices into ``labels``, in a random but fixed order.
    """
    from sklearn.model_selection import train_test_split

    train, test = train_test_split(
        np.arange(len(labels)), test_size=TEST_SHARE, stratify=labels, random_state=SEED
    )
    return train, test


def count_shared(train: np.ndarray, test: np.ndarray) -> int:
    """Count the images of ``test`` that are also in ``train``, pixel for pixel."""
    seen = {image.tobytes() for image in train}
    return sum(image.tobytes() in seen for image in test)


def image_csv(images: np.ndarray, labels: np.ndarray | None = None) -> str:
    """Write images as Kaggle's CSV: the label, if given, then ``pixel0``, ``pixel1`` ….

    Parameters
    ----------
    images : uint8 array of shape (n, height, width)
    labels : uint8 array of shape (n,), or None
    """
    rows = images.reshape(len(images), -1)
    names = [f"pixel{number}" for number in range(rows.shape[1])]
    if labels is not None:
        rows = np.column_stack([labels, rows])
        names = ["label", *names]
    return _csv(names, rows.tolist())


def label_csv(labels: np.ndarray) -> str:
    """Write labels as Kaggle's CSV of a submission: ``ImageId``, from 1, and ``Label``."""
    return _csv(["ImageId", "Label"], enumerate(labels.tolist(), start=1))


def _csv(names: Iterable[str], rows: Iterable[Iterable[int]]) -> str:
    lines = [",".join(names), *(",".join(map(str, row)) for row in rows)]
    return "\n".join(lines) + "\n"


def _bilinear_weights(side: int, new_side: int) -> np.ndarray:
    """Return the bilinear weights of ``side`` pixels for ``new_side``, in units of 1/(2 new_side).

    The centre of new pixel i is at (i + 1/2) side / new_side - 1/2 in old coordinates. Beyond the
    outermost centres, ink fades into the background.
    """
    unit = 2 * new_side
    centres = (2 * np.arange(new_side)[:, None] + 1) * side - new_side
    distance = np.abs(centres - unit * np.arange(side))
    return np.maximum(unit - distance, 0)
