"""The report page, written from the tables of a made-up experiment and read back as HTML."""

import json
import re
import shutil
from importlib.metadata import version
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import yaml
from html_page import Page
from report_files import CELLS, CONFIG, Files

from digits.core.errors import DataError
from digits.evaluation.intervals import wilson
from digits.report.content import fingerprint

BY = "\N{MULTIPLICATION SIGN}"
MINUS = "\N{MINUS SIGN}"
PUBLISHED = "layers,nodes,val_accuracy,kaggle_score\n2,100,0.7412,0.94\n3,200,0.5,0.93\n"
PLOTS = [
    *("results/effects", "results/differences", "results/cost", "results/published"),
    *("results/learning", "errors/reliability", "errors/confusions", "errors/worst"),
    *("errors/common", "data/class_distribution", "data/new_plot", "augmentation"),
]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return Files(tmp_path_factory.mktemp("experiment"), published=PUBLISHED).prepare()


@pytest.fixture(scope="module")
def text(prepared):
    """The page with everything that may be on it."""
    return write_all(prepared)


@pytest.fixture
def page(text):
    return Page(text)


@pytest.fixture
def files(prepared, tmp_path):
    """The experiment, for one test to change."""
    return Files(shutil.copytree(prepared.folder, tmp_path / "copy"), published=PUBLISHED)


def write_all(files):
    graph = files.draw("graph")[0]
    return files.write("--plots", *files.draw(*PLOTS), f"--rule-graph={graph}")


def named(table, column=0):
    """The rows of a table by a column, each as a dictionary by its headings."""
    head, *rows = table
    return {row[column].replace("\xa0", " "): dict(zip(head, row, strict=True)) for row in rows}


def test_the_results_table_shows_each_cell_and_the_ensemble(page):
    rows = named(page.tables["results-table"])
    assert list(rows)[:2] == [f"2 {BY} 100 front", f"2 {BY} 200 best pick front"]
    assert list(rows)[-1].startswith("ensemble")
    row = rows[f"2 {BY} 100 front"]
    assert row["Accuracy (%)"].startswith("75.00")
    assert row["Difference from best (points)"].startswith(f"{MINUS}20.00")
    assert (row["Parameters"], row["Processor time (s)"], row["Epochs"]) == ("200", "10.0", "2")
    assert "Test score" not in row
    best = rows[f"2 {BY} 200 best pick front"]
    assert (best["Difference from best (points)"], best["p, adjusted"]) == ("\N{EN DASH}",) * 2


def test_the_page_opens_with_the_answer_and_the_size_of_the_experiment(page):
    words = page.words().replace("\xa0", " ")
    opening = words.partition("network that classifies digits?")[2].lstrip()
    assert opening.startswith(f"2 {BY} 200 has the highest validation accuracy, 95.00%")
    assert "With one training per cell, interaction cannot be separated from noise" in words
    assert "Trainings 4 Validation images 60 Total training time 4 min 02 s" in words


def test_the_analysis_is_there_in_figures(page):
    tables = page.tables
    pairs = named(tables["pairs-table"])
    assert len(tables["pairs-table"]) == 1 + 6 + 1  # the head, all pairs, the ensemble
    pair = pairs[f"3 {BY} 100"]
    assert pair["Test"] == "McNemar, score"
    assert int(pair["Only second"]) - int(pair["Only first"]) == 12
    effects = [row[:4] for row in tables["effects-table"]]
    assert ["difference of levels", "nodes", f"200 {MINUS} 100", "+20.00"] in effects
    assert [row[0] for row in effects][-1] == "Cochran's Q"
    rows = named(tables["published-table"])
    row = next(row for name, row in rows.items() if name.startswith(f"2 {BY} 100"))
    assert row["Validation accuracy (%)"] == "75.00, published 74.12, difference +0.88"
    assert row["Kaggle score"] == "\N{EN DASH}, published 0.94000"
    noise = [row["95% interval of its difference (points)"] for row in rows.values()]
    assert ["within" in text for text in noise] == [True, False]


def test_every_other_table_holds_its_file(page):
    tables = page.tables
    assert tables["layers-2_nodes-100-classes"][1][4] == "20"
    assert tables["layers-2_nodes-100-epochs"][2] == [
        *("2", "20.0", "20.00", "2.5000", "80.00", "0.2500"),
    ]
    assert tables["summary-table"][1][2:] == ["30", "30.0%", "33.5", "78.0", "0.0", "25.0%"]
    costs = tables["costs-table"]
    assert costs[2] == ["plot_data", "1", "25.0", "25.0%", "\N{EN DASH}", "300"]
    assert costs[3] == ["all", "3", "100.0", "", "70.0", "900"]
    facts = {name: values for name, *values in tables["facts-table"]}
    assert facts["SHA-256"] == ["ab", "cd"]
    assert facts["Copies of an earlier image"] == ["1", "2"]
    assert facts["Also among the training images"] == ["", "3"]
    assert facts["Copies under another label"] == ["4", ""]
    assert tables["versions-table"][1] == ["numpy", "2.3"]
    assert ["statsmodels", version("statsmodels")] in tables["packages-table"]
    assert tables["devices-table"][1] == ["CPU", "4"]
    assert "Their processors: EPYC 1 and EPYC 2." in page.words()


