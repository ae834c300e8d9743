"""The content of the report page, as plain data."""

import base64
import math
import statistics

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digits.core import formatting
from digits.core.design import Design
from digits.core.errors import DataError
from digits.core.results_folder import ResultsFolder
from digits.evaluation.summaries import (
    class_rows,
    devices,
    failures,
    processors,
    uneven_stacks,
    value,
    versions,
)
from digits.report import pictures
from digits.report.content import render_page
from digits.report.costs import cost_rows
from digits.report.results import epoch_rows, known_measures, result_rows

SVG = '<svg xmlns="http://www.w3.org/2000/svg" {size}><title>A\n line</title></svg>'


DESIGN = Design({"layers": (2, 3, 5), "nodes": (100, 200)})


def results(*rows, **more):
    columns = ["layers", "nodes", "fold", "seed", "val_accuracy"]
    return pd.DataFrame(rows, columns=columns).assign(training_seconds=10.0, **more)


ONE_EACH = results((2, 100, 0, 1, 0.90), (2, 200, 0, 1, 0.95), (5, 100, 0, 1, 0.93))
PUBLISHED = pd.DataFrame({"layers": [2], "nodes": [200], "val_accuracy": [0.96]})


def rows_of(table, published=None):
    return result_rows(table, published, known_measures(table, published), DESIGN)


def test_a_cell_of_several_trials_has_mean_and_sample_deviation():
    accuracies = [0.91, 0.94, 0.98]
    table = results(*((2, 100, fold, 1, a) for fold, a in enumerate(accuracies)))
    (row,) = rows_of(table)
    assert row["trials"] == 3
    assert row["values"]["val_accuracy"]["mean"] == pytest.approx(statistics.mean(accuracies))
    assert row["values"]["val_accuracy"]["sd"] == pytest.approx(statistics.stdev(accuracies))


def test_a_figure_of_the_whole_cell_has_no_deviation():
    table = results((2, 100, 0, 1, 0.9), (2, 100, 1, 1, 0.8), score=0.7)
    assert rows_of(table)[0]["values"]["score"]["sd"] is None
    assert rows_of(table)[0]["values"]["score"]["mean"] == 0.7


def test_only_cells_that_were_published_have_published_figures():
    figures = [row["values"]["val_accuracy"] for row in rows_of(ONE_EACH, PUBLISHED)]
    assert [figure["published"] for figure in figures] == [None, 0.96, None]
    assert figures[1]["difference"] == pytest.approx(0.95 - 0.96)


def test_measures_known_nowhere_are_left_out():
    unscored = ONE_EACH.assign(score=math.nan)
    assert [measure.name for measure in known_measures(unscored, None)] == [
        "training_seconds",
        "val_accuracy",
    ]
    empty = PUBLISHED.assign(kaggle_score=math.nan)
    assert "kaggle_score" not in [m.name for m in known_measures(unscored, empty)]


def test_a_published_measure_that_was_not_measured_here_is_shown():
    figures = rows_of(ONE_EACH, PUBLISHED.assign(kaggle_score=0.5))[1]["values"]
    assert figures["kaggle_score"] == {
        "mean": None,
        "sd": None,
        "published": 0.5,
        "difference": None,
        "digits": 5,
        "scale": 1,
    }


def test_figures_per_class_are_means_and_images_are_summed():
    trials = pd.DataFrame({"label": [0, 1, 0, 1], "precision": [0.5, 1, 0.7, 1], "support": 4})
    first, second = class_rows(trials.assign(recall=0.5, f1=0.5))
    assert (first["label"], second["label"]) == (0, 1)
    assert first["precision"]["mean"] == pytest.approx(0.6)
    assert first["precision"]["sd"] == pytest.approx(statistics.stdev([0.5, 0.7]))
    assert first["support"] == 8


def test_an_epoch_is_the_mean_over_the_trials_that_ran_it():
    history = pd.DataFrame({"epoch": [1, 2, 1], "seconds": [1.0, 3.0, 2.0]})
    history = history.assign(accuracy=0.5, loss=1.0, val_accuracy=0.5, val_loss=math.nan)
    first, second = epoch_rows(history)
    assert (first["epoch"], first["seconds"], second["seconds"]) == (1, 1.5, 3.0)
    assert first["val_loss"] is None


