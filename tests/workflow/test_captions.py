"""Snakemake's own report: every result has a category, labels and a caption that explains it."""

import re
from collections import Counter
from itertools import product
from pathlib import Path

import pytest
from docutils.core import publish_string

ROOT = Path(__file__).parents[2]
RULES = sorted((ROOT / "workflow" / "rules").glob("*.smk"))
MARKED = re.compile(r"report\(\s*(\"<results>.*?)\n *\)", re.DOTALL)
MARKS = [mark for path in RULES for mark in MARKED.findall(path.read_text())]
CATEGORIES = [
    *("1 Results", "2 Analysis", "3 Cells", "4 Errors"),
    *("5 Submissions", "6 Data", "7 Provenance"),
]
"""Snakemake lists them alphabetically; the numbers make that the order of reading."""


def value(mark: str, key: str) -> str:
    (found,) = re.findall(rf"\b{key}=(.+?),?$", mark, re.MULTILINE)
    return found.strip('"')


def test_every_mark_is_found_and_every_category_used():
    assert len(MARKS) == sum(path.read_text().count("report(") for path in RULES) > 20
    assert sorted({value(mark, "category") for mark in MARKS}) == CATEGORIES


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: mark.split('"')[1])
def test_a_result_is_labelled_by_what_tells_it_from_others(mark):
    labels = labels_of(mark)
    path = mark.split('"')[1]
    if "{layers}" in path:
        assert (labels["layers"], labels["nodes"]) == ("{layers}", "{nodes}")
    elif "submissions" not in path:
        # The first label is a column by itself: pages and files, plots and tables stand together.
        assert list(labels) == ["kind", "shows"]
        kind = {".svg": "plot", ".csv": "table", ".html": "page", ".md": "text", ".yaml": "file"}
        assert labels["kind"] == kind[Path(path).suffix]


def labels_of(mark: str) -> dict[str, str]:
    return dict(re.findall(r'"(\w+)": "([^"]+)"', value(mark, "labels")))


def listed(category: str, layers: range, nodes: range) -> list[dict[str, str]]:
    """The labels of all results of a category, for a design."""
    rows = []
    for labels in [labels_of(mark) for mark in MARKS if value(mark, "category") == category]:
        cells = product(layers, nodes) if "{layers}" in labels.values() else [(0, 0)]
        for cell in cells:
            levels = dict(zip(("{layers}", "{nodes}"), map(str, cell), strict=True))
            rows.append({name: levels.get(text, text) for name, text in labels.items()})
    return rows


@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("size", [(1, 1), (1, 2), (2, 1), (2, 2), (3, 2), (3, 3)], ids=str)
def test_every_result_can_be_opened_whatever_the_design(category, size):
    # A label but the first that halves the results becomes a switch of Snakemake's report, which
    # breaks down if one of its two sides is missing.
    rows = listed(category, *map(range, size))
    names = list(dict.fromkeys(name for row in rows for name in row))
    halving = [name for name in names[1:] if halves([row.get(name) for row in rows])]
    if len(halving) == 1:
        others = [tuple(row.get(name) for name in names if name != halving[0]) for row in rows]
        assert set(Counter(others).values()) == {2}


def halves(values: list[str | None]) -> bool:
    counts = Counter(value for value in values if value is not None)
    return len(counts) == 2 and all(2 * count == len(values) for count in counts.values())


def test_no_two_results_look_the_same_in_the_list():
    results = [(value(mark, "category"), value(mark, "labels")) for mark in MARKS]
    assert len(set(results)) == len(results)


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: mark.split('"')[1])
def test_a_caption_says_in_sentences_what_is_seen_and_how_to_read_it(mark):
    path = ROOT / "workflow/rules" / value(mark, "caption")
    text = re.sub(r"{%.*?%}|{{.*?}}", "", path.read_text())
    assert len(text.split()) >= 40
    assert 2 <= len(re.findall(r"\.(?:\s|$)", text.replace("et al.", ""))) <= 3
    publish_string(text, writer="null", settings_overrides={"halt_level": 2, "report_level": 2})


def test_a_caption_is_of_one_result_alone():
    captions = [value(mark, "caption") for mark in MARKS]
    assert len(set(captions)) == len(captions)
