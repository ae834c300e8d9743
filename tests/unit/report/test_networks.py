"""The networks embedded in the report page: their choice and the encoding of their weights."""

import base64
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from digits.core.design import Design
from digits.data.image_tables import ImageTable
from digits.evaluation.inference import Dense, Flatten, Rescaling
from digits.report.networks import (
    as_data,
    as_text,
    characters,
    drawing_style,
    embed_images,
    first_good,
    fitting_networks,
    hard_first,
    leading_networks,
    sample,
)

DESIGN = Design({"layers": tuple(range(20)), "nodes": (9,)})


def trial(layers, fold=0, seed=1, **more):
    return {"layers": layers, "nodes": 9, "fold": fold, "seed": seed} | more


def test_of_each_cell_the_first_trial_without_failure_is_chosen():
    first, failed, later = trial(2, 0, 5), trial(2, 0, 3, failed="nan"), trial(2, 1, 3)
    other = trial(1, 1, 1, failed=None)
    lost = trial(3, 0, 1, failed="nan")
    chosen, without = first_good([later, lost, first, failed, other], DESIGN)
    assert chosen == [other, first]
    assert without == [lost]


def test_a_choice_is_in_the_order_of_the_design_and_not_of_the_alphabet():
    design = Design({"optimizer": ("sgd", "adam")})
    trials = [{"optimizer": name, "fold": 0, "seed": 1} for name in ("adam", "sgd")]
    assert first_good(trials, design)[0] == trials[::-1]


def test_of_many_cells_the_most_accurate_over_all_their_trainings_lead():
    trials = [
        trial(layers, fold, best_val_accuracy=layers / 20 + (layers == 19 and fold == 0) * -0.92)
        for layers in range(20)
        for fold in (0, 1)
    ]
    chosen, _ = first_good(trials, DESIGN)
    leading, behind = leading_networks(chosen, trials, DESIGN)
    assert [t["layers"] for t in leading] == [*range(18, 9, -1), 19, 9, 8]
    assert [t["layers"] for t in behind][:2] == [7, 6]
    assert len(leading) + len(behind) == 20
    assert leading_networks(chosen[:8], trials, DESIGN) == (chosen[:8], [])


@given(st.integers(1, 10**6))
def test_the_size_of_weights_is_what_they_take_as_text(parameters):
    count = parameters % 1000 + 1
    assert characters(count) == len(as_text(np.zeros(count, np.float32)))
    assert characters(parameters) == 4 * math.ceil(2 * parameters / 3)


def test_if_not_all_networks_fit_the_best_are_kept_in_the_order_of_the_design():
    sizes = [(600, 0.95), (300, 0.96), (900, 0.99), (300, 0.97), (30, 0.5)]
    trials = [
        trial(number, parameters=size, val_accuracy=accuracy)
        for number, (size, accuracy) in enumerate(sizes)
    ]
    kept, others = fitting_networks(trials, limit=characters(900) + characters(330))
    assert [t["layers"] for t in kept] == [2, 3, 4]
    assert [t["layers"] for t in others] == [0, 1]
    assert fitting_networks(trials, limit=10**6) == (trials, [])


def test_what_is_kept_never_takes_more_than_the_limit_in_a_design_of_96_cells():
    trials = [
        trial(number, parameters=200_000 + number, val_accuracy=number / 96) for number in range(96)
    ]
    kept, others = fitting_networks(trials)
    assert sum(characters(t["parameters"]) for t in kept) <= 8_000_000
    assert len(kept) + len(others) == 96
    assert [t["layers"] for t in kept] == list(range(96 - len(kept), 96))
    assert len(kept) == 14


@given(arrays.arrays(np.float32, 7, elements=st.floats(-60_000, 60_000, width=32)))
def test_weights_come_back_within_the_precision_of_float16(weights):
    found = np.frombuffer(base64.b64decode(as_text(weights)), "<f2").astype(np.float32)
    np.testing.assert_allclose(found, weights, rtol=2**-11, atol=2**-25)


