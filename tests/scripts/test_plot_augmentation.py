import numpy as np
import pytest

import plot_augmentation
from digits.core.errors import DataError


@pytest.fixture
def arguments(tmp_path) -> list[str]:
    images = np.random.default_rng(0).integers(0, 256, (8, 6, 6), dtype=np.uint8)
    labels = np.tile(np.array([0, 1], dtype=np.uint8), 4)
    np.savez(tmp_path / "fold-0.npz", images=images, labels=labels)
    output = str(tmp_path / "plots" / "augmentation.svg")
    tensor = str(tmp_path / "fold-0.npz")
    return ["--tensor", tensor, "--classes", "2", "--output", output, "--copies"]


@pytest.mark.filterwarnings("error")
def test_preview_is_written(tmp_path, arguments):
    plot_augmentation.main([*arguments, "1"])
    text = (tmp_path / "plots" / "augmentation.svg").read_text()
    assert "2 classes and 1 random copies" in text
    assert text.count("<image ") == 1


def test_a_wrong_number_of_copies_is_reported_with_the_file(tmp_path, arguments):
    with pytest.raises(DataError, match=r"fold-0.npz: 8 images do not make 7 equal blocks"):
        plot_augmentation.main([*arguments, "2"])
    assert not (tmp_path / "plots").exists()
