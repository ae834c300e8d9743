"""Malicious model files: made to read other files, to fill the memory, or to give nonsense."""

import io
import json
import tracemalloc
import zipfile

import h5py
import numpy as np
import pytest

from digits.core.errors import DataError
from digits.core.intermediate_files import ADVICE
from digits.data.image_tables import ImageTable
from digits.evaluation.inference import predict_probabilities, read_layers, read_network

KERNEL, BIAS = np.ones((4, 3), np.float32), np.zeros(3, np.float32)
IMAGES = ImageTable(np.arange(20, dtype=np.uint8).reshape(5, 2, 2))


def layer(kind, **config):
    return {"class_name": kind, "config": config}


RESCALING, FLATTEN = layer("Rescaling", scale=1 / 255, offset=0), layer("Flatten")
DENSE = layer("Dense", activation="softmax")
LAYERS = [layer("InputLayer"), RESCALING, FLATTEN, DENSE]


def put(kernel, bias=BIAS):
    """Give what fills the group of a dense layer with these arrays."""

    def fill(group):
        group["0"], group["1"] = kernel, bias

    return fill


def dataset(**options):
    def fill(group):
        group.create_dataset("0", **options)
        group["1"] = BIAS

    return fill


def write(path, *fills, layers=LAYERS, compression=zipfile.ZIP_STORED):
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        for number, fill in enumerate(fills):
            name = f"dense_{number}" if number else "dense"
            fill(file.create_group(f"layers/{name}/vars"))
    model = {"class_name": "Sequential", "config": {"layers": layers}}
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("config.json", json.dumps(model))
        archive.writestr("model.weights.h5", content.getvalue())


def refused(path) -> str:
    with pytest.raises(DataError) as caught:
        read_layers(path)
    line = str(caught.value)
    assert line.startswith(f"{path}: ")
    assert line.endswith(ADVICE)
    assert len(line.splitlines()) == 1
    return line


def test_a_network_made_by_hand_is_read(tmp_path):
    write(tmp_path / "a.keras", put(KERNEL))
    found = predict_probabilities(read_network(tmp_path / "a.keras"), IMAGES)
    np.testing.assert_allclose(found, np.full((5, 3), 1 / 3), rtol=1e-6)


@pytest.fixture
def elsewhere(tmp_path):
    """A file whose bytes would make a kernel, and an HDF5 file that holds one."""
    (tmp_path / "secret.bin").write_bytes(KERNEL.tobytes())
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["kernel"] = KERNEL
    return tmp_path


def external_storage(folder):
    storage = [(str(folder / "secret.bin"), 0, KERNEL.nbytes)]
    return dataset(shape=(4, 3), dtype="f4", external=storage)


def virtual(folder):
    def fill(group):
        layout = h5py.VirtualLayout((4, 3), "f4")
        layout[:] = h5py.VirtualSource(str(folder / "other.h5"), "kernel", shape=(4, 3))
        group.create_virtual_dataset("0", layout)
        group["1"] = BIAS

    return fill


def external_link(folder):
    return put(h5py.ExternalLink(str(folder / "other.h5"), "/kernel"))


def soft_link(folder):
    return put(h5py.SoftLink("/layers/dense/vars/1"))


@pytest.mark.parametrize("make", [external_storage, virtual, external_link, soft_link])
def test_nothing_is_read_that_lies_elsewhere(elsewhere, make):
    write(elsewhere / "a.keras", make(elsewhere))
    told = refused(elsewhere / "a.keras")
    assert "is a link" in told if "link" in make.__name__ else "is not stored in the file" in told


HUGE = (4, 50_000_000)


@pytest.mark.parametrize("chunks", [None, (4, 1_000_000)], ids=["at one go", "in chunks"])
def test_an_array_that_is_not_there_takes_no_memory(tmp_path, chunks):
    write(tmp_path / "a.keras", dataset(shape=HUGE, dtype="f4", chunks=chunks))
    assert (tmp_path / "a.keras").stat().st_size < 10_000
    tracemalloc.start()
    assert "is not stored number by number" in refused(tmp_path / "a.keras")
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


def test_a_member_that_unpacks_to_more_than_the_file_is_refused(tmp_path):
    layers = [*LAYERS, layer("Dense", activation=" " * 2**24)]
    write(tmp_path / "a.keras", put(KERNEL), layers=layers, compression=zipfile.ZIP_DEFLATED)
    assert (tmp_path / "a.keras").stat().st_size < 100_000
    tracemalloc.start()
    assert "config.json is compressed" in refused(tmp_path / "a.keras")
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


ARRAYS = {
    "bytes": put(KERNEL.astype("S4")),
    "double precision": put(KERNEL.astype("f8")),
    "complex": put(KERNEL.astype("c8")),
    "integers": put(KERNEL.astype(int)),
    "a compound": put(np.zeros((4, 3), [("a", "f4")])),
    "texts": dataset(shape=(4, 3), dtype=h5py.string_dtype()),
    "arrays of any length": dataset(shape=(4, 3), dtype=h5py.vlen_dtype(np.float32)),
    "references": dataset(shape=(4, 3), dtype=h5py.ref_dtype),
    "compressed": dataset(data=KERNEL, compression="gzip"),
    "a scalar": put(np.float32(1)),
    "one dimension": put(KERNEL[0]),
    "three dimensions": put(KERNEL[None]),
    "nothing": put(KERNEL[:, :0], BIAS[:0]),
    "no number": put(KERNEL * np.nan),
    "infinite": put(KERNEL, BIAS + np.inf),
    "a scalar bias": put(KERNEL, np.float32(0)),
    "a bias for one": put(KERNEL, BIAS[:1]),
    "a group": lambda group: group.create_group("0"),
}


@pytest.mark.parametrize("fill", ARRAYS.values(), ids=ARRAYS)
def test_weights_that_are_no_finite_numbers_of_their_place_are_refused(tmp_path, fill):
    write(tmp_path / "a.keras", fill)
    refused(tmp_path / "a.keras")


STACKS = {
    "nothing": [],
    "no dense layer": [RESCALING, FLATTEN],
    "no flattening": [RESCALING, DENSE],
    "no rescaling": [FLATTEN, DENSE],
    "another order": [FLATTEN, RESCALING, DENSE],
    "no probabilities": [RESCALING, FLATTEN, layer("Dense", activation="relu")],
    "a list for an activation": [RESCALING, FLATTEN, layer("Dense", activation=["softmax"])],
    "a name of two lines": [layer("Flatten\n\x1b[31m"), DENSE],
    **{
        f"scale {scale!r:.9}": [layer("Rescaling", scale=scale, offset=0), FLATTEN, DENSE]
        for scale in ("x", None, [1, 2], float("inf"), float("nan"), 10**400, 1e39)
    },
}


@pytest.mark.parametrize("layers", STACKS.values(), ids=STACKS)
def test_layers_that_make_no_network_of_the_project_are_refused(tmp_path, layers):
    write(tmp_path / "a.keras", put(KERNEL), layers=layers)
    refused(tmp_path / "a.keras")


def test_dense_layers_that_do_not_fit_each_other_are_refused(tmp_path):
    layers = [RESCALING, FLATTEN, layer("Dense", activation="relu"), DENSE]
    write(tmp_path / "a.keras", put(KERNEL), put(np.ones((3, 3), np.float32)), layers=layers)
    assert len(read_layers(tmp_path / "a.keras")) == 4
    write(tmp_path / "a.keras", put(KERNEL), put(KERNEL), layers=layers)
    assert "do not fit each other" in refused(tmp_path / "a.keras")
