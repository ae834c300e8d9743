from itertools import pairwise

import numpy as np
import pytest

from digits.augmentation.fresh import FreshCopies
from digits.augmentation.transforms import KINDS
from digits.config.models import Augmentation
from digits.core.errors import DataError
from digits.data.held_out import HeldOut
from digits.plots.augmentation import (
    fresh_preview,
    fresh_tiles,
    preview,
    preview_tiles,
    transforms,
)
from digits.plots.style import save

pytestmark = pytest.mark.filterwarnings("error")


def tensor(labels: list[int], copies: int) -> tuple[np.ndarray, np.ndarray]:
    """Make images whose pixels are 10 x block + place in the fold."""
    blocks = 1 + len(KINDS) * copies
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


def settings(**changes) -> dict:
    return Augmentation(**changes).model_dump()


def headings(figure) -> list[str]:
    return [text.get_text().replace("\n", " ") for text in figure.axes[0].texts]


FURTHER = {"shear": 0.1, "elastic_alpha": 5}
NAMED = [
    "translation + rotation",
    "translation + zoom",
    "translation + zoom + rotation",
]


@pytest.mark.parametrize("copies", [0, 1, 2, 3])
@pytest.mark.parametrize(("more", "end"), [({}, ""), (FURTHER, " + shear + elastic deformation")])
def test_columns_are_headed_by_transforms_and_rows_by_class(copies, more, end):
    warp = settings(copies=copies, **more)
    figure = preview(*tensor([0, 1], copies), warp, classes=[0, 1])
    axes = figure.axes[0]
    assert headings(figure) == ["original", *([name + end for name in NAMED] if copies else [])]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["0", "1"]
    assert len(axes.images) == 1
    assert axes.images[0].get_array().count() == 2 * (1 + 3 * copies) * 6


def test_transforms_that_are_off_are_not_named():
    assert transforms(KINDS[0], settings(rotation=0)) == "translation"
    assert transforms(KINDS[0], settings(rotation=0, translation=0)) == "unchanged"
    assert transforms(KINDS[1], settings(elastic_alpha=9, zoom=0)) == (
        "translation + elastic deformation"
    )


@pytest.mark.parametrize("copies", [1, 2, 3])
def test_headings_stand_over_their_columns_and_off_each_other(copies):
    warp = settings(copies=copies, **FURTHER)
    figure = preview(*tensor([0, 1], copies), warp, classes=[0, 1])
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
    if copies != 2:  # else there is a gap below the heading
        pixels = figure.axes[0].images[0].get_array()
        shown = [float(pixels[0, round(text.xy[0])]) for text in figure.axes[0].texts]
        # The second copy of each kind, or the only one.
        assert shown == ([0, 20, 50, 80] if copies == 3 else [0, 10, 20, 30])


def fresh(copies: int, labels=(0, 1, 1, 0, 1, 0, 1, 0), **more) -> FreshCopies:
    images = np.random.default_rng(0).integers(0, 256, (len(labels), 6, 6), dtype=np.uint8)
    warp = settings(mode="fresh", copies=copies, **more)
    return FreshCopies((images, np.array(labels, np.uint8)), HeldOut([]), warp, 0)


def test_fresh_copies_are_those_that_the_first_epoch_trains_on():
    source = fresh(1, elastic_alpha=5)
    tiles = fresh_tiles(source, 2)
    assert tiles.shape == (2, 5, 6, 6)
    every = np.arange(32, dtype=np.int32)[None]
    images, _, (places,) = source.epoch(1)(every)
    for label, row in ((0, 0), (1, 1)):
        np.testing.assert_array_equal(tiles[label, 0], source.images[row])
        copies = images[places][row::8]
        np.testing.assert_array_equal(tiles[label, 1:], copies)
        assert (copies != source.images[row]).any(axis=(1, 2)).all()


@pytest.mark.parametrize(
    ("copies", "columns"), [(0, [1, 1] * 3), (1, [1, 4]), (2, [1, 7]), (3, [1, 9])]
)
def test_of_few_fresh_copies_several_images_are_shown(copies, columns):
    source = fresh(copies)
    assert fresh_tiles(source, 2).shape == (2, sum(columns), 6, 6)
    figure = fresh_preview(source, [0, 1])
    found = headings(figure)
    assert found == ["original", "translation + zoom + rotation"] * (len(columns) // 2)
    assert "in the first epoch" in figure.get_suptitle()


def test_a_class_with_fewer_images_than_are_shown_leaves_blank_tiles():
    tiles = fresh_tiles(fresh(0, labels=(0, 1, 1, 1)), 3)
    assert tiles.mask.all(axis=(2, 3)).tolist() == [
        [False, False, True, True, True, True],
        [False] * 6,
        [True] * 6,
    ]


def test_the_same_tensor_gives_the_same_bytes(tmp_path):
    for name in ("first.svg", "second.svg"):
        figure = preview(*tensor([0, 1], 1), settings(copies=1), classes=[0, 1])
        save(figure, tmp_path / name)
    assert (tmp_path / "first.svg").read_bytes() == (tmp_path / "second.svg").read_bytes()


def test_colours_are_previewed_in_colour():
    images, labels = tensor([1, 0], copies=1)
    colours = np.stack([images, images // 2, 255 - images], axis=-1)
    tiles = preview_tiles(colours, labels, copies=1, classes=2)
    np.testing.assert_array_equal(tiles[0], colours[1::2])
