"""Ensemble and errors of a small experiment, recomputed, and Snakemake's report."""

import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import snakemake
from sklearn.metrics import confusion_matrix

CLASSES = [f"p{label}" for label in range(10)]
REPORT = ("index.html", "rulegraph.svg", "jobgraph.svg", "model_card.md", "data_card.md")
TRIALS = [(layers, fold) for layers in (1, 2) for fold in (0, 2)]


def predictions(experiment, layers, fold, part) -> pd.DataFrame:
    cell = experiment.results / "cells" / f"layers-{layers}_nodes-16"
    return pd.read_parquet(cell / f"fold-{fold}_seed-5" / f"{part}.parquet")


@pytest.fixture(scope="module")
def validation(experiment) -> pd.DataFrame:
    """What every trial says of its validation images."""
    tables = [
        predictions(experiment, layers, fold, "validation").assign(layers=layers, fold=fold)
        for layers, fold in TRIALS
    ]
    table = pd.concat(tables, ignore_index=True)
    return table.assign(predicted=table[CLASSES].to_numpy().argmax(axis=1))


def table(experiment, name) -> pd.DataFrame:
    return pd.read_csv(experiment.results / "tables" / f"{name}.csv")


def test_the_ensemble_is_the_mean_of_all_trials_and_scored_as_a_cell_is(experiment):
    means = np.mean(
        [predictions(experiment, *trial, "test")[CLASSES].to_numpy() for trial in TRIALS],
        axis=0,
        dtype=np.float64,
    )
    path = experiment.results / "submissions" / "Model-ensemble.csv"
    submission = pd.read_csv(path)
    np.testing.assert_array_equal(submission["Label"], means.argmax(axis=1))
    score = json.loads(path.with_suffix(".json").read_text())
    expected = (means.argmax(axis=1) == experiment.test_labels).mean()
    assert score == {"rows": 60, "score": pytest.approx(expected)}


def test_calibration_pools_a_cell_over_its_folds(experiment, validation):
    errors = table(experiment, "ece").set_index("model")
    assert errors.index.tolist() == ["1L16N", "2L16N", "ensemble"]
    curves = table(experiment, "calibration").groupby("model")
    for layers, rows in validation.groupby("layers"):
        error = errors.loc[f"{layers}L16N"]
        assert error["predictions"] == len(rows) == 200
        assert error["accuracy"] == (rows["predicted"] == rows["label"]).mean()
        assert error["confidence"] == pytest.approx(rows[CLASSES].max(axis=1).mean())
        assert curves.get_group(f"{layers}L16N")["count"].sum() == 200
    means = validation.groupby("row")[CLASSES].mean().to_numpy()
    labels = validation.groupby("row")["label"].first()
    assert errors.loc["ensemble", "accuracy"] == (means.argmax(axis=1) == labels).mean()


def test_confusions_and_hard_images_are_those_of_the_predictions(experiment, validation):
    pairs = table(experiment, "confused")
    pooled = pairs[pairs["model"] == "all"]
    matrix = confusion_matrix(validation["label"], validation["predicted"])
    found = np.diag(matrix.diagonal())
    found[pooled["label"], pooled["predicted"]] = pooled["count"]
    np.testing.assert_array_equal(found, matrix)
    wrong = validation[validation["predicted"] != validation["label"]].groupby("row")
    hardest = table(experiment, "hardest").set_index("row")
    assert hardest["wrong"].to_dict() == wrong.size().to_dict()
    assert (hardest["trials"] == 2).all()
    assert hardest["confidence"].is_monotonic_decreasing


def test_snakemakes_report_holds_every_result_with_its_caption(experiment, tmp_path):
    path = tmp_path / "report.zip"
    run = snakemake(experiment.folder, "--report", str(path))
    assert run.returncode == 0, run.stdout + run.stderr
    with zipfile.ZipFile(path) as archive:
        page = archive.read("report/report.html").decode()
        held = {Path(name).name for name in archive.namelist()}
    (line,) = re.findall(r"^ *var results = (\{.*\});$", page, re.MULTILINE)
    results = json.loads(line)
    files = {str(Path(name).relative_to("results/small")) for name in results}
    there = {str(file.relative_to(experiment.results)) for file in experiment.results.rglob("*.*")}
    deliverables = ("plots/", "tables/", "submissions/Model-")
    expected = {
        name for name in there if name.startswith(deliverables) and name.endswith((".svg", ".csv"))
    }
    expected |= {"config.yaml", *(f"report/{name}" for name in REPORT)}
    assert files == expected
    assert {Path(name).name for name in files} <= held
    for name, result in results.items():
        assert len(result["caption"].split()) > 40, name
        assert not re.search(r"{[{%]|system-message", result["caption"]), name
        assert all(result["labels"].values()), name