def test_costs_have_shares_and_totals():
    table = pd.DataFrame({"rule": ["a", "b"], "jobs": [1, 6], "seconds": [25.0, 75.0]})
    costs = cost_rows(table.assign(cpu_seconds=[math.nan, 2.0], max_rss_mb=[300.0, 200.0]))
    assert [rule["share"] for rule in costs["rules"]] == ["25.0%", "75.0%"]
    assert costs["rules"][0]["cpu_seconds"] is None
    assert costs["total"] == {"jobs": 7, "seconds": 100.0, "cpu_seconds": 2.0, "max_rss_mb": 300.0}


def test_a_share_of_the_time_that_is_tiny_is_not_written_as_none_of_it():
    table = pd.DataFrame({"rule": ["a", "b"], "jobs": 1, "seconds": [0.2, 1000.0]})
    costs = cost_rows(table.assign(cpu_seconds=math.nan, max_rss_mb=math.nan))
    assert [rule["share"] for rule in costs["rules"]] == ["< 0.1%", "100.0%"]
    assert (costs["total"]["cpu_seconds"], costs["total"]["max_rss_mb"]) == (None, None)


def test_versions_and_devices_are_gathered_over_trainings():
    metrics = [
        {"device": "GPU", "versions": {"numpy": "2", "keras": "3"}},
        {"device": "CPU", "versions": {"numpy": "1", "keras": "3"}},
        {"device": "GPU", "versions": {"numpy": "2", "keras": "3"}},
    ]
    assert versions(metrics) == [
        {"package": "keras", "versions": ["3"]},
        {"package": "numpy", "versions": ["1", "2"]},
    ]
    assert devices(metrics) == [
        {"device": "CPU", "trainings": 1},
        {"device": "GPU", "trainings": 2},
    ]


def test_processors_are_those_that_the_trainings_recorded():
    records = [{"processor": "EPYC"}, {"processor": "Xeon"}, {"processor": "EPYC"}, {}]
    assert processors(records) == ["EPYC", "Xeon"]


@pytest.mark.parametrize(
    ("stacked", "expected"),
    [
        ([1, 1, 1, 1], []),
        ([5, 1, 5, 1], []),  # a seed was added to each cell
        ([5, 1, 6, 6], [1, 5, 6]),
        ([None, None, 3, 3], [1, 3]),  # trained before it was recorded
    ],
)
def test_cells_whose_networks_were_stacked_in_other_numbers_are_found(stacked, expected):
    design = Design({"layers": (2,), "nodes": (3, 4)}, seeds=(1, 2))
    metrics = [
        dict(zip(design.trial_columns, trial, strict=True)) | ({"stacked": size} if size else {})
        for trial, size in zip(design.trials, stacked, strict=True)
    ]
    assert uneven_stacks(metrics, design) == expected


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_difference_is_what_was_measured_less_what_was_published(here, there):
    found = value(pd.Series([here]), there)
    assert found["difference"] == here - there
    assert found["sd"] is None


@given(st.floats(-1e9, 1e9), st.integers(0, 5))
def test_a_written_number_reads_back_as_itself_rounded(number, digits):
    written = formatting.fixed(number, digits).replace(",", "").replace(formatting.MINUS, "-")
    # Beside half a digit, what a float of this size cannot tell apart.
    allowed = 0.5001 * 10**-digits + 1e-15 * abs(number)
    assert float(written) == pytest.approx(number, abs=allowed)
    assert not written.startswith("-0.0" + "0" * (digits - 1)) or float(written) != 0


@pytest.mark.parametrize(
    ("number", "written"),
    [(0.00124, "+0.0012"), (-0.0003, "\N{MINUS SIGN}0.0003"), (-0.00001, "±0.0000")],
)
def test_differences_carry_their_sign(number, written):
    assert formatting.signed(number, 4) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0.4, "0 s"), (59.6, "1 min 00 s"), (1179, "19 min 39 s"), (7501, "2 h 05 min")],
)
def test_durations_are_written_for_reading(seconds, written):
    assert formatting.duration(seconds) == written


