"""Every output of a small experiment, by its content; then nothing is left to run."""

import hashlib
import html
import json
import re
import zipfile
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from conftest import CONFIG, snakemake
from reruns import NOTHING, planned
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support
from sklearn.model_selection import StratifiedKFold
from snakemake.persistence import PersistenceBase

TRIALS = [(layers, 16, fold, 5) for layers in (1, 2) for fold in (0, 2)]
CELLS = [(1, 16), (2, 16)]


def trial_folder(experiment, layers, nodes, fold, seed):
    cell = experiment.results / "cells" / f"layers-{layers}_nodes-{nodes}"
    return cell / f"fold-{fold}_seed-{seed}"


def images_of(path, shape=(8, 8)):
    table = pq.read_table(path)
    pixels = np.frombuffer(b"".join(table["image"].to_pylist()), np.uint8)
    return table, pixels.reshape(-1, *shape)


def probabilities(path):
    table = pd.read_parquet(path)
    return table, table[[f"p{label}" for label in range(10)]].to_numpy()


def test_parquet_holds_the_raw_rows(experiment):
    table, images = images_of(experiment.results / "data" / "train.parquet")
    assert table.column_names == ["label", "image"]
    np.testing.assert_array_equal(images, experiment.images)
    np.testing.assert_array_equal(table["label"], experiment.labels)
    table, images = images_of(experiment.results / "data" / "test.parquet")
    assert table.column_names == ["image"]
    np.testing.assert_array_equal(images, experiment.test_images)


def test_facts_and_summary_describe_the_raw_files(experiment):
    facts = json.loads((experiment.results / "data" / "facts.json").read_text())
    with zipfile.ZipFile(experiment.folder / "data/raw/digits.zip") as archive:
        raw = archive.read("train.csv")
    assert facts["train"]["sha256"] == hashlib.sha256(raw).hexdigest()
    assert (facts["train"]["rows"], facts["train"]["columns"]) == (300, 65)
    assert (facts["test"]["rows"], facts["test"]["columns"]) == (60, 64)
    counts = {str(label): int(n) for label, n in enumerate(np.bincount(experiment.labels))}
    assert facts["train"]["labels"] == counts
    summary = pd.read_csv(experiment.results / "tables" / "summary.csv")
    whole = summary[(summary["part"] == "train") & (summary["label"] == "all")].iloc[0]
    assert whole["images"] == 300
    assert whole["mean"] == pytest.approx(experiment.images.mean(), abs=0.01)


@pytest.mark.parametrize("fold", [0, 2])
def test_folds_are_scikit_learns_and_tensors_start_with_them(experiment, fold):
    splitter = StratifiedKFold(3, shuffle=True, random_state=7)
    train, validation = list(splitter.split(experiment.images, experiment.labels))[fold]
    folder = experiment.results / "folds" / f"fold-{fold}"
    table, images = images_of(folder / "validation.parquet")
    np.testing.assert_array_equal(table["row"], validation)
    np.testing.assert_array_equal(images, experiment.images[validation])
    table, images = images_of(folder / "train.parquet")
    np.testing.assert_array_equal(table["row"], train)
    with np.load(experiment.results / "tensors" / f"fold-{fold}.npz") as tensor:
        assert tensor["images"].shape == (4 * len(train), 8, 8)
        np.testing.assert_array_equal(tensor["images"][: len(train)], images)
        np.testing.assert_array_equal(tensor["labels"], np.tile(table["label"], 4))
        assert (tensor["images"][len(train) : 2 * len(train)] != images).any()
    check = json.loads((folder / "check.json").read_text())
    assert check == {"train": len(train), "validation": len(validation), "tensor": 4 * len(train)}


