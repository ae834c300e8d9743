import json

import numpy as np
import pytest
from image_files import write_images

import plot_augmentation
from digits.augmentation.tensors import write_tensor
from digits.config.models import Augmentation
from digits.core.errors import ConfigError, DataError
from digits.data.image_tables import ImageTable

LABELS = np.array([0, 1], dtype=np.uint8)


@pytest.fixture
def draw(tmp_path):
    """A function that draws a tensor of 8 images with settings of the augmentation."""
    images = np.random.default_rng(0).integers(0, 256, (8, 6, 6), dtype=np.uint8)
    write_tensor(tmp_path / "fold-0.npz", [images], np.tile(LABELS, 4), (6, 6))
    rows = np.arange(2, dtype=np.int32)
    write_images(tmp_path / "validation.parquet", ImageTable(images[:2], LABELS, rows))

    def draw(*more: str, **settings) -> str:
        augmentation = json.dumps(Augmentation(**settings).model_dump())
        given = ["--tensor", str(tmp_path / "fold-0.npz"), "--classes", "2", "--fold", "0"]
        output = tmp_path / "plots" / "augmentation.svg"
        plot_augmentation.main(
            [*given, "--augmentation", augmentation, "--output", str(output), *more]
        )
        return output.read_text()

    return draw


@pytest.mark.filterwarnings("error")
def test_preview_is_written(draw):
    text = draw(copies=1)
    assert "2 classes and 1 random copies" in text
    assert text.count("<image ") == 1


@pytest.mark.filterwarnings("error")
def test_fresh_copies_are_those_of_the_first_epoch(draw, tmp_path):
    text = draw("--validation", str(tmp_path / "validation.parquet"), mode="fresh", shear=0.2)
    assert "copies of them in the first epoch" in text
    assert "translation + zoom + rotation + shear" in text
    assert text.count("<image ") == 1


def test_fresh_copies_need_the_validation_images(draw, tmp_path):
    with pytest.raises(ConfigError, match="--validation: needed where copies are made anew"):
        draw(mode="fresh")
    assert not (tmp_path / "plots").exists()


def test_a_wrong_number_of_copies_is_reported_with_the_file(draw, tmp_path):
    with pytest.raises(DataError, match=r"fold-0.npz: 8 images do not make 7 equal blocks"):
        draw(copies=2)
    assert not (tmp_path / "plots").exists()
