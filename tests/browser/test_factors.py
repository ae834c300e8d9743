"""The report page of four factors that vary."""

import pytest
from report_files import Files

from browser.conftest import WIDTHS

FACTORS = {
    "layers": (2, 3),
    "nodes": (100, 200),
    "learning_rate": (0.001, 0.01),
    "label_smoothing": (0.0, 0.125),
}


@pytest.fixture(scope="module")
def factors(executable, tmp_path_factory):
    folder = tmp_path_factory.mktemp("factors")
    files = Files(folder, factors=FACTORS, folds=(0, 1, 2), score=0.91234).prepare()
    files.write()
    return files.path("report/index.html")


@pytest.fixture(params=WIDTHS)
def opened(visit, factors, request):
    page = visit(factors, request.param).page
    page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    return page


SCROLLING = """() => [...document.querySelectorAll(".scroll")]
    .filter((frame) => frame.scrollWidth > frame.clientWidth)
    .map((frame) => frame.getAttribute("aria-labelledby"))"""


def test_the_table_of_results_has_a_column_per_factor(visit, factors):
    heads = visit(factors).page.locator(".results thead th").all_inner_texts()
    found = [" ".join(head.split()) for head in heads]
    assert found[:4] == ["Layers", "Nodes", "Learning rate", "Label smoothing"]
    assert {"Test score", "Parameters", "ECE (%)"} <= set(found)


def test_all_tables_fit_a_wide_screen_and_scroll_in_their_own_frames_on_a_narrow_one(opened):
    width = opened.viewport_size["width"]
    assert opened.evaluate("document.documentElement.scrollWidth") == width
    scrolling = opened.evaluate(SCROLLING)
    assert scrolling == [] if width == max(WIDTHS) else "results-table" in scrolling
