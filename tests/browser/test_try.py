"""Drawing on the report page, and what its networks make of it."""

import math

import numpy as np
import pytest

from browser.conftest import visiting
from browser.small_report import CELLS
from digits.data.image_tables import read_images
from digits.evaluation.predictions import read_probabilities


@pytest.fixture(scope="module")
def page(chromium, report):
    """A page for all tests here, none of which hangs on what is drawn."""
    with visiting(chromium) as visit:
        yield visit(report).page


READ = """() => [...document.querySelectorAll(".probabilities tbody tr")].map((row) =>
    [...row.querySelectorAll("data")].map((data) => Number(data.value)))"""
LOAD_ALL = f"""() => {{
    const found = [];
    for (;;) {{
        for (const button of document.querySelectorAll("#images button")) {{
            button.click();
            found.push([button.getAttribute("aria-label"), ({READ})()]);
        }}
        if (document.querySelector("#easier").disabled) return found;
        document.querySelector("#easier").click();
    }}
}}"""


@pytest.fixture(scope="module")
def found(page):
    """The names of all images, from the hardest on, with the networks' probabilities of each."""
    return page.evaluate(LOAD_ALL)


def arc(x, y, width, height, start, end):  # noqa: PLR0917 - a shorthand for the table below
    """Points of an arc of an ellipse; angles in degrees, clockwise from the right."""
    angles = [math.radians(start + (end - start) * step / 14) for step in range(15)]
    return [(x + width * math.cos(angle), y + height * math.sin(angle)) for angle in angles]


# Strokes as one may write the digits, in parts of the drawing area.
STROKES = {
    0: [arc(0.5, 0.5, 0.2, 0.3, -90, 270)],
    1: [[(0.5, 0.2), (0.5, 0.8)]],
    2: [[*arc(0.5, 0.35, 0.17, 0.15, -170, 30), (0.33, 0.8), (0.7, 0.8)]],
    3: [arc(0.48, 0.35, 0.17, 0.15, -150, 90) + arc(0.48, 0.65, 0.2, 0.16, -90, 150)],
    4: [[(0.42, 0.2), (0.3, 0.55), (0.7, 0.55)], [(0.6, 0.4), (0.58, 0.85)]],
    5: [[(0.68, 0.2), (0.4, 0.2), (0.37, 0.47), *arc(0.48, 0.62, 0.2, 0.18, -120, 150)]],
    6: [[(0.6, 0.18), (0.45, 0.35), (0.36, 0.6), *arc(0.5, 0.66, 0.15, 0.15, 180, -180)]],
    7: [[(0.3, 0.2), (0.7, 0.2), (0.45, 0.82)]],
    8: [arc(0.5, 0.34, 0.14, 0.14, 90, -270) + arc(0.5, 0.65, 0.17, 0.17, -90, 270)],
    9: [arc(0.5, 0.36, 0.16, 0.16, 0, -360), [(0.66, 0.36), (0.62, 0.6), (0.55, 0.84)]],
}


def at(page, point, size=1.0, x=0.0, y=0.0):
    """Where a point of a drawing of a size lies on the screen, the drawing moved by x and y."""
    box = page.locator("#pad").bounding_box()
    return (
        box["x"] + box["width"] * (x + size * point[0]),
        box["y"] + box["height"] * (y + size * point[1]),
    )


def draw(page, digit, **placed):
    page.locator("#pad").scroll_into_view_if_needed()
    for stroke in STROKES[digit]:
        first, *rest = [at(page, point, **placed) for point in stroke]
        page.mouse.move(*first)
        page.mouse.down()
        for point in rest:
            page.mouse.move(*point)
        page.mouse.up()


def answers(page):
    """The class that each network predicts, once the page has drawn."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    return page.locator(".probabilities tbody td.text").all_inner_texts()


def test_on_200_validation_images_the_probabilities_are_keras_s(found, experiment, network):
    import keras

    table = read_images(experiment.results / "folds/fold-0/validation.parquet")
    rows = [int(label.rpartition(" ")[2]) for label, _ in found]
    assert len(set(rows)) == 200
    places = [table.rows.tolist().index(row) for row in rows]
    for number, path in enumerate(experiment.trials("model.keras")):
        model = keras.saving.load_model(path)
        expected = model.predict(table.images[places], verbose=0)
        shown = np.array([probabilities[number] for _, probabilities in found])
        assert shown.shape == expected.shape
        assert np.abs(shown - expected).max() < 0.01


def test_the_hardest_images_come_first_and_are_named_by_what_they_are(found, experiment):
    tables = [read_probabilities(path) for path in experiment.trials("validation.parquet")]
    keys = tables[0][0]
    true = np.mean([p[np.arange(len(p)), keys["label"]] for _, p in tables], axis=0)
    hardest = np.argsort(true, kind="stable")[:100]
    expected = [
        f"Image {number}: {keys['label'][place]}, row {keys['row'][place]}"
        for number, place in enumerate(hardest, start=1)
    ]
    assert [label for label, _ in found[:100]] == expected


def test_a_loaded_image_says_whether_the_networks_are_right(page):
    image = page.locator("#images button").first
    image.click()
    label = image.get_attribute("aria-label").partition(": ")[2].partition(",")[0]
    assert image.get_attribute("aria-pressed") == "true"
    assert page.locator("#truth").inner_text().startswith(f"True class: {label}, row ")
    for answer in page.locator(".probabilities tbody td.text").all():
        read, word = answer.inner_text().split()[0], answer.locator(".sr").text_content()
        assert word == (", right" if read == label else ", wrong")


@pytest.mark.parametrize("digit", STROKES)
def test_a_drawn_digit_is_recognised_wherever_and_however_small_it_is_drawn(page, digit):
    for placed in ({}, {"size": 0.45, "x": 0.5, "y": 0.02}):
        page.locator("#clear").click()
        draw(page, digit, **placed)
        assert answers(page) == [str(digit)] * len(CELLS)
        verdict = page.locator("#verdict").inner_text()
        assert verdict.startswith(f"Both networks predict {digit}; mean confidence ")


def test_a_drawing_is_scaled_and_centred_as_mnist_s_digits_are(page):
    style = "{extent: 20 / 28, centre: [14, 14], pen: 2.4}"
    strokes = "[[[3, 9], [12, 8], [8, 16]], [[20, 3]]]"
    pixels = page.evaluate(f"[...Drawing.image({strokes}, {style}, [28, 28])]")
    image = np.array(pixels, dtype=float).reshape(28, 28)
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    spans = (np.ptp(rows) + 1, np.ptp(columns) + 1)
    assert 20 <= max(spans) <= 22  # a box of 20 may touch 22 pixels in part
    centres = (np.arange(28) + 0.5) @ np.stack([image.sum(axis=1), image.sum(axis=0)], axis=1)
    np.testing.assert_allclose(centres / image.sum(), [14, 14], atol=0.05)
    assert image.max() == 255
    assert len(set(pixels)) > 20  # soft edges


@pytest.mark.parametrize("shape", [[8, 8], [32, 20]])
def test_a_drawing_fills_the_box_of_any_image_and_stays_inside(page, shape):
    style = f"{{extent: 1, centre: [{shape[0] * 0.3}, {shape[1] * 0.7}], pen: 1.2}}"
    ring = "[Array.from({length: 33}, (_, i) => [Math.sin(i / 5), Math.cos(i / 5)])]"
    pixels = page.evaluate(f"[...Drawing.image({ring}, {style}, {shape})]")
    image = np.array(pixels).reshape(shape)
    assert image.any(axis=0).all() if shape[1] <= shape[0] else image.any(axis=1).all()
    assert image.sum() > 0