def test_lists_and_counts_are_written_in_words():
    assert [formatting.listing(items) for items in ([], [2], [2, 3], [2, 3, 5])] == [
        "",
        "2",
        "2 and 3",
        "2, 3 and 5",
    ]
    assert formatting.between((1, 1), "trial", "trials") == "1 trial"
    assert formatting.between((1, 1200), "trial", "trials") == "1 to 1,200 trials"


@pytest.mark.parametrize(
    ("size", "pixels"),
    [
        ('width="72pt" height="36pt"', (96, 48)),
        ('width="7.5px" height="20"', (8, 20)),
        ('width="100%" viewBox="0 0 30 40"', (30, 40)),
    ],
)
def test_a_picture_keeps_its_size_title_and_bytes(tmp_path, size, pixels):
    path = tmp_path / "plot.svg"
    path.write_text(SVG.format(size=size))
    picture = pictures.read_picture(path)
    assert (picture.width, picture.height) == pixels
    assert picture.title == "A line"
    kind, _, data = picture.uri.partition(",")
    assert kind == "data:image/svg+xml;base64"
    assert base64.b64decode(data) == path.read_bytes()


@pytest.mark.parametrize("text", ["<html/>", SVG.format(size="")])
def test_what_is_no_drawing_is_refused(tmp_path, text):
    path = tmp_path / "plot.svg"
    path.write_text(text)
    with pytest.raises(DataError, match=r"plot\.svg: expected an SVG drawing"):
        pictures.read_picture(path)


def test_cell_pictures_are_those_of_the_given_cells(tmp_path):
    folder = ResultsFolder(tmp_path, DESIGN)
    for name in ("learning", "confusion"):
        path = folder.cell_plot((5, 200), name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SVG.format(size='width="1" height="1"'))
    found = pictures.read_cell_pictures(folder, [(5, 200)])
    assert {cell: set(names) for cell, names in found.items()} == {
        (5, 200): {"learning", "confusion"}
    }
    with pytest.raises(DataError, match=r"layers-2_nodes-100/learning\.svg"):
        pictures.read_cell_pictures(folder, [(2, 100)])


def test_a_template_cannot_use_what_is_not_there_and_escapes_what_is(tmp_path):
    template = tmp_path / "page.j2"
    template.write_text("{{ name }}")
    assert render_page(template, {"name": "<b>"}) == "&lt;b&gt;"
    with pytest.raises(Exception, match="'name' is undefined"):
        render_page(template, {})


NAN = math.nan


def test_failures_are_grouped_by_cell_with_their_messages():
    table = results((2, 100, 0, 1, NAN), (2, 100, 1, 1, 0.9), (3, 100, 0, 7, NAN))
    trial = {"layers": 2, "nodes": 100, "fold": 0, "seed": 1}
    metrics = [trial | {"failed": "epoch 3: nan"}, trial | {"fold": 1}]
    assert failures(table, metrics, DESIGN) == {
        (2, 100): [{"fold": 0, "seed": 1, "message": "epoch 3: nan"}],
        (3, 100): [{"fold": 0, "seed": 7, "message": "no reason is known"}],
    }
    assert failures(ONE_EACH, [], DESIGN) == {}


def test_a_trial_that_failed_has_no_part_in_its_cells_figures():
    table = results((2, 100, 0, 1, NAN), (2, 100, 1, 1, 0.9), (2, 100, 2, 1, 0.8))
    table = table.assign(score=[NAN, 0.7, 0.7], cpu_seconds=[100.0, 2.0, 4.0])
    (row,) = rows_of(table)
    assert row["trials"] == 2
    assert row["values"]["val_accuracy"]["mean"] == pytest.approx(0.85)
    assert row["values"]["cpu_seconds"]["mean"] == 3.0
    assert row["values"]["score"]["mean"] == 0.7
