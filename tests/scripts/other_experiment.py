"""Files like those of the small experiment, but of one with other classes or other images."""

from pathlib import Path

import numpy as np
from image_files import write_images

from digits.augmentation.tensors import read_tensor, write_tensor
from digits.data.image_tables import ImageTable, read_images
from digits.evaluation.predictions import UNLABELLED, read_probabilities, write_probabilities

TRIAL = "cells/layers-1_nodes-4/fold-0_seed-5"


def write_tables(results: Path, other: Path) -> None:
    table = read_images(results / "folds/fold-0/validation.parquet")
    images, labels, rows = table.images, table.labels, table.rows
    write_images(other / "classes.parquet", ImageTable(images, labels + 2, rows))
    write_images(other / "shape.parquet", ImageTable(images[:, :4, :4], labels, rows))
    write_images(other / "none.parquet", ImageTable(images[:0], labels[:0], rows[:0]))


def write_predictions(results: Path, other: Path) -> None:
    tables = {
        "validation": read_probabilities(results / TRIAL / "validation.parquet"),
        "test": read_probabilities(results / TRIAL / "test.parquet", UNLABELLED),
    }
    for name, (keys, more) in tables.items():
        fewer = more[:, :9] / more[:, :9].sum(axis=1, keepdims=True)
        write_probabilities(other / f"{name}-9.parquet", keys, fewer)
        write_probabilities(other / f"{name}-12.parquet", keys, np.pad(more, ((0, 0), (0, 2))))


def write_tensors(results: Path, other: Path) -> None:
    images, labels = read_tensor(results / "tensors/fold-0.npz")
    small = images[:, :4, :4]
    write_tensor(other / "classes.npz", [images], labels + 2, (8, 8))
    write_tensor(other / "swapped.npz", [images], labels[::-1], (8, 8))
    write_tensor(other / "shape.npz", [small], labels, (4, 4))
    write_tensor(other / "none.npz", [], labels[:0], (8, 8))


def write_networks(network, other: Path) -> None:
    for name, shape, classes in (("classes", (8, 8), 12), ("shape", (4, 4), 10)):
        model = network.build_network(shape, classes, layers=1, nodes=4, dropout=0.1, seeds=[1, 2])
        network.save_network(model, other / f"{name}.keras")


def write_other(results: Path, network) -> None:
    """Write the files below ``other``; ``network`` is the module that builds networks."""
    other = results / "other"
    other.mkdir()
    write_tables(results, other)
    write_predictions(results, other)
    write_tensors(results, other)
    write_networks(network, other)
