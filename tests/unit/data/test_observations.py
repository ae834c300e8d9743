"""Images checked as a whole: their range, their border, and on which side they lie."""

import layouts
import numpy as np
import pytest
from ingesting import described, ingest_bytes

from digits.core.errors import DataError
from digits.data.image_tables import ImageTable
from digits.data.ingest import ingest
from digits.data.observations import observe

IMAGES, LABELS = layouts.digits()


def ingest_digits(folder, images, **keys):
    train = layouts.write_csv(folder, images, LABELS)
    return ingest(described(folder / train, image_shape=(8, 8), **keys), folder / "out.parquet")


def refused(folder, images, **keys):
    with pytest.raises(DataError) as caught:
        ingest_digits(folder, images, **keys)
    assert not (folder / "out.parquet").exists()
    return str(caught.value).removeprefix(f"{folder}/train.csv")


def test_values_far_below_their_range_stop_with_the_key_to_set(tmp_path):
    small = np.round(IMAGES / 255 * 16).astype(int)
    assert refused(tmp_path, small) == (
        ": expected pixels up to 255, found none above 16; set dataset.pixel_range to [0, 16], or"
        " to [0, 255] to confirm it"
    )
    assert ingest_digits(tmp_path, small, pixel_range=(0, 16))["observed"]["high"] == 16
    assert ingest_digits(tmp_path, small, pixel_range=(0, 255))["rows"] == len(IMAGES)


def test_a_bright_border_stops_with_the_key_to_set(tmp_path):
    assert refused(tmp_path, 255 - IMAGES).startswith(
        ": expected a dark border, found one of bright"
    )
    assert "set dataset.invert to true if the images are dark on light" in refused(
        tmp_path, 255 - IMAGES
    )
    assert ingest_digits(tmp_path, 255 - IMAGES, invert=True)["observed"]["border"] < 60
    assert ingest_digits(tmp_path, 255 - IMAGES, invert=False)["observed"]["border"] > 190


def test_images_on_their_side_are_noted_with_the_key_that_turns_them(tmp_path):
    turned = IMAGES.transpose(0, 2, 1)
    (note,) = ingest_digits(tmp_path, turned)["notes"]
    assert note.endswith("if the images lie on their side, set dataset.order to columns.")
    assert ingest_digits(tmp_path, turned, order="columns")["notes"] == []


def test_a_few_images_say_nothing_about_all(tmp_path):
    table = ingest_bytes(tmp_path, b"p0,p1,p2,p3,p4,p5\n1,2,3,4,5,6\n", part="test")
    assert len(table) == 1


def test_what_is_observed_is_that_of_the_mean_image():
    images = np.zeros((2, 4, 6), np.uint8)
    images[:, 1, 1:5] = 200
    images[0, 0, 0] = 120
    seen = observe([ImageTable(images[:1]), ImageTable(images[1:])], 0, 200)
    assert (seen["low"], seen["high"]) == (0, 200)
    assert seen["border"] == pytest.approx(60 / 16, abs=1e-4)
    assert seen["inside"] == pytest.approx(100)
    mean = images.mean(axis=0)
    rows = np.repeat(np.arange(4), np.round(mean.sum(axis=1)).astype(int))
    assert seen["height"] == pytest.approx(rows.std(), abs=1e-4)
    mirrored = np.corrcoef(mean.ravel(), mean[:, ::-1].ravel())[0, 1]
    assert seen["mirrored"] == pytest.approx(mirrored, abs=1e-4)


def test_images_that_are_all_alike_have_no_correlation_and_no_spread():
    seen = observe([ImageTable(np.zeros((3, 4, 4), np.uint8))], 0, 0)
    assert [seen[name] for name in ("height", "width", "mirrored", "inverted")] == [0, 0, 0, 0]
