"""Files that would run code if they were trusted, and damaged entries of a store."""

import json
import pickle
import sys
import zipfile

import numpy as np
import pytest

from digits.augmentation.tensors import read_tensor
from digits.core.errors import DataError
from digits.core.intermediate_files import ADVICE
from digits.evaluation.inference import read_network
from digits.training.checkpoints import read_checkpoint
from digits.workflow.store import MANIFEST, Store, entries, keep, take


class Canary:
    """Writes a file as soon as it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.fixture
def canary(tmp_path):
    """A path that must not come to be, and the pickle of an array that would make it."""
    path = tmp_path / "canary"
    array = np.array([Canary(path)], dtype=object)
    pickle.loads(pickle.dumps(array))
    assert path.exists()
    path.unlink()
    yield path, array
    assert not path.exists()


@pytest.mark.parametrize("name", ["images", "labels", "history"])
def test_a_pickle_within_an_npz_is_not_loaded(name, canary, tmp_path):
    _, array = canary
    arrays = {"images": np.zeros((1, 2, 2), np.uint8), "labels": np.zeros(1, np.uint8)}
    np.savez(tmp_path / "fold-0.npz", **arrays | {name: array})
    if name != "history":
        with pytest.raises(DataError, match=r"fold-0\.npz: \w+ is not a C-ordered array of bytes"):
            read_tensor(tmp_path / "fold-0.npz")
    assert read_checkpoint(tmp_path / "fold-0.npz") is None


def foreign_layers(canary):
    """Layers that Keras would make of code in the file, or of a module that it names."""
    code = f"open({str(canary)!r}, 'w')"
    return [
        {"module": "keras.layers", "class_name": "Lambda", "config": {"function": code}},
        {"module": "builtins", "class_name": "exec", "config": code},
        {"module": "os", "class_name": "system", "config": {"command": f"touch {canary}"}},
        {"module": "keras", "class_name": "TorchModuleWrapper", "config": {"module": code}},
        {"module": "keras.layers", "class_name": "Dense", "config": {"activation": code}},
        {"class_name": ["Dense"], "config": None},
        "Dense",
    ]


@pytest.mark.parametrize("number", range(7))
def test_a_layer_that_is_none_of_ours_is_refused_and_not_run(
    number, canary, saved_network, tmp_path
):
    layer = foreign_layers(canary[0])[number]
    with (
        zipfile.ZipFile(saved_network[1]) as source,
        zipfile.ZipFile(tmp_path / "model.keras", "w") as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            if name == "config.json":
                model = json.loads(content)
                model["config"]["layers"].insert(1, layer)
                content = json.dumps(model)
            target.writestr(name, content)
    modules = set(sys.modules)
    with pytest.raises(DataError, match=rf"model\.keras: .*{ADVICE}$") as caught:
        read_network(tmp_path / "model.keras")
    assert len(str(caught.value).splitlines()) == 1
    assert {name for name in set(sys.modules) - modules if "torch" in name} == set()


@pytest.mark.parametrize(
    "manifest",
    [b"", b"[]", b"null", b"{", b'{"a.csv": 7}', b"\xff", b"[" * 100_000, None],
)
def test_a_damaged_entry_of_a_store_is_made_anew(manifest, tmp_path, capsys):
    output = tmp_path / "a.csv"
    output.write_text("1\n")
    keep(tmp_path / "store/key", [output])
    path = tmp_path / "store/key" / MANIFEST
    path.unlink()
    if manifest is None:
        path.mkdir()
    else:
        path.write_bytes(manifest)
    assert not take(Store(tmp_path / "store", 10**9), "key", [tmp_path / "b/a.csv"])
    assert not (tmp_path / "store/key").exists()
    assert not (tmp_path / "b").exists()
    assert "Traceback" not in capsys.readouterr().err


def test_an_entry_with_a_dangling_link_is_listed_and_pruned(tmp_path):
    output = tmp_path / "a.csv"
    output.write_text("1\n")
    keep(tmp_path / "store/key", [output])
    (tmp_path / "store/key/gone").symlink_to(tmp_path / "nowhere")
    assert [entry.path.name for entry in entries(tmp_path / "store")] == ["key"]
