import numpy as np
import pytest

from digits.core.errors import DataError
from digits.plots.augmentation import NAMES, preview, preview_tiles
from digits.plots.style import save

pytestmark = pytest.mark.filterwarnings("error")


def tensor(labels: list[int], copies: int) -> tuple[np.ndarray, np.ndarray]:
    """Make images whose pixels are 10 x block + place in the fold."""
    blocks = 1 + len(NAMES) * copies
    values = [10 * block + place for block in range(blocks) for place in range(len(labels))]
    images = np.broadcast_to(np.array(values, dtype=np.uint8)[:, None, None], (len(values), 3, 2))
    return images, np.tile(np.array(labels, dtype=np.uint8), blocks)


def test_rows_are_the_first_image_of_each_class_with_its_copies():
    tiles = preview_tiles(*tensor([1, 1, 0], copies=2), copies=2, classes=2)
    np.testing.assert_array_equal(tiles[0, :, 0, 0], [2, 12, 22, 32, 42, 52, 62])
    np.testing.assert_array_equal(tiles[1, :, 0, 0], [0, 10, 20, 30, 40, 50, 60])


def test_a_class_without_images_stays_blank():
    tiles = preview_tiles(*tensor([0, 2], copies=1), copies=1, classes=3)
    assert tiles.mask[1].all()
    assert not tiles.mask[[0, 2]].any()


def test_a_number_of_images_that_does_not_fit_is_refused():
    images, labels = tensor([0, 1], copies=1)
    with pytest.raises(DataError, match="8 images do not make 7 equal blocks"):
        preview_tiles(images, labels, copies=2, classes=2)


@pytest.mark.parametrize("copies", [0, 1, 2, 3])
def test_columns_are_headed_by_kind_and_rows_by_class(copies):
    figure = preview(*tensor([0, 1], copies), copies=copies, classes=[0, 1])
    axes = figure.axes[0]
    headings = [text.get_text().replace("\n", " ") for text in axes.texts]
    assert headings == ["original", *(NAMES if copies else [])]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["0", "1"]
    assert len(axes.images) == 1
    assert axes.images[0].get_array().count() == 2 * (1 + 3 * copies) * 6


def test_headings_stand_over_their_columns():
    axes = preview(*tensor([0, 1], 3), copies=3, classes=[0, 1]).axes[0]
    pixels = axes.images[0].get_array()
    shown = [float(pixels[0, round(text.xy[0])]) for text in axes.texts]
    assert shown == [0, 20, 50, 80]  # the original and the second copy of each kind


def test_the_same_tensor_gives_the_same_bytes(tmp_path):
    for name in ("first.svg", "second.svg"):
        save(preview(*tensor([0, 1], 1), copies=1, classes=[0, 1]), tmp_path / name)
    assert (tmp_path / "first.svg").read_bytes() == (tmp_path / "second.svg").read_bytes()
