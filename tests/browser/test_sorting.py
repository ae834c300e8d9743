"""Tables that are sorted by a click on a heading."""

import pytest

CAPTION = "#results-table"
ROWS = """
<thead><tr><th>Name</th><th>Figure</th><th>Kind</th></tr></thead>
<tbody>
<tr><th>b</th><td>1,000.5<small>9</small></td><td>x</td></tr>
<tr><th>a10</th><td>&minus;2.5</td><td>y</td></tr>
<tr class="note"><td colspan="3">below a10</td></tr>
<tr><th>a9</th><td>&ndash;</td><td>x</td></tr>
<tr><th>c</th><td><strong>failed</strong></td><td>y</td></tr>
<tr><th>d</th><td>95.1%</td><td>x</td></tr>
<tr><th>e</th><td>95.10 ± 0.1</td><td>y</td></tr>
<tr><th>f</th><td>&lt; 0.001</td><td>x</td></tr>
<tr><th>g</th><td>0.001</td><td>y</td></tr>
</tbody>
"""


@pytest.fixture
def table(visit, tmp_path, report):
    """A table of numbers, texts and gaps, in a page with the report's own program."""
    text = report.read_text(encoding="utf-8")
    opening = text.index("<script>", text.index("<footer>"))
    body = f'<table class="sortable">{ROWS}</table>{text[opening : text.index("</body>")]}'
    path = tmp_path / "table.html"
    path.write_text(f'<!DOCTYPE html><meta charset="utf-8"><body>{body}</body>', encoding="utf-8")
    return visit(path).page.locator("table")


def names(table):
    return [text.strip() for text in table.locator("tbody tr > :first-child").all_inner_texts()]


def test_numbers_are_sorted_as_numbers_and_gaps_come_last_both_ways(table):
    table.get_by_role("button", name="Figure").click()
    assert names(table) == ["a10", "below a10", "f", "g", "d", "e", "b", "a9", "c"]
    table.get_by_role("button", name="Figure").click()
    assert names(table) == ["b", "d", "e", "g", "f", "a10", "below a10", "a9", "c"]


def test_texts_are_sorted_as_people_do(table):
    table.get_by_role("button", name="Name").click()
    assert names(table) == ["a9", "a10", "below a10", "b", "c", "d", "e", "f", "g"]


def test_equal_rows_stay_in_the_order_of_the_sort_before(table):
    table.get_by_role("button", name="Figure").click()
    table.get_by_role("button", name="Kind").click()
    assert names(table) == ["f", "d", "b", "a9", "a10", "below a10", "g", "e", "c"]
    table.get_by_role("button", name="Kind").click()
    assert names(table) == ["a10", "below a10", "g", "e", "c", "f", "d", "b", "a9"]


def test_the_direction_is_announced_to_screen_readers(table):
    headings = table.locator("thead th")
    headings.nth(1).get_by_role("button").focus()
    table.page.keyboard.press("Enter")
    assert headings.nth(1).get_attribute("aria-sort") == "ascending"
    assert table.page.get_by_role("status").first.inner_text() == "Sorted by Figure, ascending."
    table.page.keyboard.press("Space")
    assert headings.nth(1).get_attribute("aria-sort") == "descending"
    headings.nth(0).get_by_role("button").click()
    assert [heading.get_attribute("aria-sort") for heading in headings.all()] == [
        "ascending",
        None,
        None,
    ]


def test_the_results_of_the_report_are_sorted(page):
    table = page.locator(CAPTION).locator("..")
    column = table.locator("thead th").all_inner_texts().index("Parameters")
    cells = table.locator(f"tbody tr > :nth-child({column + 1})")
    rising = cells.all_inner_texts()
    assert rising == ["50,890", "55,050", "105,940"]
    table.get_by_role("button", name="Parameters").click()
    assert cells.all_inner_texts() == rising
    table.get_by_role("button", name="Parameters").click()
    assert cells.all_inner_texts() == rising[::-1]
