"""Colours seen in grey, as Pillow has them, by what has no meaning in three channels."""

import numpy as np
from colours import colour_table
from PIL import Image

from digits.core.class_labels import labels_of
from digits.data.image_tables import ImageTable
from digits.data.luminance import in_grey, luma
from digits.data.observations import observe
from digits.data.summary import summarise_pixels

TABLE = colour_table()
GREY = ImageTable(luma(TABLE.images), TABLE.labels, TABLE.rows)


def test_luma_is_pillows():
    colours = np.random.default_rng(1).integers(0, 256, (90, 50, 3), dtype=np.uint8)
    np.testing.assert_array_equal(luma(colours), np.asarray(Image.fromarray(colours).convert("L")))
    corners = np.array([[0, 0, 0], [255, 255, 255]], np.uint8)
    assert luma(corners).tolist() == [0, 255]


def test_a_table_in_grey_has_the_same_labels_and_rows_chunk_by_chunk(monkeypatch):
    monkeypatch.setattr("digits.data.image_tables.CHUNK", 7)
    seen = in_grey(TABLE)
    assert (len(seen), seen.image_shape) == (60, (8, 8))
    parts = list(seen.chunks())
    np.testing.assert_array_equal(np.concatenate([p.images for p in parts]), GREY.images)
    np.testing.assert_array_equal(np.concatenate([p.labels for p in parts]), seen.labels)
    np.testing.assert_array_equal(np.concatenate([p.rows for p in parts]), seen.rows)
    assert in_grey(GREY) is GREY


def test_colours_are_summarised_by_their_luminance():
    classes = labels_of(10)
    expected = summarise_pixels(GREY, GREY, classes)
    assert summarise_pixels(TABLE, TABLE, classes).equals(expected)


def test_colours_are_observed_by_their_luminance():
    found = observe(TABLE.chunks(), 0, 255)
    expected = observe(GREY.chunks(), 0, 255)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert abs(found[name] - value) < 0.6, name  # rounded after the mean, not before it
