"""Snakemake's own report: every result has a category, labels and a caption that explains it."""

import ast
import re
from collections import Counter
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docutils.core import publish_string
from rule_files import BODIES, section

ROOT = Path(__file__).parents[2]
MARK = re.compile(r"\b(?:result|plots_of_cells)\(")


@dataclass(frozen=True)
class Mark:
    """A result as the rules mark it for Snakemake's report."""

    path: str
    caption: str
    category: str
    given: Any

    @property
    def labels(self) -> dict[str, str]:
        return self.given(None) if callable(self.given) else self.given


def marks() -> list[Mark]:
    """Read the marks from the outputs of the rules, with the helper and constants of common.smk."""
    common = ast.parse((ROOT / "workflow/rules/common.smk").read_text())
    needed = [
        node
        for node in common.body
        if (isinstance(node, ast.FunctionDef) and node.name == "result")
        or (isinstance(node, ast.Assign) and not any(map(is_name, ast.walk(node.value))))
    ]
    found: list[Mark] = []
    names = {"Path": Path, "PUBLISHED": True, "ALL_CELLS": {"layers": "all"}}
    names["levels_of"] = lambda cell: {"layers": "{layers}", "nodes": "{nodes}"}
    names["DESIGN"] = SimpleNamespace(models={"{model}": None})
    names["plots_of_cells"] = lambda name, shows: names["result"](
        f"<plots>/cells/{{cell}}/{name}.svg",
        names["CELLS"],
        names["levels_of"](None) | {"plot": shows},
    )
    names["report"] = lambda *args, **labels: found.append(Mark(*args, *labels.values()))
    exec(compile(ast.Module(needed, []), "common.smk", "exec"), names)
    for text in (section(name, "output") for name in BODIES):
        if MARK.search(text):
            eval(f"dict({text})", names)
    return found


def is_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Name)


MARKS = marks()
CATEGORIES = [
    *("1 Results", "2 Analysis", "3 Cells", "4 Errors"),
    *("5 Submissions", "6 Data", "7 Provenance"),
]
"""Snakemake lists them alphabetically; the numbers make that the order of reading."""


def test_every_mark_is_found_and_every_category_used():
    assert len(MARKS) == sum(len(MARK.findall(body)) for body in BODIES.values()) > 20
    assert sorted({mark.category for mark in MARKS}) == CATEGORIES


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: mark.path)
def test_a_result_is_labelled_by_what_tells_it_from_others(mark):
    if re.search("{cell}|{model}", mark.path):
        assert (mark.labels["layers"], mark.labels["nodes"]) == ("{layers}", "{nodes}")
    elif "submissions" not in mark.path:
        # The first label is a column by itself: pages and files, plots and tables stand together.
        assert list(mark.labels) == ["kind", "shows"]
        kind = {".svg": "plot", ".csv": "table", ".html": "page", ".md": "text", ".yaml": "file"}
        assert mark.labels["kind"] == kind[Path(mark.path).suffix]


def listed(category: str, layers: range, nodes: range) -> list[dict[str, str]]:
    """The labels of all results of a category, for a design."""
    rows = []
    for labels in [mark.labels for mark in MARKS if mark.category == category]:
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
    results = [(mark.category, *mark.labels.items()) for mark in MARKS]
    assert len(set(results)) == len(results)


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: mark.path)
def test_a_caption_says_in_sentences_what_is_seen_and_how_to_read_it(mark):
    path = ROOT / "workflow/rules" / mark.caption
    text = re.sub(r"{%.*?%}|{{.*?}}", "", path.read_text())
    assert len(text.split()) >= 40
    assert 2 <= len(re.findall(r"\.(?:\s|$)", text.replace("et al.", ""))) <= 3
    publish_string(text, writer="null", settings_overrides={"halt_level": 2, "report_level": 2})


def test_a_caption_is_of_one_result_alone():
    captions = [mark.caption for mark in MARKS]
    assert len(set(captions)) == len(captions)