@pytest.mark.parametrize("trial", TRIALS)
def test_a_trial_is_consistent_with_itself(experiment, trial):
    folder = trial_folder(experiment, *trial)
    metrics = json.loads((folder / "metrics.json").read_text())
    history = pd.read_csv(folder / "history.csv")
    assert history["epoch"].tolist() == list(range(1, 13))
    last, best = history.iloc[-1], history.loc[history["val_loss"].idxmin()]
    assert metrics["val_accuracy"] == last["val_accuracy"]
    assert metrics["best_epoch"] == best["epoch"]
    assert metrics["training_seconds"] == pytest.approx(history["seconds"].sum(), abs=1e-3)
    layers, nodes = trial[:2]
    assert (
        metrics["parameters"] == 65 * nodes + (layers - 1) * (nodes + 1) * nodes + (nodes + 1) * 10
    )
    # The kept weights are those of the best epoch, and training did learn.
    table, validation = probabilities(folder / "validation.parquet")
    accuracy = (validation.argmax(axis=1) == table["label"]).mean()
    assert accuracy == pytest.approx(best["val_accuracy"], abs=1e-6)
    assert accuracy > 0.5
    np.testing.assert_allclose(validation.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(table["label"], experiment.labels[table["row"]])
    table, test = probabilities(folder / "test.parquet")
    assert table["ImageId"].tolist() == list(range(1, 61))
    assert (test.argmax(axis=1) == experiment.test_labels).mean() > 0.5


def test_a_training_logs_a_line_per_epoch_and_the_run_prints_one_when_it_ends(experiment):
    line = re.compile(
        r"2 x 16, fold 2, seed 5 \| epoch 12/12 \| loss [\d.]+, accuracy [\d.]+"
        r" \| validation [\d.]+, [\d.]+ \| [\d,]+ images/s \| \d+:\d\d left"
    )
    assert "epoch 12/12" not in experiment.output
    ended = r"^2 \S 16, fold 2, seed 5: [\d.]+% validation accuracy after 12 epochs, \d+ s$"
    assert len(re.findall(ended, experiment.output, re.MULTILINE)) == 1
    log = experiment.results / "logs/train_cell/layers-2_nodes-16.log"
    assert line.search(log.read_text())
    # Of the trials of two folds, each with a line about its images.
    assert len(log.read_text().splitlines()) == 2 * (1 + 12)


def test_no_more_trainings_run_side_by_side_than_there_are_cores(experiment):
    # Twice as many cores were offered as there are: each training claims two of them.
    jobs = re.findall(r"rule train_cell:\n(?: {4}.*\n)+", experiment.log)
    assert len(jobs) == 2
    assert all("threads: 2" in job for job in jobs)


def test_no_tensor_waits_for_a_training_to_end(experiment):
    # One that claimed two cores would find only one free until then, where there are two.
    jobs = re.findall(r"rule augment_fold:\n(?: {4}.*\n)+", experiment.log)
    assert len(jobs) > 1
    assert not any("threads:" in job for job in jobs)


@pytest.mark.parametrize("cell", CELLS)
def test_submission_is_the_vote_of_the_cells_trials(experiment, cell):
    layers, nodes = cell
    predictions = [
        probabilities(trial_folder(experiment, *trial) / "test.parquet")[1]
        for trial in TRIALS
        if trial[:2] == cell
    ]
    assert len(predictions) == 2
    path = experiment.results / "submissions" / f"Model-{layers}L{nodes}N.csv"
    submission = pd.read_csv(path)
    assert submission.columns.tolist() == ["ImageId", "Label"]
    assert submission["ImageId"].tolist() == list(range(1, 61))
    np.testing.assert_array_equal(submission["Label"], np.mean(predictions, axis=0).argmax(axis=1))
    score = json.loads(path.with_suffix(".json").read_text())
    assert score["rows"] == 60
    assert score["score"] == pytest.approx((submission["Label"] == experiment.test_labels).mean())


def test_tables_gather_the_trials(experiment):
    results = pd.read_csv(experiment.results / "tables" / "results.csv")
    assert ",".join(results.columns) == (
        "layers,nodes,fold,seed,epochs,training_seconds,cpu_seconds,accuracy,val_accuracy,"
        "val_loss,best_epoch,best_val_accuracy,parameters,images_per_second,device,score,"
        "kaggle_score"
    )
    keys = ["layers", "nodes", "fold", "seed"]
    assert list(results[keys].itertuples(index=False, name=None)) == TRIALS
    history = pd.read_csv(experiment.results / "tables" / "history.csv")
    classes = pd.read_csv(experiment.results / "tables" / "classes.csv")
    confusion = pd.read_csv(experiment.results / "tables" / "confusion.csv")
    for row, trial in zip(results.itertuples(), TRIALS, strict=True):
        folder = trial_folder(experiment, *trial)
        metrics = json.loads((folder / "metrics.json").read_text())
        assert row.val_loss == metrics["val_loss"]
        layers, nodes = trial[:2]
        score = experiment.results / "submissions" / f"Model-{layers}L{nodes}N.json"
        assert row.score == json.loads(score.read_text())["score"]
        assert np.isnan(row.kaggle_score)
        part = history[(history[keys] == list(trial)).all(axis=1)].drop(columns=keys)
        pd.testing.assert_frame_equal(
            part.reset_index(drop=True), pd.read_csv(folder / "history.csv")
        )
        table, validation = probabilities(folder / "validation.parquet")
        predicted = validation.argmax(axis=1)
        counts = confusion[(confusion[keys] == list(trial)).all(axis=1)]["count"]
        np.testing.assert_array_equal(
            counts.to_numpy().reshape(10, 10), confusion_matrix(table["label"], predicted)
        )
        expected = precision_recall_fscore_support(table["label"], predicted, zero_division=0)
        part = classes[(classes[keys] == list(trial)).all(axis=1)]
        np.testing.assert_allclose(
            part[["precision", "recall", "f1", "support"]].to_numpy().T, expected
        )


def test_costs_name_every_rule_that_worked(experiment):
    costs = pd.read_csv(experiment.results / "tables" / "costs.csv").set_index("rule")
    assert costs.loc["train_cell", "jobs"] == 2
    assert costs.loc["augment_fold", "jobs"] == 2
    assert (costs["seconds"] > 0).all()
    ran = set(re.findall(r"rule (\w+):\n    (?:input|output)", experiment.log))
    # The last two gather the costs of the others.
    assert ran - set(costs.index) == {
        "all",
        "tabulate_costs",
        "write_report",
        "check_trials",
    }


def test_every_plot_is_an_svg_that_says_what_it_shows(experiment):
    plots = sorted((experiment.results / "plots").rglob("*.svg"))
    assert [str(path.relative_to(experiment.results / "plots")) for path in plots] == [
        "augmentation.svg",
        *(
            f"cells/layers-{n}_nodes-16/{plot}.svg"
            for n in (1, 2)
            for plot in ("confusion", "learning")
        ),
        *(
            f"data/{plot}.svg"
            for plot in ("class_distribution", "mean_digits", "pixel_correlation", "sample_digits")
        ),
        *(f"errors/{plot}.svg" for plot in ("common", "confusions", "reliability", "worst")),
        *(
            f"results/{plot}.svg"
            for plot in ("accuracy", "cost", "differences", "effects", "learning", "published")
        ),
    ]
    for path in plots:
        root = ElementTree.parse(path).getroot()
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert len(root.find("{http://www.w3.org/2000/svg}title").text) > 10


def test_graphs_show_all_rules_and_all_jobs(experiment):
    namespace = "{http://www.w3.org/2000/svg}"

    def labels(name):
        root = ElementTree.parse(experiment.results / "report" / name).getroot()
        nodes = (g for g in root.iter(f"{namespace}g") if g.get("class") == "node")
        return [node.find(f"{namespace}text").text for node in nodes]

    rules, jobs = labels("rulegraph.svg"), labels("jobgraph.svg")
    assert len(rules) == len(set(rules)) == len(set(jobs))
    assert jobs.count("train_cell") == 2


def test_resolved_configuration_is_written_down(experiment):
    written = yaml.safe_load((experiment.results / "config.yaml").read_text())
    for section, value in CONFIG.items():
        if isinstance(value, dict):
            assert written[section].items() >= value.items()
        else:
            assert written[section] == value
    assert written["training"]["dropout"] == 0.2
    assert written["dataset"]["classes"] == 10


def test_report_shows_the_results_beside_the_published_ones(experiment):
    page = (experiment.results / "report" / "index.html").read_text()
    text = html.unescape(re.sub(r"<[^>]+>", " ", page.split("<body", 1)[1]))
    results = pd.read_csv(experiment.results / "tables" / "results.csv")
    for layers, published in ((1, 0.6125), (2, 0.6375)):
        mean = results.loc[results["layers"] == layers, "val_accuracy"].mean()
        assert f"{100 * mean:.2f}" in text
        assert f"{100 * published:.2f}" in text
    # All plots but the accuracies by layers and nodes, which the effects show too, and the rules.
    assert page.count("<img") == len(list((experiment.results / "plots").rglob("*.svg")))
    assert not re.findall(r"""(?:src|href)=["'](?!data:|#)""", page)


def test_params_are_compared_without_pandas(experiment, monkeypatch):
    def refuse(*_):
        raise AssertionError("pandas is imported")

    monkeypatch.setattr(PersistenceBase, "_serialize_param_pandas", refuse)
    assert planned(experiment.folder) == NOTHING


def test_nothing_is_left_to_be_done(experiment):
    run = snakemake(experiment.folder, "--dry-run")
    assert run.returncode == 0
    assert "Nothing to be done" in run.stdout + run.stderr
