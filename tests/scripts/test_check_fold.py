"""The program check_fold."""

import json
import subprocess
import sys

import numpy as np
import pytest
from image_files import write_images

import check_fold
from digits.augmentation.tensors import write_tensor
from digits.core.errors import DataError
from digits.data.image_tables import ImageTable, take

IMAGES = np.random.default_rng(1).integers(0, 256, (10, 3, 2), dtype=np.uint8)
TABLE = ImageTable(IMAGES, np.zeros(10, np.uint8))
TRAIN, VALIDATION = (next(take(TABLE, np.arange(*ends))) for ends in ((0, 7), (7, 10)))
COPIES = IMAGES[:7] // 2


def arguments(folder, train=TRAIN, validation=VALIDATION, images=None):
    images = np.concatenate([TRAIN.images, COPIES]) if images is None else images
    write_images(folder / "train.parquet", train)
    write_images(folder / "validation.parquet", validation)
    write_tensor(folder / "a.npz", [images], np.zeros(len(images), np.uint8), (3, 2))
    return [f"--train={folder}/train.parquet", f"--validation={folder}/validation.parquet",
            f"--tensor={folder}/a.npz", f"--output={folder}/check.json"]  # fmt: skip


def test_a_clean_fold_gets_a_note_of_what_was_compared(tmp_path):
    check_fold.main(arguments(tmp_path))
    noted = json.loads((tmp_path / "check.json").read_text())
    assert noted == {"train": 7, "validation": 3, "tensor": 14}


def leaked(position):
    images = np.concatenate([TRAIN.images, COPIES])
    images[position] = VALIDATION.images[2]
    return {"images": images}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (leaked(9), "image 9 of the training tensor is a validation image"),
        (leaked(3), "the training tensor does not start with the fold's training images"),
        (
            {"train": next(take(TABLE, np.arange(8)))},
            "row 7 is in the training and in the validation",
        ),
    ],
    ids=["as a copy", "in place of an original", "as a row"],
)
def test_a_leak_is_told_with_the_tensor_and_nothing_is_noted(tmp_path, change, fault):
    with pytest.raises(DataError) as caught:
        check_fold.main(arguments(tmp_path, **change))
    assert str(caught.value).startswith(f"{tmp_path}/a.npz: {fault}")
    assert not (tmp_path / "check.json").exists()


def test_a_leak_ends_the_program_with_one_line(tmp_path):
    ran = subprocess.run(
        [sys.executable, check_fold.__file__, *arguments(tmp_path, **leaked(13))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert ran.stderr == (
        f"error: {tmp_path}/a.npz: image 13 of the training tensor is a validation image\n"
    )
