"""The page of images in colour: nothing to draw on, and images in their colours."""

import json
import shutil

import numpy as np
import pytest

from browser.small_report import CELLS, DESIGN, Experiment, write_page
from digits.evaluation.inference import Dense, Flatten, Rescaling
from digits.report.networks import as_data, as_text

IMAGES = np.random.default_rng(1).integers(0, 256, (4, 5, 4, 3), dtype=np.uint8)
LABELS = [0, 1, 2, 0]
PIXELS = """() => [...document.querySelector("#pad").getContext("2d")
    .getImageData(0, 0, 4, 5).data]"""
READ = """() => [...document.querySelectorAll(".probabilities tbody tr")].map((row) =>
    [...row.querySelectorAll("data")].map((data) => Number(data.value)))"""


def stack(seed: int) -> list:
    weights = np.random.default_rng(seed).normal(0, 0.3, (60, 3)).astype(np.float16)
    bias = np.zeros(3, np.float32)
    return [Rescaling(np.float32(1 / 255), np.float32(0)), Flatten(),
            Dense(weights.astype(np.float32), bias, "softmax")]  # fmt: skip


def predicted(layers: list) -> np.ndarray:
    values = IMAGES
    for layer in layers:
        values = layer(values)
    return values


@pytest.fixture(scope="module")
def coloured(experiment, tmp_path_factory):
    """The report of an experiment whose images and networks are replaced by such in colour."""
    copy = Experiment(tmp_path_factory.mktemp("colour") / "results")
    shutil.copytree(experiment.results, copy.results)
    path = copy.results / "report/networks.json"
    networks = [
        dict(zip(DESIGN.factors, cell, strict=True))
        | {"fold": 0, "seed": 5, "stack": as_data(stack(number))}
        for number, cell in enumerate(CELLS)
    ]
    images = {"fold": 0, "rows": [1, 2, 3, 4], "labels": LABELS, "pixels": as_text(IMAGES)}
    content = {"classes": ["a", "b", "c"], "networks": networks, "images": images}
    content |= {"image_shape": [5, 4, 3], "drawing": None}
    path.write_text(json.dumps(json.loads(path.read_text()) | content))
    facts = copy.results / "data/facts.json"
    facts.write_text(json.dumps(json.loads(facts.read_text()) | {"image_shape": [5, 4, 3]}))
    return write_page(copy, copy.results / "report/index.html")


def test_images_are_shown_and_classified_in_colour_and_nothing_is_drawn(coloured, visit):
    opened = visit(coloured)
    page = opened.page
    assert page.locator("#clear, #undo, #seen, #pad-help, [role=application]").count() == 0
    expected = np.stack([predicted(stack(number)) for number in range(len(CELLS))])
    np.testing.assert_allclose(page.evaluate(READ), expected[:, 0], atol=1e-4)
    assert page.locator("#truth").inner_text() == "True class: a, row 1."
    page.locator("#images button").nth(2).click()
    np.testing.assert_allclose(page.evaluate(READ), expected[:, 2], atol=1e-4)
    assert page.locator("#truth").inner_text() == "True class: c, row 3."
    shown = np.array(page.evaluate(PIXELS)).reshape(5, 4, 4)
    np.testing.assert_array_equal(shown[..., :3], IMAGES[2])
    assert "luminance" in page.locator("#data").inner_text()
    assert opened.messages == []
