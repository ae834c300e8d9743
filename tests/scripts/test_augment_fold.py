"""The program augment_fold."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
from image_files import write_images

import augment_fold
from digits.augmentation.tensors import read_tensor
from digits.config.models import Augmentation
from digits.data.image_tables import ImageTable

IMAGES = np.random.default_rng(1).integers(1, 256, (6, 8, 7), dtype=np.uint8)
LABELS = np.array([3, 1, 4, 1, 5, 9], dtype=np.uint8)
AUGMENTATION = Augmentation(copies=2).model_dump()


def options(folder: Path, name: str = "a.npz", fold: int = 0, **changes) -> list[str]:
    """The command line of an augmentation; keywords are settings."""
    values = {
        "train": folder / "train.parquet", "validation": folder / "validation.parquet",
        "fold": fold, "augmentation": json.dumps(AUGMENTATION | changes), "output": folder / name,
        "code": "1f",
    }  # fmt: skip
    return [f"--{key}={value}" for key, value in values.items()]


def augment(folder, name="a.npz", **changes):
    write_images(folder / "train.parquet", ImageTable(IMAGES, LABELS))
    write_images(folder / "validation.parquet", ImageTable(IMAGES[:1] ^ 1, LABELS[:1]))
    augment_fold.main(options(folder, name, **changes))
    return read_tensor(folder / name)


def test_each_image_comes_once_as_it_is_and_in_copies_of_each_kind(tmp_path):
    images, labels = augment(tmp_path)
    assert images.shape == (7 * 6, 8, 7)
    assert images[:6].tolist() == IMAGES.tolist()
    assert labels.tolist() == LABELS.tolist() * 7
    blocks = images.reshape(7, -1)
    assert len({block.tobytes() for block in blocks}) == 7  # no two copies alike


def test_a_copy_is_of_the_image_that_has_its_label(tmp_path):
    images, _ = augment(tmp_path, translation=0, rotation=0.0001, zoom=0.0001)
    for block in images.reshape(7, 6, -1).astype(int):
        distances = np.abs(block[:, None] - IMAGES.reshape(6, -1)).mean(axis=2)
        assert distances.argmin(axis=1).tolist() == list(range(6))


def test_without_copies_only_the_images_are_left(tmp_path):
    images, labels = augment(tmp_path, copies=0)
    assert (images.tolist(), labels.tolist()) == (IMAGES.tolist(), LABELS.tolist())


def test_with_fresh_copies_only_the_images_are_left(tmp_path):
    images, labels = augment(tmp_path, mode="fresh")
    assert (images.tolist(), labels.tolist()) == (IMAGES.tolist(), LABELS.tolist())


def test_the_same_seed_and_fold_give_the_same_bytes_and_others_do_not(tmp_path):
    for name in ("a.npz", "b.npz"):
        augment(tmp_path, name)
    same = (tmp_path / "a.npz").read_bytes()
    assert (tmp_path / "b.npz").read_bytes() == same
    changes = {"seed": 423}, {"fold": 1}, {"zoom": 0.16}, {"shear": 0.1}, {"elastic_alpha": 9}
    for option in changes:
        augment(tmp_path, **option)
        assert (tmp_path / "a.npz").read_bytes() != same


def test_a_full_disk_is_told_in_one_line_and_leaves_nothing(tmp_path):
    augment(tmp_path)
    whole = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "a.npz").unlink()
    before = sorted(tmp_path.iterdir())
    command = [sys.executable, Path(augment_fold.__file__), *options(tmp_path)]

    def run(limit=resource.RLIM_INFINITY):
        return subprocess.run(
            command, capture_output=True, text=True, check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        )  # fmt: skip

    # The system refuses to write more than half of the file, as it does where a disk is full.
    done = run(limit=len(whole) // 2)
    assert done.returncode == 1
    assert done.stderr == f"error: {tmp_path / 'a.npz'}: File too large; fix this and run again\n"
    assert sorted(tmp_path.iterdir()) == before
    assert run().returncode == 0
    assert (tmp_path / "a.npz").read_bytes() == whole


def test_a_folder_that_cannot_be_written_to_is_told_in_one_line(tmp_path):
    augment(tmp_path)
    (tmp_path / "taken").write_text("a file where the folder should be")
    done = subprocess.run(
        [sys.executable, Path(augment_fold.__file__), *options(tmp_path, "taken/a.npz")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {tmp_path}/taken")
    assert len(done.stderr.splitlines()) == 1
