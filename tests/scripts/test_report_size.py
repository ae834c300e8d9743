"""The report page stays small enough to be sent: the reference design and one of many cells."""

import json
import re
from itertools import product

from html_page import Page
from report_files import Files

from digits.report.networks import IMAGES, PIXELS, WEIGHTS, characters

LIMIT = 15_000_000
PLOTS = ("results/effects", "results/differences", "results/cost")
PLOTS += ("errors/reliability", "errors/confusions", "errors/worst", "errors/common")
PLOTS += ("data/class_distribution", "data/sample_digits", "data/mean_digits", "augmentation")
REFERENCE = {"layers": (2, 3, 5), "nodes": (100, 200)}
MANY = {"layers": (1, 2, 3, 4, 5, 6), "nodes": (50, 100, 200, 400)}


def networks(factors, weights: int) -> str:
    """Made-up networks of so many characters in all, with as many images as there may be."""
    cells = list(product(*factors.values()))
    trials = [{"layers": layers, "nodes": nodes, "fold": 0, "seed": 1} for layers, nodes in cells]
    stack = [
        {"activation": "relu", "units": 1, "kernel": "A" * (weights // len(cells)), "bias": ""}
    ]
    images = {"fold": 0, "rows": [41_999] * IMAGES, "labels": [1] * IMAGES}
    images["pixels"] = "A" * characters(PIXELS // 2)  # of a byte each
    drawing = {"extent": 0.7, "centre": [14.5, 14.5], "pen": 2.5}
    content = {"classes": [str(label) for label in range(10)], "image_shape": [28, 28]}
    content |= {"networks": [trial | {"stack": stack} for trial in trials], "images": images}
    return json.dumps(content | {"drawing": drawing, "failed": [], "too_large": [], "behind": []})


def write(folder, factors, weights: int, learning: int) -> str:
    """Write a page with pictures as large as those of the reference experiment."""
    files = Files(folder, factors=factors).prepare()
    plots = [*files.draw(*PLOTS, size=120_000), *files.draw("results/learning", size=learning)]
    for cell, name in product(files.design.cells, ("learning", "confusion")):
        files.draw(files.cell_plot(cell, name), size=77_000)
    files.path("networks.json").write_text(networks(factors, weights))
    return files.write("--plots", *plots, f"--networks={files.path('networks.json')}")


def test_the_page_of_the_reference_design_has_all_pictures_and_can_be_sent(tmp_path):
    page = write(tmp_path, REFERENCE, 2_850_000, learning=120_000)
    assert 6_000_000 < len(page.encode()) < LIMIT
    read = Page(page)
    assert len(read.all("img")) == len(PLOTS) + 1 + 12
    assert "To keep this page small" not in read.words()


def test_the_page_of_many_cells_leaves_out_what_is_too_much_and_says_so(tmp_path):
    page = write(tmp_path, MANY, WEIGHTS, learning=4_500_000)
    assert len(page.encode()) < LIMIT
    read = Page(page)
    words = read.words()
    assert "it does not show plots/results/learning.svg." in words
    pictures = [image["alt"] for image in read.all("img")]
    shown = [text for text in pictures if text.startswith("Plot of cells/")]
    assert 0 < len(shown) < 48
    assert re.search(r"the pictures of \d+ cells are left out, the least accurate first", words)
    best = read.tables["results-table"][1:]
    best = next(row[0] for row in best if "best" in row[0])
    layers, _, nodes, *_ = best.split()
    assert any(f"layers-{layers}_nodes-{nodes}/" in text for text in shown)