def test_the_most_confident_errors_are_listed_in_a_table(page, prepared):
    head, *rows = page.tables["errors-table"]
    hardest = pd.read_csv(prepared.path("tables/hardest.csv"))
    assert len(rows) == len(hardest[:24])
    found = dict(zip(head, rows[0], strict=True))
    first = next(hardest.itertuples())
    shown = (found["Row"], found["Class"], found["Predicted"], found["Confidence (%)"])
    assert shown == (str(first.row), str(first.label), str(first.predicted), "80.00")
    assert (found["Wrong"], found["Trainings"]) == (str(first.wrong), "4")


def test_the_method_describes_the_configuration(page):
    words = page.words()
    assert "split into 5 folds, stratified by class and shuffled with seed 7" in words
    assert "9 random copies, 3 of each of three kinds" in words
    assert "up to 10% of the sides, rotations up to 36°, zooms up to 15%" in words
    assert "minimised by sgd with learning rate 0.01 in batches of 64" in words
    assert "model_card.md" in words
    assert "Model-2L200N.csv, Model-3L100N.csv, Model-3L200N.csv and Model-ensemble.csv" in words


def test_every_image_is_embedded_and_says_what_it_shows(page):
    images = page.all("img")
    texts = [image["alt"] for image in images]
    assert len(images) == len(PLOTS) + 2 * len(CELLS) + 1
    assert all(image["src"].startswith("data:image/svg+xml;base64,") for image in images)
    assert all((image["width"], image["height"]) == ("96", "48") for image in images)
    assert "Plot of data/class_distribution. Images per class: 0 30; 1 70." in texts
    assert "Plot of data/new_plot." in texts
    learning = next(text for text in texts if "layers-2_nodes-100/learning" in text)
    assert "training accuracy goes from 10.00% to 20.00%" in learning


def test_the_page_is_sound_and_loads_nothing(text, page):
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    links = [attributes["href"] for attributes in page.all("a")]
    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in links} <= set(ids)
    labels = [a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a]
    assert set(labels) <= set(ids)
    assert page.all("html") == [{"lang": "en"}]
    assert [tag for tag, _ in page.elements].count("h1") == 1
    policy = next(a["content"] for a in page.all("meta") if "http-equiv" in a)
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert f"style-src 'sha256-{fingerprint(style)}'" in policy
    assert not [script for script in page.all("script") if script]  # none is loaded
    loaded = [a[name] for _, a in page.elements for name in ("src", "href") if name in a]
    assert all(address.startswith(("#", "data:")) for address in loaded)
    assert not re.search(r"https?:|@import|url\(", re.sub(r"data:[^\"]*", "", text))
    assert all(heading.get("scope") in {"row", "col"} for heading in page.all("th"))
    assert len(page.all("table")) == len(page.all("caption")) == len(page.tables)


def test_headings_never_skip_a_level(page):
    levels = [int(tag[1]) for tag, _ in page.elements if re.match(r"h\d", tag)]
    seen = levels[levels.index(1) :]
    assert all(after - before <= 1 for before, after in pairwise(seen))


def test_the_same_inputs_give_the_same_bytes(text, prepared):
    assert write_all(prepared) == text


def test_texts_of_the_user_are_escaped(files):
    config = CONFIG | {"experiment": "<script>alert(1)</script>", "note": "&amp;"}
    files.path("config.yaml").write_text(yaml.safe_dump(config))
    text = files.write()
    assert "<script>alert" not in text
    assert "Experiment <script>alert(1)</script>" in Page(text).words()
    assert "note: '&amp;'" in Page(text).words()


def test_costs_of_cells_that_were_stacked_otherwise_are_said_not_to_compare(files, page):
    said = "cells differ in how many were stacked (1 to 3)"
    assert "stacked" not in page.words()
    path = files.results.metrics(next(files.design.trials))
    path.write_text(json.dumps(json.loads(path.read_text()) | {"stacked": 3}))
    assert said in Page(files.write()).words()


def test_scores_of_kaggle_stand_beside_the_published_ones_with_their_intervals(files):
    table = pd.read_csv(files.path("tables/results.csv"))
    of_cell = (table["layers"] == 2) & (table["nodes"] == 100)
    table["kaggle_score"] = np.where(of_cell, 0.75, np.nan)
    table.to_csv(files.path("tables/results.csv"), index=False)
    images = json.loads(files.path("submissions/Model-2L100N.json").read_text())["rows"]
    low, high = (f"{end:.5f}" for end in wilson(round(0.75 * images), images))
    page = Page(files.write())
    ours, beside = (
        next(row for name, row in named(page.tables[table]).items() if f"2 {BY} 100" in name)
        for table in ("results-table", "published-table")
    )
    assert ours["Kaggle score"] == f"0.75000{low} to {high}"
    assert beside["Kaggle score"] == (
        f"0.75000, published 0.94000, difference {MINUS}0.19000,"
        f" 95% interval of the score {low} to {high}"
    )
    assert f"95% interval (Wilson) for {images} test images" in page.words()


def test_a_missing_table_or_setting_is_reported_by_name(files):
    files.path("tables/effects.csv").unlink()
    with pytest.raises(DataError, match=r"lacks effects\.csv"):
        files.write()
    files.path("config.yaml").write_text("experiment: tiny\n")
    with pytest.raises(DataError, match=r"config\.yaml: lacks the key dataset"):
        files.write()
