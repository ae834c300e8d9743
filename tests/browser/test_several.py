"""The report page of several folds and seeds, with trainings that failed."""

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe

from browser.conftest import SCHEMES, WIDTHS
from browser.several_report import write_several

OPEN = "for (const details of document.querySelectorAll('details')) details.open = true"


@pytest.fixture(scope="module")
def several(executable, tmp_path_factory):
    return write_several(tmp_path_factory.mktemp("several"))


def test_it_is_valid_html(several):
    parser = html5lib.HTMLParser(strict=True)
    parser.parse(several.read_text(encoding="utf-8"))
    assert not parser.errors


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_opens_without_a_word_and_axe_finds_nothing_serious(visit, several, width, scheme):
    opened = visit(several, width, scheme)
    opened.page.wait_for_load_state("networkidle")
    assert opened.messages == []
    assert [url for url in opened.requests if not url.startswith("data:")] == [several.as_uri()]
    opened.page.evaluate(OPEN)
    found = Axe().run(opened.page).response["violations"]
    serious = [rule for rule in found if rule["impact"] in {"serious", "critical"}]
    assert not serious, [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in serious]


@pytest.mark.parametrize("width", WIDTHS)
def test_it_never_scrolls_sideways(visit, several, width):
    page = visit(several, width).page
    page.evaluate(OPEN)
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_every_picture_decodes(visit, several):
    sizes = visit(several).page.evaluate(
        """() => Promise.all([...document.images].map(async (image) => {
            await image.decode();
            return image.naturalWidth * image.naturalHeight;
        }))"""
    )
    assert len(sizes) >= 15
    assert min(sizes) > 0