def test_weights_beyond_float16_stay_numbers():
    found = np.frombuffer(base64.b64decode(as_text(np.float32([1e9, -1e9]))), "<f2")
    assert found.tolist() == [65504, -65504]


def test_layers_are_written_in_their_order():
    kernel = np.array([[1, 2, 3], [4, 5, 6]], np.float32)
    dense = Dense(kernel, np.zeros(3, np.float32), "relu")
    first, second = as_data([Rescaling(np.float32(0.5), np.float32(0)), Flatten(), dense])
    assert first == {"scale": 0.5, "offset": 0}
    assert (second["activation"], second["units"]) == ("relu", 3)
    rows = np.frombuffer(base64.b64decode(second["kernel"]), "<f2")
    assert rows.tolist() == [1, 2, 3, 4, 5, 6]


def test_images_are_hard_by_the_mean_probability_of_their_class():
    labels = np.array([0, 1, 0])
    one = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    two = np.array([[0.1, 0.9], [0.1, 0.9], [0.6, 0.4]])
    assert hard_first(labels, [one, two]).tolist() == [0, 2, 1]


@given(st.integers(1, 3000), st.integers(1, 65536))
def test_a_sample_starts_with_the_hardest_and_reaches_to_the_easiest(count, pixels):
    order = np.arange(count)[::-1]
    found = sample(order, pixels)
    assert len(found) == len(set(found)) <= min(200, count)
    assert len(found) * pixels <= max(1_000_000, pixels)
    front = math.ceil(len(found) / 2)
    assert found[:front].tolist() == order[:front].tolist()
    assert sorted(found, reverse=True) == found.tolist()
    assert len(found) < 3 or found[-1] == 0


def blot(shape, top, left, height, width):
    image = np.zeros(shape, np.uint8)
    image[top : top + height, left : left + width] = 255
    return image


def test_the_style_of_drawing_is_measured():
    bars = np.stack([blot((32, 20), 4, 8, 24, 3), blot((32, 20), 4, 8, 24, 3)])
    style = drawing_style(bars)
    assert style["extent"] == 24 / 32
    assert style["centre"] == [16, 9.5]
    # Twice the area over the outline of a bar of 24 x 3, but for the corners.
    assert style["pen"] == pytest.approx(2 * 72 / 54, abs=0.05)


def test_the_style_of_mnist_is_that_of_its_makers():
    # Boxes 20 tall whose centres of mass are within half a pixel of the middle of pixel (14, 14)
    digits = np.stack([blot((28, 28), top, 13, 20, 3) for top in (4, 5)])
    style = drawing_style(digits)
    assert style["extent"] == pytest.approx(20 / 28, abs=1e-4)
    assert style["centre"] == [14.5, 14.5]
    blank = drawing_style(np.zeros((3, 28, 28), np.uint8))
    assert [blank["extent"], blank["centre"]] == [pytest.approx(20 / 28), style["centre"]]


def test_blank_images_are_drawn_on_as_mnist_is():
    assert drawing_style(np.zeros((3, 28, 28), np.uint8)) == {
        "extent": 20 / 28,
        "centre": [14.5, 14.5],
        "pen": 2.8,
    }


def test_images_keep_their_labels_rows_and_pixels():
    images = np.arange(24, dtype=np.uint8).reshape(4, 3, 2)
    table = ImageTable(images, np.uint8([5, 6, 7, 8]), np.int32([50, 60, 70, 80]))
    found = embed_images(table, 3, np.array([2, 0]))
    assert (found["fold"], found["labels"], found["rows"]) == (3, [7, 5], [70, 50])
    assert base64.b64decode(found["pixels"]) == bytes([*range(12, 18), *range(6)])


def test_no_drawing_is_like_an_image_in_colour():
    assert drawing_style(np.full((3, 4, 5, 3), 200, np.uint8)) is None
