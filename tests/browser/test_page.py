"""The report page as a whole, as its reader meets it."""

import re

import html5lib
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe

from browser.conftest import SCHEMES, WIDTHS
from browser.small_report import DESIGN
from digits.analysis.conclusions import answer

AT_EVERY_WIDTH = pytest.mark.parametrize("width", WIDTHS)
IN_EVERY_SCHEME = pytest.mark.parametrize("scheme", SCHEMES)


@AT_EVERY_WIDTH
@IN_EVERY_SCHEME
def test_it_opens_without_a_word_and_asks_for_nothing(visit, report, width, scheme):
    opened = visit(report, width, scheme)
    opened.page.wait_for_load_state("networkidle")
    assert opened.messages == []
    assert [url for url in opened.requests if not url.startswith("data:")] == [report.as_uri()]


def test_it_is_valid_html(report):
    parser = html5lib.HTMLParser(strict=True)
    document = parser.parse(report.read_text(encoding="utf-8"))
    assert document.tag.endswith("html")
    assert not parser.errors


def test_it_opens_with_the_answer(page, experiment):
    names = ("cells", "effects", "comparisons")
    tables = [pd.read_csv(experiment.results / f"tables/{name}.csv") for name in names]
    sentences = page.get_by_role("group", name="The answer").locator("p, li").all_inner_texts()
    assert sentences == answer(*tables, DESIGN)
    first = page.locator("main section").first
    assert first.get_by_role("heading", level=2).inner_text() == "Results"
    assert first.bounding_box()["y"] < 1000


def test_a_cell_is_marked_as_best_and_to_pick_beside_its_interval(page, experiment):
    cells = pd.read_csv(experiment.results / "tables/cells.csv")
    rows = page.locator(".results tbody tr")
    assert rows.count() == len(cells) == 3
    for row, cell in zip(rows.all(), cells.itertuples(), strict=True):
        marks = row.locator(".marks span").all_inner_texts()
        telling = not cells["pareto"].all()  # else all are on the front
        assert ("pick" in marks, "front" in marks) == (cell.pick, cell.pareto and telling)
        words = row.locator("td").first.inner_text().split()
        assert words == [f"{100 * x:.2f}" for x in (cell.accuracy, cell.low)] + [
            "to",
            f"{100 * cell.high:.2f}",
        ]
    assert page.locator(".results .best .marks span").first.inner_text() == "best"


def test_every_section_is_in_the_contents(page):
    links = {link.get_attribute("href")[1:] for link in page.locator("nav a").all()}
    sections = page.locator("main section[id]").all()
    assert links == {section.get_attribute("id") for section in sections}
    wanted = {"results", "effects", "differences", "cost", "published", "learning", "calibration"}
    assert wanted | {"confusions", "hard", "try", "data", "method", "time", "config"} <= links


def test_what_is_folded_opens_with_the_keyboard(page):
    summary = page.locator("#layers-1_nodes-64 summary").first
    assert not page.locator("#layers-1_nodes-64-classes").is_visible()
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("#layers-1_nodes-64-classes").is_visible()


def test_every_link_of_the_contents_lands_on_its_heading(page):
    links = page.locator("nav a")
    assert links.count() > 5
    for link in links.all():
        link.click()
        anchor = link.get_attribute("href")
        heading = page.locator(f"{anchor} :is(h2, h3)".replace("#", "[id='").replace(" ", "'] ", 1))
        top = heading.first.bounding_box()["y"]
        end = page.evaluate("scrollY + innerHeight >= document.documentElement.scrollHeight - 1")
        assert 0 <= top < 200 or (end and 0 <= top < 900), anchor
        words = re.findall(r"\w+", link.inner_text())
        assert set(words) <= set(re.findall(r"\w+", heading.first.inner_text())), anchor


@AT_EVERY_WIDTH
def test_it_never_scrolls_sideways(visit, report, width):
    page = visit(report, width).page
    page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_every_picture_decodes(page):
    sizes = page.evaluate(
        """() => Promise.all([...document.images].map(async (image) => {
            await image.decode();
            return image.naturalWidth * image.naturalHeight;
        }))"""
    )
    assert len(sizes) >= 10
    assert min(sizes) > 0


@AT_EVERY_WIDTH
@IN_EVERY_SCHEME
def test_axe_finds_nothing_serious(visit, report, width, scheme):
    page = visit(report, width, scheme).page
    page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    page.locator("#images button").first.click()
    page.locator("#results-table").locator("..").locator("thead button").first.click()
    found = Axe().run(page).response["violations"]
    serious = [rule for rule in found if rule["impact"] in {"serious", "critical"}]
    assert not serious, [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in serious]


def test_axe_would_find_a_fault(page):
    page.evaluate("document.querySelector('img').removeAttribute('alt')")
    found = Axe().run(page).response["violations"]
    assert "image-alt" in [rule["id"] for rule in found]


def test_on_paper_nothing_is_cut_off_and_nothing_is_left_to_click(page):
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 688, "height": 1000})  # A4 between margins of 14 mm
    assert not page.locator("#pad").is_visible()
    assert not page.locator("nav").is_visible()
    cut = page.evaluate(
        """() => [...document.querySelectorAll("main :is(section, figure, table, p, pre, img)")]
            .filter((part) => part.checkVisibility())
            .filter((part) => part.getBoundingClientRect().right > innerWidth + 1)
            .map((part) => part.outerHTML.slice(0, 80))"""
    )
    assert cut == []
    hiding = page.evaluate(
        """() => [...document.querySelectorAll(".scroll, .plate, details, section")]
            .filter((part) => part.checkVisibility())
            .filter((part) => part.scrollHeight > part.clientHeight + 1)
            .filter((part) => getComputedStyle(part).overflowY !== "visible")
            .map((part) => part.outerHTML.slice(0, 80))"""
    )
    assert hiding == []
    pdf = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) > 3


def test_everything_that_can_be_used_is_reached_with_the_keyboard(page):
    wanted = page.evaluate(
        """() => [...document.querySelectorAll("a[href], button:enabled, summary, #pad")]
            .filter((part) => part.checkVisibility()).length"""
    )
    reached = page.evaluate("() => { window.reached = new Set(); }")
    for _ in range(wanted + 80):
        page.keyboard.press("Tab")
        reached = page.evaluate(
            """() => {
                const part = document.activeElement;
                if (part.matches("a[href], button, summary, #pad")) window.reached.add(part);
                return window.reached.size;
            }"""
        )
    assert reached == wanted


def test_without_javascript_it_says_what_is_missing_and_shows_the_rest(visit, report):
    page = visit(report, java_script_enabled=False).page
    assert page.locator("#try-off").is_visible()
    assert not page.locator("#try-on").is_visible()
    assert page.locator(".results tbody tr").count() == 3
    assert page.locator(".results thead button").count() == 0
