"""Texts that would like to be more: markup and programs in whatever reaches the page."""

import json
import shutil

import pandas as pd
import pytest
import yaml

from browser.small_report import CONFIG, Experiment, write_page

HOSTILE = (
    """</script><script>window.hit = 1; alert(1)</script>"""
    """<img src=x onerror="window.hit = 2">'"><svg onload=alert(3)>"""
    """</style></title></textarea><!--&lt;b&gt;]]>{{ 7 * 7 }}\u2028"""
)
PLAIN = " ".join(HOSTILE.split())


def change(path, edit):
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))


def poison_metrics(record):
    record["device"] = record["processor"] = record["failed"] = HOSTILE
    record["versions"] = {f"{HOSTILE}{name}": HOSTILE for name in record["versions"]}


def poison_facts(facts):
    for part in ("train", "test"):
        facts[part] |= {"source": HOSTILE, "sha256": HOSTILE, "dtypes": {HOSTILE: HOSTILE}}
    facts["train"]["labels"] = {HOSTILE: 3}


def poison_networks(networks):
    networks["classes"] = [f"{HOSTILE}{label}" for label in networks["classes"]]


@pytest.fixture(scope="module")
def hostile(experiment, tmp_path_factory):
    """The report of an experiment whose every text is hostile."""
    copy = Experiment(tmp_path_factory.mktemp("hostile") / "results")
    shutil.copytree(experiment.results, copy.results)
    change(copy.results / "data/facts.json", poison_facts)
    change(copy.results / "report/networks.json", poison_networks)
    change(copy.trials("metrics.json")[1], poison_metrics)
    # The second cell's training failed, so that the reason is shown.
    values = {"summary": ("label", HOSTILE), "costs": ("rule", HOSTILE)}
    for table, (column, value) in (values | {"results": ("val_accuracy", [0.9, None])}).items():
        path = copy.results / f"tables/{table}.csv"
        pd.read_csv(path).assign(**{column: value}).to_csv(path, index=False)
    names = {"term": HOSTILE, "level": f"{HOSTILE} - {HOSTILE}"}
    path = copy.results / "tables/effects.csv"
    pd.read_csv(path).assign(**names).to_csv(path, index=False)
    config = CONFIG | {"experiment": HOSTILE, HOSTILE: HOSTILE}
    config["training"] = CONFIG["training"] | {"optimizer": HOSTILE, "device": HOSTILE}
    (copy.results / "config.yaml").write_text(yaml.safe_dump(config))
    for path in (copy.results / "plots").rglob("*.svg"):
        text = path.read_text()
        title = "&lt;/script&gt;&lt;img src=x onerror=alert(5)&gt;&quot; onload=&quot;alert(6)"
        start, end = text.index("<title>") + 7, text.index("</title>")
        evil = "<script>window.hit = 7</script></svg>"
        path.write_text(text[:start] + title + text[end:].replace("</svg>", evil, 1))
    return write_page(copy, copy.results / "report/index.html")


def test_nothing_in_the_page_runs_and_everything_is_shown_literally(visit, hostile):
    opened = visit(hostile)
    page = opened.page
    page.wait_for_load_state("networkidle")
    page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    page.locator("#images button").first.click()
    for button in page.locator(".sortable thead button").all():
        button.click()
    page.wait_for_timeout(1000)  # what is said aloud comes late
    assert page.evaluate("window.hit") is None
    assert opened.messages == []
    assert [url for url in opened.requests if not url.startswith("data:")] == [hostile.as_uri()]
    assert page.locator("[onerror], [onload], img[src=x]").count() == 0
    assert page.locator("h1").inner_text() == f"Experiment {HOSTILE}"
    assert PLAIN in " ".join(page.title().split())
    words = " ".join(page.locator("body").inner_text().split())
    # Class labels, the failure, the source, versions, the configuration and more.
    assert words.count(PLAIN) > 20
    method = " ".join(page.locator("#method").inner_text().split())
    assert f"minimised by {PLAIN} with learning rate" in method
    effect = page.locator("#effects-table + thead + tbody td").first.inner_text()
    assert " ".join(effect.split()) == PLAIN


def test_every_class_of_the_networks_is_a_text(visit, hostile):
    page = visit(hostile).page
    page.locator("#images button").first.click()
    heading = " ".join(page.locator(".probabilities thead th").nth(2).inner_text().split())
    assert heading.startswith(PLAIN)
    assert PLAIN in " ".join(page.locator("#truth").inner_text().split())
    assert PLAIN in " ".join(page.locator(".probabilities td.text").first.inner_text().split())


INJECTED = {
    "a script": "<script>window.hit = 1</script>",
    "a handler": '<img src="data:," onerror="window.hit = 1">',
    "a script from elsewhere": '<script src="https://example.org/x.js"></script>',
    "a script as data": '<script src="data:text/javascript,window.hit=1"></script>',
    "a frame": '<iframe srcdoc="<script>parent.hit = 1</script>"></iframe>',
}


@pytest.mark.parametrize("injected", INJECTED)
def test_the_policy_stops_what_is_injected_all_the_same(visit, report, tmp_path, injected):
    text = report.read_text(encoding="utf-8")
    path = tmp_path / "injected.html"
    path.write_text(text.replace("<main>", f"<main>{INJECTED[injected]}", 1), encoding="utf-8")
    opened = visit(path)
    opened.page.wait_for_load_state("networkidle")
    assert opened.page.evaluate("window.hit") is None
    assert any("Content Security Policy" in message for message in opened.messages)
    assert opened.page.locator("#try-on").is_visible()  # the page's own programs ran


def test_the_same_injection_would_run_without_the_policy(visit, report, tmp_path):
    text = report.read_text(encoding="utf-8")
    start = text.index('<meta http-equiv="Content-Security-Policy"')
    text = text[:start] + text[text.index(">", start) + 1 :]
    path = tmp_path / "open.html"
    path.write_text(text.replace("<main>", f"<main>{INJECTED['a script']}", 1), encoding="utf-8")
    assert visit(path).page.evaluate("window.hit") == 1


def test_the_page_s_own_programs_cannot_end_their_element(report):
    text = report.read_text(encoding="utf-8")
    programs = text.split("<script>")[1:]
    assert len(programs) == 4
    for program in programs:
        own = program[: program.index("</script>")]
        assert own.startswith('"use strict";')
        assert own.endswith("})();\n")
        assert "<!--" not in own
